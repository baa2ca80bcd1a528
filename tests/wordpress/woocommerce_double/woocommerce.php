<?php
/**
 * Plugin Name: WooCommerce (double)
 * Description: The few functions, tables and hook sequences of WooCommerce that the Tillbridge plugin touches, for its tests. Not a shop.
 * Version:     11.0.1
 *
 * What fires, and in which order, is what was recorded on a real WooCommerce 11.0.1 with orders in their own tables. The
 * recorded flows have letters (a: block checkout, c: cancel, e: REST edit, f: relative update …); the functions here
 * name theirs. It runs in autocommit, as WooCommerce does.
 *
 * @package Tillbridge
 */

defined( 'ABSPATH' ) || exit;

define( 'WC_VERSION', '11.0.1' );
define( 'WC_ROUNDING_PRECISION', 6 );
define( 'WC_PLUGIN_FILE', __FILE__ );

require_once __DIR__ . '/includes/surroundings.php';
require_once __DIR__ . '/includes/namespaced.php';
require_once __DIR__ . '/includes/tables.php';
require_once __DIR__ . '/includes/products.php';
require_once __DIR__ . '/includes/product-store.php';
require_once __DIR__ . '/includes/stock.php';
require_once __DIR__ . '/includes/order-items.php';
require_once __DIR__ . '/includes/orders.php';
require_once __DIR__ . '/includes/flows.php';

/**
 * What plugins look for to see whether there is a shop.
 */
final class WooCommerce {

	/**
	 * The version.
	 *
	 * @var string
	 */
	public $version = WC_VERSION;

	/**
	 * The one shop.
	 */
	public static function instance(): self {
		static $shop = null;
		$shop = $shop ?? new self();
		return $shop;
	}
}

/**
 * The one shop.
 */
function WC(): WooCommerce { // phpcs:ignore WordPress.NamingConventions -- its name.
	return WooCommerce::instance();
}

register_activation_hook( __FILE__, 'wc_double_install' );
add_action( 'init', 'wc_double_register', 0 );
add_action( 'admin_menu', 'wc_double_admin_menu', 9 );
add_filter( 'woocommerce_stock_amount', 'intval' );
add_action( 'woocommerce_order_status_completed', 'wc_maybe_reduce_stock_levels' );
add_action( 'woocommerce_order_status_processing', 'wc_maybe_reduce_stock_levels' );
add_action( 'woocommerce_order_status_on-hold', 'wc_maybe_reduce_stock_levels' );
add_action( 'woocommerce_order_status_cancelled', 'wc_maybe_increase_stock_levels' );
add_action( 'woocommerce_order_status_pending', 'wc_maybe_increase_stock_levels' );
add_action( 'shutdown', 'wc_double_sync_parents', 10 );
add_action(
	'plugins_loaded',
	static function (): void {
		do_action( 'before_woocommerce_init' );
	},
	-1
);
