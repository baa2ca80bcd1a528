<?php
/**
 * Tells the rest of the shop what was moved: caches, WooCommerce's lookup table, the stock status, other plugins.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

// phpcs:disable WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL

/**
 * What WooCommerce does after a relative UPDATE of its own, for many products at once. Comes after COMMIT, may be
 * repeated, and is repeated where PHP died in between.
 */
final class Aftermath {

	private const CHUNK = 100;

	/**
	 * At READ COMMITTED a statement of this form reads the levels without locking them; joined it would lock them, and might
	 * make a customer's UPDATE fail.
	 */
	private const LOOKUP = "UPDATE {lookup} l SET l.stock_quantity = ( SELECT m.meta_value FROM {postmeta} m
		WHERE m.post_id = l.product_id AND m.meta_key = '_stock' ORDER BY m.meta_id LIMIT 1 ) WHERE l.product_id IN ({places})";

	/**
	 * Tell of these.
	 *
	 * @param array<string,int> $moved Products by key.
	 */
	public static function of( array $moved ): void {
		if ( array() === $moved ) {
			return;
		}
		$products = array_values( array_unique( $moved ) );
		sort( $products );
		wp_cache_delete_multiple( $products, 'post_meta' );
		foreach ( $products as $product_id ) {
			wp_cache_delete( 'lookup_table', 'object_' . $product_id );
			\WC_Cache_Helper::invalidate_cache_group( 'product_' . $product_id );
		}
		self::correct_lookup( $products );
		_prime_post_caches( $products );
		_prime_post_caches( array_values( array_unique( array_filter( array_map( 'wp_get_post_parent_id', $products ) ) ) ) );
		foreach ( $products as $product_id ) {
			try {
				self::tell_of( $product_id );
			} catch ( \Throwable $trouble ) {
				Guard::note( $trouble ); // Another plugin's trouble: the stock is moved all the same.
			}
		}
		Keys::finish( array_map( 'strval', array_keys( $moved ) ) );
	}

	/**
	 * WooCommerce's copy of the levels, by which it sorts and searches. Many in one statement; one by one where the database
	 * would not have it (two requests may wait for each other).
	 *
	 * @param int[] $products Products, sorted.
	 */
	private static function correct_lookup( array $products ): void {
		global $wpdb;
		foreach ( array_chunk( $products, self::CHUNK ) as $chunk ) {
			if ( self::write_lookup( $chunk ) ) {
				continue;
			}
			foreach ( $chunk as $product_id ) {
				self::write_lookup( array( $product_id ) );
			}
		}
	}

	/**
	 * Correct the copies of these products; whether the database did it.
	 *
	 * @param int[] $products Products.
	 */
	private static function write_lookup( array $products ): bool {
		global $wpdb;
		$places = implode( ', ', array_fill( 0, count( $products ), '%d' ) );
		$tables = array( $wpdb->prefix . 'wc_product_meta_lookup', $wpdb->postmeta, $places );
		$sql    = str_replace( array( '{lookup}', '{postmeta}', '{places}' ), $tables, self::LOOKUP );
		$wpdb->query( 'SET TRANSACTION ISOLATION LEVEL ' . Mover::isolation() ); // For the next statement only.
		return false !== $wpdb->query( $wpdb->prepare( $sql, ...$products ) );
	}

	/**
	 * One product: the hooks for other plugins, and the costly save() only where the stock status must change.
	 *
	 * @param int $product_id Who holds the stock.
	 */
	private static function tell_of( int $product_id ): void {
		do_action( 'woocommerce_updated_product_stock', $product_id ); // phpcs:ignore WordPress.NamingConventions.PrefixAllGlobals
		$product = wc_get_product( $product_id );
		if ( ! $product instanceof \WC_Product ) {
			return;
		}
		if ( self::due_status( $product ) !== $product->get_stock_status( 'edit' ) ) {
			$product->save();
		}
		do_action( $product->is_type( 'variation' ) ? 'woocommerce_variation_set_stock' : 'woocommerce_product_set_stock', $product ); // phpcs:ignore WordPress.NamingConventions.PrefixAllGlobals
	}

	/**
	 * The stock status that WooCommerce would give this product when it is saved.
	 *
	 * @param \WC_Product $product The product.
	 */
	private static function due_status( \WC_Product $product ): string {
		$sold_out_at = abs( (float) get_option( 'woocommerce_notify_no_stock_amount', 0 ) );
		if ( (float) $product->get_stock_quantity( 'edit' ) > $sold_out_at ) {
			return 'instock';
		}
		return 'no' === $product->get_backorders( 'edit' ) ? 'outofstock' : 'onbackorder';
	}
}
