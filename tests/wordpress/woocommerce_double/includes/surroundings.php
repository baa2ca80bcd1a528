<?php
/**
 * What lies around products and orders: post types, roles, the menu, the log, caches, hashes.
 *
 * @package Tillbridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * Tables, roles and options, once.
 */
function wc_double_install(): void {
	wc_double_create_tables();
	add_role( 'shop_manager', 'Shop manager', array( 'read' => true ) );
	foreach ( array( 'administrator', 'shop_manager' ) as $name ) {
		$role = get_role( $name );
		foreach ( array( 'manage_woocommerce', 'view_woocommerce_reports', 'edit_products', 'edit_shop_orders' ) as $capability ) {
			$role->add_cap( $capability );
		}
	}
	add_role( 'customer', 'Customer', array( 'read' => true ) );
	update_option( 'woocommerce_manage_stock', 'yes' );
	update_option( 'woocommerce_notify_no_stock_amount', '0' );
	update_option( 'woocommerce_currency', 'EUR' );
}

/**
 * Post types and taxonomies.
 */
function wc_double_register(): void {
	register_taxonomy( 'product_type', 'product', array( 'public' => false ) );
	register_taxonomy( 'product_cat', 'product', array( 'hierarchical' => true ) );
	register_post_type( 'product', array( 'public' => true ) );
	register_post_type( 'product_variation', array( 'public' => false ) );
	register_post_type( 'shop_order_placehold', array( 'public' => false ) );
}

/**
 * The menu of wp-admin under which other plugins hang their pages.
 */
function wc_double_admin_menu(): void {
	add_menu_page( 'WooCommerce', 'WooCommerce', 'manage_woocommerce', 'woocommerce', '__return_null', '', 55 );
}

/**
 * The screens of wp-admin that belong to the shop.
 *
 * @return string[]
 */
function wc_get_screen_ids(): array {
	return apply_filters( 'woocommerce_screen_ids', array( 'toplevel_page_woocommerce', 'edit-product', 'product' ) );
}

/**
 * A quantity in the precision in which this shop counts: whole pieces, unless a filter says otherwise.
 *
 * @param mixed $amount A quantity.
 * @return int|float
 */
function wc_stock_amount( $amount ) {
	return apply_filters( 'woocommerce_stock_amount', $amount );
}

/**
 * How keys of the REST API are kept.
 *
 * @param string $data The key.
 */
function wc_api_hash( $data ): string {
	return hash_hmac( 'sha256', $data, 'wc-api' );
}

/**
 * A random text of 40 hexadecimal digits.
 */
function wc_rand_hash(): string {
	return bin2hex( random_bytes( 20 ) );
}

/**
 * The log.
 */
function wc_get_logger(): WC_Logger {
	return new WC_Logger();
}

/**
 * A log of one file per source, as in WooCommerce > Status > Logs.
 */
final class WC_Logger {

	/**
	 * Note something.
	 *
	 * @param string              $level   How bad it is.
	 * @param string              $message What it is.
	 * @param array<string,mixed> $context source: whose it is.
	 */
	public function log( $level, $message, $context = array() ): void {
		$file   = WP_CONTENT_DIR . '/uploads/wc-logs/' . ( $context['source'] ?? 'woocommerce' ) . '.log';
		$is_new = ! is_file( $file );
		$line   = gmdate( 'c' ) . ' ' . strtoupper( $level ) . ' ' . $message . "\n";
		file_put_contents( $file, $line, FILE_APPEND ); // phpcs:ignore WordPress.WP.AlternativeFunctions
		if ( $is_new ) {
			chmod( $file, 0666 ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- the command line may be another user.
		}
	}

	/**
	 * Every level by its name: error, warning, info …
	 *
	 * @param string  $level     The level.
	 * @param mixed[] $arguments Message and context.
	 */
	public function __call( $level, $arguments ): void {
		$this->log( $level, ...$arguments );
	}
}

/**
 * WooCommerce's prefixes of cache keys.
 */
final class WC_Cache_Helper {

	/**
	 * Forget a group.
	 *
	 * @param string $group Its name.
	 */
	public static function invalidate_cache_group( $group ): bool {
		return wp_cache_set( 'wc_' . $group . '_cache_prefix', microtime(), $group );
	}
}
