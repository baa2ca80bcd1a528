<?php
/**
 * Removes everything that this plugin has stored, on every site: its tables, its options, the user of the daemon and its
 * key. The shop's own data was never ours.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

require_once __DIR__ . '/includes/connection.php';
require_once __DIR__ . '/includes/schema.php';
require_once __DIR__ . '/includes/account.php';

/**
 * Remove what the site at hand has of us.
 */
function leave_site(): void {
	Account::remove();
	Schema::remove();
	foreach ( array( 'connection', 'site', 'breaker' ) as $option ) {
		delete_option( 'tillbridge_' . $option );
	}
	delete_notes();
}

/**
 * Remove notes of the page that nobody has come back to read. They have a name for each user.
 */
function delete_notes(): void {
	global $wpdb;
	$names = array();
	foreach ( array( '_transient_', '_transient_timeout_' ) as $kind ) {
		$sql   = "SELECT option_name FROM {$wpdb->options} WHERE option_name LIKE %s";
		$names = array_merge( $names, $wpdb->get_col( $wpdb->prepare( $sql, $wpdb->esc_like( $kind . 'tillbridge_' ) . '%' ) ) ); // phpcs:ignore WordPress.DB
	}
	array_map( 'delete_option', $names );
}

if ( ! is_multisite() ) {
	leave_site();
} else {
	$query = array(
		'fields' => 'ids',
		'number' => 0,
	);
	foreach ( get_sites( $query ) as $site_id ) {
		switch_to_blog( (int) $site_id );
		leave_site();
		restore_current_blog();
	}
}
