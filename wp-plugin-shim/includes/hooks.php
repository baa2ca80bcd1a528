<?php
/**
 * Every place where we listen to the shop, and nothing else.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * Listen from now until this request is over.
 *
 * Each callback is wrapped, so that our trouble stays ours. Before a write we come last and after it first: what other
 * plugins do in the same hooks must not lie between the level that we read and the write.
 *
 * @param Connection $connection Whom to tell.
 */
function watch_stock( Connection $connection ): void {
	$causes  = new Causes();
	$capture = new Capture( $causes );
	$looks   = new Looks();
	watch_causes( $causes );
	watch_writes( $capture );
	watch_orders( $looks );
	watch_products( $looks, $capture );
	add_action(
		'shutdown',
		static function () use ( $connection, $capture, $looks ): void {
			// WordPress' own shutdown action is not the end: what others register later than this runs before what we register now.
			register_shutdown_function( __NAMESPACE__ . '\\end_request', $connection, $capture, $looks );
		},
		PHP_INT_MAX
	);
}

/**
 * Why stock is about to move.
 *
 * @param Causes $causes Who remembers.
 */
function watch_causes( Causes $causes ): void {
	$ends = Guard::wrap( array( $causes, 'ends' ) );
	add_filter( 'woocommerce_can_reduce_order_stock', Guard::wrap( array( $causes, 'reduction_begins' ) ), PHP_INT_MAX, 2 );
	add_filter( 'woocommerce_order_item_quantity', Guard::wrap( array( $causes, 'line' ) ), PHP_INT_MAX, 3 );
	add_action( 'woocommerce_reduce_order_stock', $ends, PHP_INT_MIN, 1 );
	add_filter( 'woocommerce_can_restore_order_stock', Guard::wrap( array( $causes, 'restore_begins' ) ), PHP_INT_MAX, 2 );
	add_action( 'woocommerce_restore_order_stock', $ends, PHP_INT_MIN, 1 );
	add_filter( 'woocommerce_can_restock_refunded_items', Guard::wrap( array( $causes, 'restock_begins' ) ), PHP_INT_MAX, 3 );
	add_action( 'woocommerce_order_partially_refunded', $ends, PHP_INT_MIN, 1 );
	add_action( 'woocommerce_order_fully_refunded', $ends, PHP_INT_MIN, 1 );
	add_filter( 'woocommerce_prevent_adjust_line_item_product_stock', Guard::wrap( array( $causes, 'adjustment' ) ), PHP_INT_MAX, 3 );
}

/**
 * Stock moves.
 *
 * @param Capture $capture Who writes it down.
 */
function watch_writes( Capture $capture ): void {
	$before = Guard::wrap( array( $capture, 'before' ) );
	$after  = Guard::wrap( array( $capture, 'after' ) );
	add_action( 'woocommerce_product_before_set_stock', $before, PHP_INT_MAX, 1 );
	add_action( 'woocommerce_variation_before_set_stock', $before, PHP_INT_MAX, 1 );
	add_filter( 'woocommerce_update_product_stock_query', Guard::wrap( array( $capture, 'update' ) ), PHP_INT_MAX, 4 );
	add_action( 'woocommerce_updated_product_stock', Guard::wrap( array( $capture, 'updated' ) ), PHP_INT_MIN, 1 );
	add_action( 'woocommerce_product_set_stock', $after, PHP_INT_MIN, 1 );
	add_action( 'woocommerce_variation_set_stock', $after, PHP_INT_MIN, 1 );
	add_action(
		'update_post_meta',
		static function ( $meta_id, $post_id, $key, $value ) use ( $capture ): void {
			if ( '_stock' === $key ) {
				Guard::run( array( $capture, 'meta_update' ), (int) $post_id, $value );
			}
		},
		PHP_INT_MAX,
		4
	);
	add_action(
		'updated_post_meta',
		static function ( $meta_id, $post_id, $key ) use ( $capture ): void {
			if ( '_stock' === $key ) {
				Guard::run( array( $capture, 'updated' ), (int) $post_id );
			}
		},
		PHP_INT_MIN,
		3
	);
}

/**
 * Something about an order changed.
 *
 * @param Looks $looks Who remembers.
 */
function watch_orders( Looks $looks ): void {
	$changed = Guard::wrap( array( $looks, 'order_changed' ) );
	add_action( 'woocommerce_new_order', $changed, 10, 1 );
	add_action( 'woocommerce_update_order', $changed, 10, 1 );
	add_action( 'woocommerce_order_status_changed', $changed, 10, 1 );
	add_action( 'woocommerce_order_refunded', Guard::wrap( array( $looks, 'refund_created' ) ), 10, 2 );
	add_action( 'woocommerce_refund_deleted', Guard::wrap( array( $looks, 'refund_deleted' ) ), 10, 2 );
	foreach ( array( 'trashed', 'restored', 'deleted' ) as $what ) {
		$hook  = array(
			'trashed'  => 'woocommerce_trash_order',
			'restored' => 'woocommerce_untrash_order',
			'deleted'  => 'woocommerce_delete_order',
		)[ $what ];
		$moved = static function ( $order_id ) use ( $looks, $what ): void {
			$looks->order_moved( $what, $order_id );
		};
		add_action( $hook, Guard::wrap( $moved ), 10, 1 );
	}
}

/**
 * Something about a product or a variation changed, apart from its level.
 *
 * @param Looks   $looks   Who remembers.
 * @param Capture $capture Who knows whether a save is only the tail of a movement of stock.
 */
function watch_products( Looks $looks, Capture $capture ): void {
	$changed = Guard::wrap(
		static function ( $product_id ) use ( $looks, $capture ): void {
			if ( ! $capture->is_under_way( (int) $product_id ) ) {
				$looks->product_changed( $product_id );
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
				$looks->post_moved( $what, $post_id, $post instanceof \WP_Post ? $post->post_type : get_post_type( $post_id ) );
			}
		);
	};
	add_action( 'trashed_post', $moved( 'trashed' ), 10, 1 );
	add_action( 'untrashed_post', $moved( 'restored' ), 10, 1 );
	add_action( 'deleted_post', $moved( 'deleted' ), 10, 2 );
}

/**
 * The request is over: let the customer go, then tell the daemon.
 *
 * @param Connection $connection Whom to tell.
 * @param Capture    $capture    Movements of stock.
 * @param Looks      $looks      Objects to look at.
 */
function end_request( Connection $connection, Capture $capture, Looks $looks ): void {
	$moved = array();
	Guard::run(
		static function () use ( $capture, &$moved ): void {
			$moved = $capture->finish();
		}
	);
	/**
	 * What this plugin cost the request, up to the moment at which the customer can go. For measuring; nothing in here
	 * listens.
	 *
	 * @param int $nanoseconds Time in our callbacks.
	 * @param int $queries     Queries made by them.
	 */
	do_action( 'tillbridge_request_cost', Guard::$nanoseconds, Guard::$queries );
	if ( array() === $moved && $looks->are_none() ) {
		return;
	}
	Guard::run(
		static function () use ( $connection, $moved, $looks ): void {
			$is_free = Forward::release_customer();
			Outbox::seal( $moved );
			Forward::push( $connection, array_merge( $moved, Outbox::add_looks( $looks->finish() ) ), $is_free );
		}
	);
}
