<?php
/**
 * How orders move stock: one relative UPDATE for each line, and the hooks around it.
 *
 * @package Tillbridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * Flow f: before, the filter with the statement, the UPDATE, "updated", the product's save, and "set" last. Whose stock it is
 * (f3: the parent's) is decided here.
 *
 * @param int|WC_Product $product   The product.
 * @param int|float|null $quantity  How many.
 * @param string         $operation set, increase or decrease.
 * @return int|float|false|null The level that WooCommerce believes in.
 */
function wc_update_product_stock( $product, $quantity = null, $operation = 'set' ) {
	$product = wc_get_product( $product );
	if ( ! $product ) {
		return false;
	}
	if ( null === $quantity || ! $product->managing_stock() ) {
		return $product->get_stock_quantity();
	}
	$holder_id = $product->get_stock_managed_by_id();
	$holder    = $holder_id === $product->get_id() ? $product : wc_get_product( $holder_id );
	$kind      = $holder->is_type( 'variation' ) ? 'variation' : 'product';
	do_action( "woocommerce_{$kind}_before_set_stock", $holder );
	$holder->read_stock_quantity( wc_double_move_stock( $holder_id, $quantity, $operation ) );
	$holder->save();
	do_action( "woocommerce_{$kind}_set_stock", $holder );
	return $holder->get_stock_quantity();
}

/**
 * The statement itself, in WooCommerce's own words: other plugins read and rewrite it.
 *
 * @param int       $id        Who holds the stock.
 * @param int|float $quantity  How many.
 * @param string    $operation set, increase or decrease.
 * @return int|float The level as computed beforehand: wrong where another request sells at the same time.
 */
function wc_double_move_stock( int $id, $quantity, string $operation ) {
	global $wpdb;
	add_post_meta( $id, '_stock', 0, true );
	if ( 'set' === $operation ) {
		$new_stock = wc_stock_amount( $quantity );
		$value     = number_format( (float) $new_stock, WC_ROUNDING_PRECISION, '.', '' );
		$sql       = $wpdb->prepare( "UPDATE {$wpdb->postmeta} SET meta_value = %s WHERE post_id = %d AND meta_key='_stock'", $value, $id );
	} else {
		$amount    = wc_stock_amount( $quantity ) * ( 'increase' === $operation ? 1 : -1 );
		$current   = $wpdb->get_var( $wpdb->prepare( "SELECT meta_value FROM {$wpdb->postmeta} WHERE post_id = %d AND meta_key='_stock';", $id ) );
		$new_stock = wc_stock_amount( $current ) + $amount;
		$sql       = $wpdb->prepare( "UPDATE {$wpdb->postmeta} SET meta_value = meta_value %+f WHERE post_id = %d AND meta_key='_stock'", $amount, $id );
	}
	$sql = apply_filters( 'woocommerce_update_product_stock_query', $sql, $id, $new_stock, $operation );
	$wpdb->query( $sql ); // phpcs:ignore WordPress.DB.PreparedSQL.NotPrepared
	wp_cache_delete( $id, 'post_meta' );
	WC_Product_Store::write_lookup( $id );
	do_action( 'woocommerce_updated_product_stock', $id );
	return $new_stock;
}

/**
 * An order reached a status that holds stock.
 *
 * @param int $order_id The order.
 */
function wc_maybe_reduce_stock_levels( $order_id ): void {
	$order = wc_get_order( $order_id );
	if ( $order && ! $order->get_order_stock_reduced() ) {
		wc_reduce_stock_levels( $order );
		$order->write_stock_reduced( 1 );
	}
}

/**
 * An order reached a status that holds none.
 *
 * @param int $order_id The order.
 */
function wc_maybe_increase_stock_levels( $order_id ): void {
	$order = wc_get_order( $order_id );
	if ( $order && $order->get_order_stock_reduced() ) {
		wc_increase_stock_levels( $order );
		$order->write_stock_reduced( 0 );
	}
}

/**
 * Flows a, b: the lines leave the stock, each once.
 *
 * @param WC_Order $order The order.
 */
