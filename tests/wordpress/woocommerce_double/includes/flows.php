<?php
/**
 * Whole flows, each with the hooks in the order in which they were recorded.
 *
 * @package Tillbridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * Flow a: the block checkout. Eight updates of a draft that is no order yet, a reservation that asks for the quantities as
 * a reduction does, and two last updates with an object that is out of date.
 *
 * @param array<int,array{0:int,1:int}> $lines  Product and quantity.
 * @param string                        $status Where it ends: processing (cash), on-hold (a2, bank transfer).
 */
function wc_double_block_checkout( array $lines, string $status = 'processing' ): int {
	$order = new WC_Order();
	$order->store_draft();
	foreach ( $lines as $line ) {
		$order->add_product( wc_get_product( $line[0] ), $line[1] );
	}
	for ( $i = 0; $i < 8; $i++ ) {
		do_action( 'woocommerce_update_order', $order->get_id(), $order );
	}
	do_action( 'woocommerce_store_api_checkout_update_order_meta', $order );
	foreach ( $order->get_items() as $item ) {
		apply_filters( 'woocommerce_order_item_quantity', $item->get_quantity(), $order, $item );
	}
	$order->update_status( 'pending' );
	do_action( 'woocommerce_store_api_checkout_order_processed', $order );
	$stale = wc_get_order( $order->get_id() );
	$order->update_status( $status );
	do_action( 'woocommerce_update_order', $order->get_id(), $stale );
	do_action( 'woocommerce_update_order', $order->get_id(), $stale );
	return $order->get_id();
}

/**
 * Flow a3: the classic checkout. The first hook sees an order without lines.
 *
 * @param array<int,array{0:int,1:int}> $lines Product and quantity.
 */
function wc_double_classic_checkout( array $lines ): int {
	$order = wc_create_order();
	foreach ( $lines as $line ) {
		$order->add_product( wc_get_product( $line[0] ), $line[1] );
	}
	do_action( 'woocommerce_checkout_order_created', $order );
	do_action( 'woocommerce_update_order', $order->get_id(), $order );
	do_action( 'woocommerce_checkout_order_processed', $order->get_id(), array(), $order );
	$stale = wc_get_order( $order->get_id() );
	$order->update_status( 'processing' );
	do_action( 'woocommerce_update_order', $order->get_id(), $stale );
	return $order->get_id();
}

/**
 * Flow b: an order made by a program: no lines in the first hook, then its lines, then the status that takes stock.
 *
 * @param array<int,array{0:int,1:int}> $lines  Product and quantity.
 * @param string                        $status Where it ends.
 */
function wc_double_make_order( array $lines, string $status = 'processing' ): int {
	$order = wc_create_order();
	foreach ( $lines as $line ) {
		$order->add_product( wc_get_product( $line[0] ), $line[1] );
	}
	$order->save();
	$order->update_status( $status );
	return $order->get_id();
}

/**
 * A fee and shipping are added to an order, as wp-admin does: neither is a thing that lies on a shelf.
 *
 * @param int $order_id The order.
 * @return int[] Their numbers.
 */
function wc_double_add_costs( int $order_id ): array {
	$costs = array( WC_Order_Item_Fee::of( 'Wrapping', '2.50', $order_id ), WC_Order_Item_Shipping::of( 'Post', '4.90', $order_id ) );
	$saved = array();
	foreach ( $costs as $cost ) {
		$saved[] = $cost->save();
	}
	do_action( 'woocommerce_update_order', $order_id, wc_get_order( $order_id ) );
	return $saved;
}

/**
 * A line is added to an order over REST (wc/v3 PUT with a line that has no id): it takes its stock before it is saved.
 *
 * @param int $order_id   The order.
 * @param int $product_id The product.
 * @param int $quantity   How many.
 * @return int The line's number.
 */
function wc_double_add_line( int $order_id, int $product_id, int $quantity ): int {
	$item = WC_Order_Item_Product::of( wc_get_product( $product_id ), $quantity, $order_id );
	wc_maybe_adjust_line_item_product_stock( $item );
	$item->save();
	do_action( 'woocommerce_update_order', $order_id, wc_get_order( $order_id ) );
	return $item->get_id();
}

/**
 * Flow b4: the quantity of a line is edited over REST; stock follows without the order hooks.
 *
 * @param int $order_id The order.
 * @param int $line_id  The line.
 * @param int $quantity The quantity that it is to have.
 */
function wc_double_edit_line( int $order_id, int $line_id, int $quantity ): void {
	$order = wc_get_order( $order_id );
	$item  = $order->get_items()[ $line_id ];
	$item->set_quantity( $quantity );
	$item->save();
	wc_maybe_adjust_line_item_product_stock( $item );
	for ( $i = 0; $i < 3; $i++ ) {
		do_action( 'woocommerce_update_order', $order->get_id(), $order );
	}
}

/**
 * Flow d: a partial refund, with or without its lines going back to stock.
 *
 * @param int            $order_id   The order.
 * @param array<int,int> $quantities Line id => how many.
 * @param bool           $restock    Whether they go back.
 */
function wc_double_refund( int $order_id, array $quantities, bool $restock ): int {
	$order  = wc_get_order( $order_id );
	$refund = WC_Order_Refund::of_order( $order_id );
	$items  = $order->get_items();
	$lines  = array();
	foreach ( $quantities as $line_id => $quantity ) {
		$lines[ $line_id ] = array( 'qty' => $quantity );
		$item              = WC_Order_Item_Product::of( $items[ $line_id ]->get_product(), -$quantity, $refund->get_id() );
		$item->update_meta_data( '_refunded_item_id', $line_id );
		$item->save();
	}
	do_action( 'woocommerce_create_refund', $refund, array() );
	if ( $restock ) {
		wc_restock_refunded_items( $order, $lines );
	}
	do_action( 'woocommerce_order_partially_refunded', $order_id, $refund->get_id() );
	do_action( 'woocommerce_update_order', $order_id, $order );
	do_action( 'woocommerce_refund_created', $refund->get_id(), array() );
	do_action( 'woocommerce_order_refunded', $order_id, $refund->get_id() );
	return $refund->get_id();
}

/**
 * Flow h2: the product form of wp-admin saves twice in one request.
 *
 * @param int $product_id The product.
 * @param int $quantity   The level that was typed.
 */
function wc_double_admin_form( int $product_id, int $quantity ): void {
	$product = wc_get_product( $product_id );
	$product->set_stock_quantity( $quantity );
	$product->save();
	$product->save();
	do_action( 'woocommerce_process_product_meta', $product_id, get_post( $product_id ) );
}
