<?php
/**
 * Products in the database: posts, their meta, and the lookup table.
 *
 * @package Tillbridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * Reads and writes them, and fires what WooCommerce fires.
 */
final class WC_Product_Store {

	private const META = array(
		'_sku'           => 'sku',
		'_regular_price' => 'regular_price',
		'_manage_stock'  => 'manage_stock',
		'_backorders'    => 'backorders',
		'_stock'         => 'stock_quantity',
		'_stock_status'  => 'stock_status',
	);

	/**
	 * Parents that are looked at once more when the request is over.
	 *
	 * @var array<int,true>
	 */
	public static $parents = array();

	/**
	 * A product's properties.
	 *
	 * @param int $id The product.
	 * @return array<string,mixed>
	 */
	public static function read( int $id ): array {
		$post = get_post( $id );
		$data = array(
			'name'      => $post->post_title,
			'status'    => $post->post_status,
			'parent_id' => (int) $post->post_parent,
		);
		foreach ( self::META as $key => $name ) {
			$data[ $name ] = get_post_meta( $id, $key, true );
		}
		$data['manage_stock']   = 'yes' === $data['manage_stock'];
		$data['stock_quantity'] = is_numeric( $data['stock_quantity'] ) ? wc_stock_amount( $data['stock_quantity'] ) : null;
		$data['backorders']     = '' === $data['backorders'] ? 'no' : $data['backorders'];
		return $data;
	}

	/**
	 * Flows h4, h5: a new product. The stock hooks come before the product's own, and there is no update hook.
	 *
	 * @param WC_Product $product The product.
	 */
	public static function create( WC_Product $product ): void {
		$is_variation = $product->is_type( 'variation' );
		$product->set_id(
			wp_insert_post(
				array(
					'post_title'  => $product->get_name(),
					'post_type'   => $is_variation ? 'product_variation' : 'product',
					'post_status' => $product->get_status(),
					'post_parent' => $product->get_parent_id(),
					'post_author' => max( 1, get_current_user_id() ), // A list in wp-admin stumbles over a product of nobody.
				)
			)
		);
		if ( ! $is_variation ) {
			wp_set_object_terms( $product->get_id(), $product->get_type(), 'product_type' );
		}
		self::announce( $product, array_values( self::write_meta( $product, array_values( self::META ) ) ) );
		$product->apply_changes();
		do_action( $is_variation ? 'woocommerce_new_product_variation' : 'woocommerce_new_product', $product->get_id(), $product );
		self::remember_parent( $product );
	}

	/**
	 * Flows e, g, h: an absolute write. The set-stock hook fires before the lookup table is written, the product's own
	 * hook last; where nothing changed (e2, m5) only the latter.
	 *
	 * @param WC_Product $product The product.
	 */
	public static function update( WC_Product $product ): void {
		global $wpdb;
		$changes = array_keys( $product->get_changes() );
		if ( array_intersect( array( 'name', 'status' ), $changes ) ) {
			wp_update_post(
				array(
					'ID'          => $product->get_id(),
					'post_title'  => $product->get_name(),
					'post_status' => $product->get_status(),
				)
			);
		} else {
			$now = array(
				'post_modified'     => current_time( 'mysql' ),
				'post_modified_gmt' => current_time( 'mysql', 1 ),
			);
			$wpdb->update( $wpdb->posts, $now, array( 'ID' => $product->get_id() ) );
			clean_post_cache( $product->get_id() );
		}
		self::announce( $product, self::write_meta( $product, $changes ) );
		$product->apply_changes();
		do_action( $product->is_type( 'variation' ) ? 'woocommerce_update_product_variation' : 'woocommerce_update_product', $product->get_id(), $product );
		self::remember_parent( $product );
	}

	/**
	 * The lookup table follows the meta.
	 *
	 * @param int $id The product.
	 */
	public static function write_lookup( int $id ): void {
		global $wpdb;
		$stock = get_post_meta( $id, '_stock', true );
		$row   = array(
			'product_id'     => $id,
			'sku'            => substr( (string) get_post_meta( $id, '_sku', true ), 0, 100 ),
			'stock_quantity' => is_numeric( $stock ) ? $stock : null,
			'stock_status'   => get_post_meta( $id, '_stock_status', true ),
		);
		$wpdb->replace( $wpdb->prefix . 'wc_product_meta_lookup', $row );
	}

	/**
	 * Write the meta rows of these properties; those that changed in the database.
	 *
	 * @param WC_Product $product The product.
	 * @param string[]   $names   Properties.
	 * @return string[]
	 */
	private static function write_meta( WC_Product $product, array $names ): array {
		$updated = array();
		foreach ( self::META as $key => $name ) {
			if ( ! in_array( $name, $names, true ) ) {
				continue;
			}
			$value = 'manage_stock' === $name ? ( true === $product->get_manage_stock( 'edit' ) ? 'yes' : 'no' ) : $product->{"get_$name"}( 'edit' );
			if ( 'stock_quantity' === $name ) {
				do_action( $product->is_type( 'variation' ) ? 'woocommerce_variation_before_set_stock' : 'woocommerce_product_before_set_stock', $product );
			}
			if ( update_post_meta( $product->get_id(), $key, $value ) ) {
				$updated[] = $name;
			}
		}
		return $updated;
	}

	/**
	 * What is fired between meta and lookup table.
	 *
	 * @param WC_Product $product The product.
	 * @param string[]   $updated Properties that changed in the database.
	 */
	private static function announce( WC_Product $product, array $updated ): void {
		$kind = $product->is_type( 'variation' ) ? 'variation' : 'product';
		if ( in_array( 'stock_quantity', $updated, true ) ) {
			do_action( "woocommerce_{$kind}_set_stock", $product );
		}
		if ( in_array( 'stock_status', $updated, true ) ) {
			do_action( "woocommerce_{$kind}_set_stock_status", $product->get_id(), $product->get_stock_status(), $product );
		}
		self::write_lookup( $product->get_id() );
		do_action( 'woocommerce_product_object_updated_props', $product, $updated );
	}

	/**
	 * A variation's parent is saved when the request is over.
	 *
	 * @param WC_Product $product The product.
	 */
	private static function remember_parent( WC_Product $product ): void {
		if ( $product->is_type( 'variation' ) ) {
			self::$parents[ $product->get_parent_id() ] = true;
		}
	}
}

/**
 * In shutdown: the parents of the variations that were saved.
 */
function wc_double_sync_parents(): void {
	foreach ( array_keys( WC_Product_Store::$parents ) as $id ) {
		$parent = wc_get_product( $id );
		if ( $parent ) {
			$parent->save();
		}
	}
}
