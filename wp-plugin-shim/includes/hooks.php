<?php
/**
 * Every place where we listen to movements of stock, and the end of the request, where we tell.
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
	watch_categories( $looks );
	watch_customers( $looks, $connection->user_id );
	watch_settings( $looks );
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
	add_action( 'woocommerce_new_order_item', Guard::wrap( array( $capture, 'numbered' ) ), PHP_INT_MIN, 2 );
	add_action( 'woocommerce_product_set_stock', $after, PHP_INT_MIN, 1 );
	add_action( 'woocommerce_variation_set_stock', $after, PHP_INT_MIN, 1 );
	add_action(
		'update_post_meta',
		static function ( $meta_id, $post_id = 0, $key = '', $value = null ) use ( $capture ): void {
			if ( '_stock' === $key ) {
				Guard::run( array( $capture, 'meta_update' ), Guard::id( $post_id ), $value );
			}
		},
		PHP_INT_MAX,
		4
	);
	add_action(
		'updated_post_meta',
		static function ( $meta_id, $post_id = 0, $key = '' ) use ( $capture ): void {
			if ( '_stock' === $key ) {
				Guard::run( array( $capture, 'updated' ), Guard::id( $post_id ) );
			}
		},
		PHP_INT_MIN,
		3
	);
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
			load_messenger();
			$is_free = Forward::release_customer();
			Outbox::seal( $moved );
			$looked = Outbox::add_looks( $looks->finish( origin_of_request( $connection ) ) );
			Forward::push( $connection, array_merge( $moved, $looked ), $is_free );
			Outbox::erase_webhooks();
		}
	);
}

/**
 * Who asked for what this request did: the daemon (as its own user, by WooCommerce's REST routes), or the shop.
 *
 * @param Connection $connection The connection.
 */
function origin_of_request( Connection $connection ): string {
	$is_rest = defined( 'REST_REQUEST' ) && constant( 'REST_REQUEST' );
	return $is_rest && $connection->user_id > 0 && get_current_user_id() === $connection->user_id ? 'tillbridge' : 'store';
}
