<?php
/**
 * Installs WordPress into the database that wp-config.php beside it names, and switches the plugins on; run once by the
 * rig, on the command line. The arguments: the site's folder, its address, the password of `admin`.
 *
 * @package Tillbridge
 */

list( , $site, $address, $password ) = $argv;

$_SERVER['HTTP_HOST']       = wp_host_of( $address );
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
$_SERVER['REQUEST_URI']     = '/';
define( 'WP_INSTALLING', true );
require_once $site . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
require_once ABSPATH . 'wp-admin/includes/plugin.php';

wp_install( 'Shop', 'admin', 'admin@example.com', true, '', $password );
update_option( 'home', $address );
update_option( 'siteurl', $address );
update_option( 'permalink_structure', '/%postname%/' );
update_option( 'template', 'shop' );
update_option( 'stylesheet', 'shop' );
foreach ( array( 'woocommerce/woocommerce.php', 'tillbridge/tillbridge.php' ) as $plugin ) {
	$problem = activate_plugin( $plugin );
	if ( is_wp_error( $problem ) ) {
		fwrite( STDERR, "$plugin: {$problem->get_error_message()}\n" );
		exit( 1 );
	}
	do_action( 'plugins_loaded' );
}
flush_rewrite_rules();

/**
 * Host and port of an address.
 *
 * @param string $address The address.
 */
function wp_host_of( string $address ): string {
	return (string) preg_replace( '#^https?://#', '', $address );
}

/**
 * No sample posts.
 *
 * @param int $user_id Who would have written them.
 */
function wp_install_defaults( $user_id ): void {
}

/**
 * No mail.
 *
 * @param string $title    The site.
 * @param string $address  Where it is.
 * @param int    $user_id  The administrator.
 * @param string $password Its password.
 */
function wp_new_blog_notification( $title, $address, $user_id, $password ): void {
}
