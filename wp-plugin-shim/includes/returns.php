<?php
/**
 * Refunds that the daemon has made here for returns at the POS. They move no stock and ask no gateway for money.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * Makes refunds, each once.
 *
 * A refund bears its key from its first save, and a mark from its last. WooCommerce saves it several times; what a dead
 * request left without the mark is half a refund, and is thrown away before it is made again.
 */
final class Returns {

	/**
	 * Which returns a line of an order has had, by their keys: what it holds is lowered once for each.
	 */
	private const RETURNED = '_tillbridge_returned';

	/**
	 * Make a refund, or find it made.
	 *
	 * @param array<string,mixed> $draft The refund to be.
	 * @return array<string,mixed>|\WP_Error
	 */
	public static function refund( array $draft ) {
		$order = wc_get_order( $draft['order_id'] );
		$found = self::found( $draft['key'] );
		if ( ! $order instanceof \WC_Order || ( null === $found && 'trash' === $order->get_status() ) ) {
			return Documents::no_order();
		}
		foreach ( null === $found ? $draft['lines'] : array() as $line ) {
			if ( ! $order->get_item( $line['line_id'] ) ) {
				/* translators: %d: the number of a line. */
				return refusal( 'no_line', sprintf( __( 'The order has no line %d any more.', 'tillbridge' ), $line['line_id'] ), 409 );
			}
		}
		if ( ! $draft['mail'] ) {
			Quiet::begin();
		}
		$refund = $found ?? self::made( $draft );
		if ( is_wp_error( $refund ) ) {
			return refusal( 'no_refund', $refund->get_error_message(), 409 );
		}
		self::settle( wc_get_order( $order->get_id() ) );
		foreach ( $draft['lines'] as $line ) {
			if ( (float) $line['restocked'] > 0 ) {
				self::release( wc_get_order( $order->get_id() )->get_item( $line['line_id'] ), $line['restocked'], $draft['key'] );
			}
		}
		return array(
			'refund_id' => $refund->get_id(),
			'status'    => wc_get_order( $order->get_id() )->get_status(),
			'again'     => null !== $found,
			'lines'     => new \stdClass(),
		);
	}

	/**
	 * The refund of this key, whole; half of one is thrown away.
	 *
	 * @param string $key The key.
	 */
	private static function found( string $key ): ?\WC_Order_Refund {
		$found = Documents::by_key( 'shop_order_refund', $key );
		if ( ! $found instanceof \WC_Order_Refund ) {
			return null;
		}
		if ( 'yes' === $found->get_meta( Documents::FINISHED ) ) {
			return $found;
		}
		$found->delete( true );
		return null;
	}

	/**
	 * An order of which nothing is left is refunded, also where the request that refunded the last of it died.
	 *
	 * @param mixed $order The order.
	 */
	private static function settle( $order ): void {
		if ( $order instanceof \WC_Order && (float) $order->get_remaining_refund_amount() <= 0 && (float) $order->get_total() > 0 && ! in_array( $order->get_status(), array( 'refunded', 'trash' ), true ) ) {
			$order->update_status( 'refunded' );
		}
	}

	/**
	 * A new refund.
	 *
	 * @param array<string,mixed> $draft The refund to be.
	 * @return \WC_Order_Refund|\WP_Error
	 */
	private static function made( array $draft ) {
		$name   = static function ( $refund ) use ( $draft ): void {
			$refund->update_meta_data( Documents::KEY, $draft['key'] );
			$refund->update_meta_data( Documents::DOCUMENT, $draft['document'] );
		};
		$finish = static function ( $refund ): void {
			$refund->update_meta_data( Documents::FINISHED, 'yes' );
		};
		add_action( 'woocommerce_before_order_refund_object_save', $name, PHP_INT_MAX, 1 );
		add_action( 'woocommerce_create_refund', $finish, PHP_INT_MAX, 1 );
		$lines = array();
		foreach ( $draft['lines'] as $line ) {
			$lines[ $line['line_id'] ] = array(
				'qty'          => wc_stock_amount( $line['quantity'] ),
				'refund_total' => $line['net'],
				'refund_tax'   => $line['taxes'],
			);
		}
		$refund = wc_create_refund(
			array(
				'order_id'       => $draft['order_id'],
				'amount'         => $draft['amount'],
				'reason'         => $draft['reason'],
				'line_items'     => $lines,
				'date_created'   => $draft['at'],
				'refund_payment' => false,
				'restock_items'  => false,
			)
		);
		remove_action( 'woocommerce_before_order_refund_object_save', $name, PHP_INT_MAX );
		remove_action( 'woocommerce_create_refund', $finish, PHP_INT_MAX );
		return $refund;
	}

	/**
	 * Goods of a line lie at the POS again: the line holds so much less, as after a refund that restocks; the others stay
	 * with it. All of it stands, or nothing.
	 *
	 * @param mixed  $item     The line of the order.
	 * @param string $quantity How many lie there again.
	 * @param string $key      The key of the refund.
	 */
	private static function release( $item, string $quantity, string $key ): void {
		if ( ! $item instanceof \WC_Order_Item_Product ) {
			return;
		}
		$had = array_filter( (array) $item->get_meta( self::RETURNED ) );
		if ( in_array( $key, $had, true ) ) {
			return;
		}
		$held = (float) $item->get_meta( '_reduced_stock' );
		$back = min( $held, (float) $quantity );
		if ( $back > 0 ) {
			$item->update_meta_data( '_reduced_stock', spell_quantity( $held - $back ) );
			$item->update_meta_data( '_restock_refunded_items', spell_quantity( (float) $item->get_meta( '_restock_refunded_items' ) + $back ) );
		}
		$item->update_meta_data( self::RETURNED, array_merge( $had, array( $key ) ) );
		wc_transaction_query( 'start' );
		$item->save();
		wc_transaction_query( 'commit' );
	}
}
