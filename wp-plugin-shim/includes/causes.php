<?php
/**
 * Why a stock level moves: which order and line, or else what kind of request.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * Remembers what WooCommerce says right before it moves stock, for the very next change of that product.
 *
 * WooCommerce tells the reason only in filters that run before the write; the hooks of the write itself carry a product
 * and nothing else.
 */
final class Causes {

	/**
	 * Changes that are announced: type, order_id, line_id, the products that may hold that line's stock, and the line
	 * itself where it has no number yet.
	 *
	 * @var array<int,array{type:string,order_id:int,line_id:int,products:int[],item:\WC_Order_Item_Product|null}>
	 */
	private $announced = array();

	/**
	 * Whether WooCommerce is just reducing an order's stock. The filter with the line also fires when a checkout merely
	 * reserves.
	 *
	 * @var bool
	 */
	private $reducing = false;

	/**
	 * An order's stock is about to be reduced, unless another plugin said no.
	 *
	 * @param mixed $allowed Whether it will be.
	 */
	public function reduction_begins( $allowed ): void {
		$this->announced = array();
		$this->reducing  = (bool) $allowed;
	}

	/**
	 * That order is done, or another kind of work begins.
	 */
	public function ends(): void {
		$this->announced = array();
		$this->reducing  = false;
	}

	/**
	 * One line is about to be taken from stock.
	 *
	 * @param mixed $quantity How many.
	 * @param mixed $order    The order.
	 * @param mixed $item     Its line.
	 */
	public function line( $quantity, $order, $item ): void {
		if ( $this->reducing && $order instanceof \WC_Order && $item instanceof \WC_Order_Item_Product ) {
			$this->announced = array( $this->announcement( 'order_line', $order->get_id(), $item ) );
		}
	}

	/**
	 * The lines of an order are about to go back to stock.
	 *
	 * @param mixed $allowed Whether they will.
	 * @param mixed $order   The order.
	 */
	public function restore_begins( $allowed, $order ): void {
		$this->ends();
		if ( ! $allowed || ! $order instanceof \WC_Order ) {
			return;
		}
		foreach ( $order->get_items() as $item ) {
			if ( $item instanceof \WC_Order_Item_Product && $item->get_meta( '_reduced_stock', true ) ) {
				$this->announced[] = $this->announcement( 'restore', $order->get_id(), $item );
			}
		}
	}

	/**
	 * The lines of a refund are about to go back to stock.
	 *
	 * @param mixed $allowed  Whether they will.
	 * @param mixed $order    The order.
	 * @param mixed $refunded Line id => what is refunded of it.
	 */
	public function restock_begins( $allowed, $order, $refunded ): void {
		$this->ends();
		if ( ! $allowed || ! $order instanceof \WC_Order || ! is_array( $refunded ) ) {
			return;
		}
		foreach ( $order->get_items() as $item_id => $item ) {
			if ( ! empty( $refunded[ $item_id ]['qty'] ) && $item instanceof \WC_Order_Item_Product && $item->get_meta( '_reduced_stock', true ) ) {
				$this->announced[] = $this->announcement( 'restock', $order->get_id(), $item );
			}
		}
	}

	/**
	 * A line of an order was edited, and its stock may follow. WooCommerce writes nothing where the line holds what it
	 * should already.
	 *
	 * @param mixed $prevented Whether another plugin forbids it.
	 * @param mixed $item      The line.
	 * @param mixed $quantity  The quantity it is to have; below zero: its own.
	 */
	public function adjustment( $prevented, $item, $quantity ): void {
		$this->ends();
		if ( $prevented || ! $item instanceof \WC_Order_Item_Product ) {
			return;
		}
		$wanted = (float) ( is_numeric( $quantity ) && $quantity >= 0 ? $quantity : $item->get_quantity() );
		$held   = (float) $item->get_meta( '_reduced_stock', true );
		$back   = 0.0 === $wanted ? 0.0 : (float) $item->get_meta( '_restock_refunded_items', true );
		if ( abs( $wanted - $back - $held ) > 0.0 ) {
			$this->announced = array( $this->announcement( 'order_line', $item->get_order_id(), $item ) );
		}
	}

	/**
	 * The cause of the change that is about to happen to this product. An announcement serves once.
	 *
	 * @param int $product_id Who holds the stock: the product, the variation, or the parent of the variation that was ordered.
	 * @return array<string,mixed> type, and for a line order_id, line_id and item.
	 */
	public function take( int $product_id ): array {
		foreach ( $this->announced as $at => $announced ) {
			if ( in_array( $product_id, $announced['products'], true ) ) {
				unset( $this->announced[ $at ], $announced['products'] );
				return $announced;
			}
		}
		return array( 'type' => $this->kind_of_request() );
	}

	/**
	 * What is to be remembered of a line. One that is added over REST takes its stock before it is saved, and has no
	 * number until then.
	 *
	 * @param string                 $type     order_line, restore or restock.
	 * @param int                    $order_id The order.
	 * @param \WC_Order_Item_Product $item     The line.
	 * @return array{type:string,order_id:int,line_id:int,products:int[],item:\WC_Order_Item_Product|null}
	 */
	private function announcement( string $type, int $order_id, \WC_Order_Item_Product $item ): array {
		return array(
			'type'     => $type,
			'order_id' => $order_id,
			'line_id'  => (int) $item->get_id(),
			'products' => array_map( 'intval', array_filter( array( $item->get_variation_id(), $item->get_product_id() ) ) ),
			'item'     => $item->get_id() > 0 ? null : $item,
		);
	}

	/**
	 * Where a change comes from that no order explains.
	 */
	private function kind_of_request(): string {
		if ( defined( 'WP_LOAD_IMPORTERS' ) || defined( 'WP_IMPORTING' ) || did_action( 'woocommerce_product_import_before_process_item' ) > 0 ) {
			return 'import';
		}
		if ( defined( 'WP_CLI' ) && constant( 'WP_CLI' ) ) {
			return 'cli';
		}
		if ( defined( 'REST_REQUEST' ) && constant( 'REST_REQUEST' ) ) {
			return 'rest';
		}
		return is_admin() && is_user_logged_in() ? 'admin' : 'other';
	}
}