function wc_reduce_stock_levels( WC_Order $order ): void {
	if ( 'yes' !== get_option( 'woocommerce_manage_stock' ) || ! apply_filters( 'woocommerce_can_reduce_order_stock', true, $order ) ) {
		return;
	}
	foreach ( $order->get_items() as $item ) {
		$product = $item->get_product();
		if ( $item->get_meta( '_reduced_stock' ) || ! $product || ! $product->managing_stock() ) {
			continue;
		}
		$quantity  = apply_filters( 'woocommerce_order_item_quantity', $item->get_quantity(), $order, $item );
		$new_stock = wc_update_product_stock( $product, $quantity, 'decrease' );
		$item->update_meta_data( '_reduced_stock', $quantity );
		$item->save();
		$change = array(
			'product' => $product,
			'from'    => $new_stock + $quantity,
			'to'      => $new_stock,
		);
		do_action( 'woocommerce_reduce_order_item_stock', $item, $change, $order );
	}
	do_action( 'woocommerce_reduce_order_stock', $order );
}

/**
 * Flow c: the lines go back.
 *
 * @param WC_Order $order The order.
 */
function wc_increase_stock_levels( WC_Order $order ): void {
	if ( 'yes' !== get_option( 'woocommerce_manage_stock' ) || ! apply_filters( 'woocommerce_can_restore_order_stock', true, $order ) ) {
		return;
	}
	foreach ( $order->get_items() as $item ) {
		$product = $item->get_product();
		$held    = $item->get_meta( '_reduced_stock' );
		if ( ! $held || ! $product || ! $product->managing_stock() ) {
			continue;
		}
		$new_stock = wc_update_product_stock( $product, $held, 'increase' );
		$item->delete_meta_data( '_reduced_stock' );
		$item->save();
		do_action( 'woocommerce_restore_order_item_stock', $item, $new_stock, $new_stock - $held, $order );
	}
	do_action( 'woocommerce_restore_order_stock', $order );
}

/**
 * Flow d: refunded lines go back, where that was asked for.
 *
 * @param WC_Order                      $order    The order.
 * @param array<int,array<string,mixed>> $refunded Line id => qty.
 */
function wc_restock_refunded_items( WC_Order $order, array $refunded ): void {
	if ( ! apply_filters( 'woocommerce_can_restock_refunded_items', true, $order, $refunded ) ) {
		return;
	}
	foreach ( $order->get_items() as $item_id => $item ) {
		$product  = $item->get_product();
		$held     = $item->get_meta( '_reduced_stock' );
		$quantity = $refunded[ $item_id ]['qty'] ?? 0;
		if ( ! $held || ! $quantity || ! $product || ! $product->managing_stock() ) {
			continue;
		}
		$old_stock = $product->get_stock_quantity();
		$new_stock = wc_update_product_stock( $product, $quantity, 'increase' );
		$item->update_meta_data( '_reduced_stock', $held - $quantity );
		$item->update_meta_data( '_restock_refunded_items', $quantity + (int) $item->get_meta( '_restock_refunded_items' ) );
		$item->save();
		do_action( 'woocommerce_restock_refunded_item', $product->get_id(), $old_stock, $new_stock, $order, $product );
	}
}

/**
 * Flow b4: a line was edited, and its stock follows; none of the order hooks fires.
 *
 * @param WC_Order_Item_Product $item     The line.
 * @param int                   $quantity What it is to have; below zero: its own.
 */
function wc_maybe_adjust_line_item_product_stock( WC_Order_Item_Product $item, $quantity = -1 ): bool {
	if ( apply_filters( 'woocommerce_prevent_adjust_line_item_product_stock', false, $item, $quantity ) ) {
		return false;
	}
	$product = $item->get_product();
	if ( ! $product || ! $product->managing_stock() ) {
		return false;
	}
	$wanted     = wc_stock_amount( $quantity >= 0 ? $quantity : $item->get_quantity() );
	$held       = wc_stock_amount( $item->get_meta( '_reduced_stock' ) );
	$restocked  = wc_stock_amount( $item->get_meta( '_restock_refunded_items' ) );
	$difference = 0 === $wanted ? -$held : $wanted - $restocked - $held;
	if ( 0 === $difference ) {
		return false;
	}
	wc_update_product_stock( $product, abs( $difference ), $difference < 0 ? 'increase' : 'decrease' );
	$item->update_meta_data( '_reduced_stock', $wanted - $restocked );
	$item->save();
	return true;
}
