<?php
/**
 * Removes everything that this plugin has stored: its tables and its options. The shop's own data was never ours.
 *
 * @package Tillbridge
 */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

global $wpdb;
foreach ( array( 'outbox', 'keys', 'nonces' ) as $tillbridge_table ) {
	$wpdb->query( "DROP TABLE IF EXISTS {$wpdb->prefix}tillbridge_{$tillbridge_table}" ); // phpcs:ignore WordPress.DB
}
foreach ( array( 'schema', 'incarnation', 'connection', 'breaker' ) as $tillbridge_option ) {
	delete_option( 'tillbridge_' . $tillbridge_option );
}
