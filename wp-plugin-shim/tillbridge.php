<?php
/**
 * Plugin Name:          Tillbridge
 * Description:          Tells the Tillbridge daemon beside this shop about every movement of stock, and lets it move stock exactly once.
 * Version:              0.1.0
 * Requires at least:    6.1
 * Requires PHP:         7.4
 * Requires Plugins:     woocommerce
 * WC requires at least: 7.7
 * WC tested up to:      11.0
 * Author:               Tillbridge
 * License:              GPL-2.0-or-later
 * License URI:          https://www.gnu.org/licenses/gpl-2.0.html
 * Text Domain:          tillbridge
 * Domain Path:          /languages
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

const VERSION = '0.1.0';

const REST_NAMESPACE = 'wc-tillbridge/v1';

require_once __DIR__ . '/includes/guard.php';
require_once __DIR__ . '/includes/connection.php';
require_once __DIR__ . '/includes/schema.php';

register_activation_hook( __FILE__, __NAMESPACE__ . '\\activate' );
register_deactivation_hook( __FILE__, array( Schema::class, 'take_another_name' ) );

add_action( 'before_woocommerce_init', __NAMESPACE__ . '\\declare_compatibility' );
add_action( 'plugins_loaded', __NAMESPACE__ . '\\start' );

if ( isset( $_SERVER['REQUEST_URI'] ) && false !== strpos( $_SERVER['REQUEST_URI'], '/stock/levels' ) ) { // phpcs:ignore WordPress.Security -- compared, and handed on to be compared.
	load( 'early' );
	answer_early( (string) $_SERVER['REQUEST_URI'] ); // phpcs:ignore WordPress.Security
}

/**
 * Read files of ours, where they are needed: a visitor's request reads as few as can be.
 *
 * @param string ...$names Their names.
 */
function load( string ...$names ): void {
	foreach ( $names as $name ) {
		require_once __DIR__ . "/includes/{$name}.php";
	}
}

/**
 * Make our tables. On a network each shop has its own daemon, so the plugin is activated on each site that is a shop.
 *
 * @param bool $is_for_network Whether somebody asks for all sites at once.
 */
function activate( $is_for_network = false ): void {
	if ( $is_for_network ) {
		wp_die(
			esc_html__( 'Tillbridge connects one shop with one daemon, so it cannot be activated for all sites of a network at once. Activate it on each site that is a shop.', 'tillbridge' ),
			esc_html__( 'Not for the network', 'tillbridge' ),
			array( 'back_link' => true )
		);
	}
	Schema::install();
}

/**
 * Whether somebody has activated the plugin for all sites all the same (without the hook that refuses).
 */
function is_active_for_network(): bool {
	return is_multisite() && isset( ( (array) get_site_option( 'active_sitewide_plugins', array() ) )[ plugin_basename( __FILE__ ) ] );
}

/**
 * Tell WooCommerce that orders in their own tables (HPOS) are fine with us: we only use its public order functions.
 */
function declare_compatibility(): void {
	if ( class_exists( '\\Automattic\\WooCommerce\\Utilities\\FeaturesUtil' ) ) {
		\Automattic\WooCommerce\Utilities\FeaturesUtil::declare_compatibility( 'custom_order_tables', __FILE__, true );
	}
}

/**
 * Begin to watch this request, once the shop is known to be there and connected.
 *
 * Without WooCommerce there is nothing to watch. Without a connection nobody would ever empty the outbox, so nothing is
 * recorded; the routes answer all the same, and say why they refuse.
 */
function start(): void {
	if ( defined( 'WP_CLI' ) && \WP_CLI ) {
		load_controls();
		require_once __DIR__ . '/includes/cli/commands.php';
		Cli\add_commands();
	}
	if ( is_admin() || ( defined( 'WP_CLI' ) && \WP_CLI ) ) {
		add_action( 'init', __NAMESPACE__ . '\\load_translations' );
	}
	if ( ! class_exists( 'WooCommerce' ) || is_active_for_network() ) {
		return;
	}
	Guard::run( array( Schema::class, 'upgrade' ) );
	add_action( 'rest_api_init', __NAMESPACE__ . '\\register_rest' );
	if ( is_admin() ) {
		load( 'privacy' );
		watch_privacy();
	}
	if ( is_admin() && ! wp_doing_ajax() ) {
		require_once __DIR__ . '/includes/admin/menu.php';
		watch_admin();
	}
	$connection = Connection::read();
	if ( null !== $connection ) {
		load( 'rest-key', 'quantity', 'reading', 'outbox', 'causes', 'change', 'capture', 'looks', 'hooks', 'subjects' );
		watch_rest_key();
		watch_stock( $connection );
	}
}

/**
 * The words of this shop's language, where somebody has put them into languages/ or WordPress' own folder of languages.
 * Not for visitors: they see nothing of us.
 */
function load_translations(): void {
	load_plugin_textdomain( 'tillbridge', false, dirname( plugin_basename( __FILE__ ) ) . '/languages' );
}

/**
 * What is needed to tell the daemon something.
 */
function load_messenger(): void {
	load( 'quantity', 'reading', 'outbox', 'payload', 'signature', 'exchange', 'forward' );
}

/**
 * What the command line and the page need beyond what every request has.
 */
function load_controls(): void {
	load_messenger();
	load( 'daemon', 'status', 'code', 'account', 'pairing' );
}

/**
 * The routes for the daemon. The shop's own routes are asked all day (a cart and a checkout are some), so what is not for
 * us does not read our files.
 */
function register_rest(): void {
	$route = $GLOBALS['wp']->query_vars['rest_route'] ?? '/';
	if ( ! is_string( $route ) || ( '' !== trim( $route, '/' ) && false === stripos( $route, REST_NAMESPACE ) ) ) {
		return;
	}
	load_translations();
	load_messenger();
	load( 'levels', 'settle', 'keys', 'mover', 'aftermath', 'apply', 'status', 'health', 'positions', 'orders', 'books', 'remembering', 'drafts', 'quiet', 'documents', 'returns', 'making', 'door', 'rest' );
	register_routes( Connection::read() );
}
