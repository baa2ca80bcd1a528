<?php
/**
 * Every place where we listen for what somebody should look at: orders, products, categories, customers, settings.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * Something about an order or a refund.
 *
 * @param Looks $looks Who remembers.
 */
function watch_orders( Looks $looks ): void {
	$on = static function ( string $hook, string $what ) use ( $looks ): void {
		$told = static function ( $order_id ) use ( $looks, $what ): void {
			$looks->order( $what, $order_id );
		};
		add_action( $hook, Guard::wrap( $told ), 10, 1 );
	};
	$on( 'woocommerce_new_order', 'changed' );
	$on( 'woocommerce_update_order', 'changed' );
	$on( 'woocommerce_order_status_changed', 'changed' );
	$on( 'woocommerce_trash_order', 'trashed' );
	$on( 'woocommerce_untrash_order', 'restored' );
	$on( 'woocommerce_delete_order', 'deleted' );
	$created = static function ( $order_id, $refund_id ) use ( $looks ): void {
		$looks->refund( 'created', $refund_id, $order_id );
	};
	$deleted = static function ( $refund_id, $order_id ) use ( $looks ): void {
		$looks->refund( 'deleted', $refund_id, $order_id );
	};
	$deletes = static function ( $prevented, $refund ) use ( $looks ): void {
		if ( null === $prevented && $refund instanceof \WC_Order_Refund ) {
			$looks->refund( 'deleted', $refund->get_id(), $refund->get_parent_id() );
		}
	};
	add_action( 'woocommerce_order_refunded', Guard::wrap( $created ), 10, 2 );
	add_action( 'woocommerce_refund_deleted', Guard::wrap( $deleted ), 10, 2 );
	// Over REST nothing else tells of a deleted refund, and this only in newer versions; reconcile finds the others.
	add_filter( 'woocommerce_pre_delete_order_refund', Guard::wrap( $deletes ), PHP_INT_MAX, 2 );
}

/**
 * Something about a product or a variation, apart from its level.
 *
 * @param Looks   $looks   Who remembers.
 * @param Capture $capture Who knows whether a save is only the tail of a movement of stock.
 */
function watch_products( Looks $looks, Capture $capture ): void {
	$changed = Guard::wrap(
		static function ( $product_id ) use ( $looks, $capture ): void {
			if ( ! $capture->is_under_way( Guard::id( $product_id ) ) ) {
				$looks->product( 'changed', $product_id );
			}
		}
	);
	add_action( 'woocommerce_new_product', $changed, 10, 1 );
	add_action( 'woocommerce_update_product', $changed, 10, 1 );
	add_action( 'woocommerce_new_product_variation', $changed, 10, 1 );
	add_action( 'woocommerce_update_product_variation', $changed, 10, 1 );
	$moved = static function ( string $what ) use ( $looks ): \Closure {
		return Guard::wrap(
			static function ( $post_id, $post = null ) use ( $looks, $what ): void {
				$looks->post( $what, $post_id, $post instanceof \WP_Post ? $post->post_type : get_post_type( Guard::id( $post_id ) ) );
			}
		);
	};
	add_action( 'trashed_post', $moved( 'trashed' ), 10, 1 );
	add_action( 'untrashed_post', $moved( 'restored' ), 10, 1 );
	add_action( 'deleted_post', $moved( 'deleted' ), 10, 2 );
}

/**
 * Something about a category of products. (The products that lose one tell nothing by themselves.)
 *
 * @param Looks $looks Who remembers.
 */
function watch_categories( Looks $looks ): void {
	$changed = static function ( $category_id ) use ( $looks ): void {
		$looks->category( 'changed', $category_id );
	};
	$deleted = static function ( $category_id ) use ( $looks ): void {
		$looks->category( 'deleted', $category_id );
	};
	add_action( 'created_product_cat', Guard::wrap( $changed ), 10, 1 );
	add_action( 'edited_product_cat', Guard::wrap( $changed ), 10, 1 );
	add_action( 'delete_product_cat', Guard::wrap( $deleted ), 10, 1 );
}

/**
 * Something about a customer: WordPress' own hooks, since WooCommerce's fire only for its own forms and routes. An address
 * is nothing but meta to both.
 *
 * @param Looks $looks  Who remembers.
 * @param int   $our_id The daemon's own user, who is no customer.
 */
function watch_customers( Looks $looks, int $our_id ): void {
	$on = static function ( string $hook, string $what ) use ( $looks, $our_id ): void {
		$told = static function ( $user_id ) use ( $looks, $our_id, $what ): void {
			if ( Guard::id( $user_id ) !== $our_id ) {
				$looks->customer( $what, $user_id );
			}
		};
		add_action( $hook, Guard::wrap( $told ), 10, 1 );
	};
	$on( 'user_register', 'changed' );
	$on( 'profile_update', 'changed' );
	$on( 'deleted_user', 'deleted' );
	$addressed = static function ( $meta_id, $user_id = 0, $key = '' ) use ( $looks ): void {
		// Asked for every meta of every user, so it is answered before anything is guarded.
		if ( is_string( $key ) && ( 0 === strpos( $key, 'billing_' ) || 0 === strpos( $key, 'shipping_' ) ) ) {
			$looks->customer( 'changed', $user_id );
		}
	};
	add_action( 'added_user_meta', $addressed, 10, 3 );
	add_action( 'updated_user_meta', $addressed, 10, 3 );
	add_action( 'deleted_user_meta', $addressed, 10, 3 );
}

/**
 * A setting that the other side depends on.
 *
 * @param Looks $looks Who remembers.
 */
function watch_settings( Looks $looks ): void {
	$rates = static function () use ( $looks ): void {
		$looks->setting( 'taxes' );
	};
	foreach ( array( 'added', 'updated', 'deleted' ) as $what ) {
		add_action( 'woocommerce_tax_rate_' . $what, Guard::wrap( $rates ), 10, 1 );
	}
	$options = static function ( $option ) use ( $looks ): void {
		// Asked for every option of every plugin, so it is answered before anything is guarded.
		$what = is_string( $option ) && 0 === strpos( $option, 'woocommerce_' ) ? subject_of_option( $option ) : '';
		if ( '' !== $what ) {
			$looks->setting( $what );
		}
	};
	add_action( 'added_option', $options, 10, 1 );
	add_action( 'updated_option', $options, 10, 1 );
}

/**
 * What an option of WooCommerce is about, "" where it is of no concern. Pure.
 *
 * @param string $option Its name.
 */
function subject_of_option( string $option ): string {
	$subjects = array(
		'woocommerce_calc_taxes'             => 'taxes',
		'woocommerce_prices_include_tax'     => 'taxes',
		'woocommerce_tax_based_on'           => 'taxes',
		'woocommerce_tax_round_at_subtotal'  => 'taxes',
		'woocommerce_shipping_tax_class'     => 'taxes',
		'woocommerce_tax_classes'            => 'taxes',
		'woocommerce_manage_stock'           => 'stock',
		'woocommerce_notify_no_stock_amount' => 'stock',
		'woocommerce_hold_stock_minutes'     => 'stock',
		'woocommerce_currency'               => 'currency',
		'woocommerce_price_num_decimals'     => 'currency',
		'woocommerce_gateway_order'          => 'payments',
	);
	// The settings of a gateway are named for it. So are those of an e-mail: then somebody looks in vain, once.
	$is_gateway = 1 === preg_match( '/^woocommerce_.+_settings\z/', $option ) && 1 !== preg_match( '/_\d+_settings\z/', $option );
	return $subjects[ $option ] ?? ( $is_gateway ? 'payments' : '' );
}
