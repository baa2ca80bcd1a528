<?php
/**
 * Orders that the daemon has made here for sales at the POS. They move no stock: the POS has sold the goods, and the
 * daemon moves what that means for the shop.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * Makes orders, each once.
 *
 * An order bears its key from its first save, as a draft that nobody sees, and is finished with its last save, which
 * also gives it its status. Where PHP dies in between, the next call finds the half of it by the key and makes it whole.
 */
final class Documents {

	public const KEY      = '_tillbridge_key';
	public const DOCUMENT = '_tillbridge_pos_document';
	public const PAYMENTS = '_tillbridge_payments';

	public const FINISHED = '_tillbridge_finished';

	private const LINE  = '_tillbridge_pos_line';
	private const DRAFT = 'checkout-draft';

	/**
	 * Make an order, or find it made.
	 *
	 * @param array<string,mixed> $draft The order to be.
	 * @return array<string,mixed>|\WP_Error
	 */
	public static function order( array $draft ) {
		$order = self::by_key( 'shop_order', $draft['key'] );
		if ( $order instanceof \WC_Order && 'yes' === $order->get_meta( self::FINISHED ) ) {
			return self::said( $order, true );
		}
		if ( ! $draft['mail'] ) {
			Quiet::begin();
		}
		$order = self::begun( $order instanceof \WC_Order ? $order : new \WC_Order(), $draft );
		foreach ( $draft['lines'] as $line ) {
			$order->add_item( self::item( $line ) );
		}
		$order->save();
		// Before the status, which would else take the goods from stock.
		$order->get_data_store()->set_stock_reduced( $order->get_id(), true );
		$order = wc_get_order( $order->get_id() );
		self::finish( $order, $draft );
		return self::said( $order, false );
	}

	/**
	 * Give an order a status.
	 *
	 * @param int    $order_id Which.
	 * @param string $status   The status.
	 * @param bool   $mail     Whether the customer may be told.
	 * @return array<string,mixed>|\WP_Error
	 */
	public static function status( int $order_id, string $status, bool $mail ) {
		$order = wc_get_order( $order_id );
		if ( ! $order instanceof \WC_Order || 'trash' === $order->get_status() ) {
			return self::no_order();
		}
		if ( $status === $order->get_status() ) {
			return self::said( $order, true );
		}
		if ( ! $mail ) {
			Quiet::begin();
		}
		if ( ! $order->update_status( $status, __( 'Told by the POS.', 'tillbridge' ) ) ) {
			return refusal( 'not_changed', __( 'The shop did not change the status of this order; its log says why.', 'tillbridge' ), 500 );
		}
		return self::said( wc_get_order( $order_id ), false );
	}

	/**
	 * What is answered about an order that is not here.
	 */
	public static function no_order(): \WP_Error {
		return refusal( 'no_order', __( 'The shop has no such order, or it lies in the trash.', 'tillbridge' ), 409 );
	}

	/**
	 * What was made under a key, wherever WooCommerce keeps orders, whatever became of it since.
	 *
	 * @param string $type shop_order or shop_order_refund.
	 * @param string $key  The key.
	 * @return \WC_Abstract_Order|null
	 */
	public static function by_key( string $type, string $key ) {
		$found = wc_get_orders(
			array(
				'type'       => $type,
				'status'     => array_merge( array_keys( wc_get_order_statuses() ), array( 'trash', self::DRAFT ) ),
				'limit'      => 1,
				'orderby'    => 'ID',
				'order'      => 'ASC',
				'meta_key'   => self::KEY, // phpcs:ignore WordPress.DB.SlowDBQuery -- indexed, and asked once for each document.
				'meta_value' => $key, // phpcs:ignore WordPress.DB.SlowDBQuery
			)
		);
		return $found[0] ?? null;
	}

	/**
	 * An order with its head and its key, saved as a draft without lines.
	 *
	 * @param \WC_Order           $order A new one, or half of one that a dead request left.
	 * @param array<string,mixed> $draft The order to be.
	 */
	private static function begun( \WC_Order $order, array $draft ): \WC_Order {
		$order->remove_order_items();
		$order->set_status( self::DRAFT );
		$order->set_created_via( 'tillbridge' );
		$order->set_currency( $draft['currency'] );
		$order->set_prices_include_tax( wc_prices_include_tax() );
		$order->set_date_created( $draft['at'] );
		$order->set_customer_id( self::customer( $draft ) );
		$order->set_customer_note( $draft['note'] );
		foreach ( array( 'billing', 'shipping' ) as $kind ) {
			foreach ( $draft[ $kind ] as $part => $text ) {
				$setter = "set_{$kind}_{$part}";
				if ( is_callable( array( $order, $setter ) ) && ( 'email' !== $part || '' === $text || is_email( $text ) ) ) {
					$order->$setter( $text );
				}
			}
		}
		$order->set_payment_method( $draft['method'] );
		$order->set_payment_method_title( $draft['method_title'] );
		$order->update_meta_data( self::KEY, $draft['key'] );
		$order->update_meta_data( self::DOCUMENT, $draft['document'] );
		if ( array() !== $draft['payments'] ) {
			$order->update_meta_data( self::PAYMENTS, $draft['payments'] );
		}
		$order->save();
		return $order;
	}

	/**
	 * A line. What the shop has no product for, or cannot count in such parts, is a fee with its name.
	 *
	 * @param array<string,mixed> $line The line.
	 */
	private static function item( array $line ): \WC_Order_Item {
		$product = 'item' === $line['kind'] && $line['product_id'] > 0 ? wc_get_product( $line['product_id'] ) : null;
		$counts  = (float) wc_stock_amount( $line['quantity'] ) === (float) $line['quantity'] && (float) $line['quantity'] > 0;
		$taxes   = array( 'total' => $line['taxes'] );
		if ( $product instanceof \WC_Product && $counts ) {
			$item = new \WC_Order_Item_Product();
			$item->set_product( $product );
			$item->set_quantity( wc_stock_amount( $line['quantity'] ) );
			$item->set_subtotal( $line['net'] );
			$taxes['subtotal'] = $line['taxes'];
			if ( (float) $line['held'] > 0 ) {
				$item->add_meta_data( '_reduced_stock', spell_quantity( $line['held'] ), true );
			}
		} elseif ( 'shipping' === $line['kind'] ) {
			$item = new \WC_Order_Item_Shipping();
			$item->set_method_title( $line['name'] );
			$item->set_method_id( $line['method'] );
		} else {
			$item = new \WC_Order_Item_Fee();
			$item->set_name( 'item' === $line['kind'] && 1.0 !== (float) $line['quantity'] ? $line['name'] . ' × ' . spell_quantity( $line['quantity'] ) : $line['name'] );
		}
		if ( '' !== $line['tax_class'] && ! $item instanceof \WC_Order_Item_Shipping ) {
			$item->set_tax_class( 'standard' === $line['tax_class'] ? '' : $line['tax_class'] );
		}
		$item->set_total( $line['net'] );
		$item->set_taxes( $taxes );
		$item->add_meta_data( self::LINE, $line['line'], true );
		return $item;
	}

	/**
	 * Sums as they were given, dates, status: the last save.
	 *
	 * @param \WC_Order           $order The order with its lines.
	 * @param array<string,mixed> $draft The order to be.
	 */
	private static function finish( \WC_Order $order, array $draft ): void {
		$order->update_taxes();
		$shipping = 0.0;
		foreach ( $order->get_items( 'shipping' ) as $item ) {
			$shipping += (float) $item->get_total();
		}
		$order->set_shipping_total( $shipping );
		$order->set_total( $draft['total'] );
		if ( null !== $draft['paid'] ) {
			$order->set_date_paid( $draft['paid'] );
		}
		$order->set_status( $draft['status'] );
		if ( 'completed' === $draft['status'] ) {
			$order->set_date_completed( $draft['at'] );
		}
		$order->set_date_created( $draft['at'] );
		$order->update_meta_data( self::FINISHED, 'yes' );
		if ( self::is_administrator( $order->get_customer_id() ) ) {
			Quiet::leave_accounts_alone();
		}
		$order->save();
	}

	/**
	 * Whose order it is: the account that the daemon names, where there still is one; that of whoever runs the shop where
	 * the e-mail is theirs.
	 *
	 * @param array<string,mixed> $draft The order to be.
	 */
	private static function customer( array $draft ): int {
		$user = '' === $draft['billing']['email'] ? false : get_user_by( 'email', $draft['billing']['email'] );
		if ( $user instanceof \WP_User && self::is_administrator( $user->ID ) ) {
			return $user->ID;
		}
		return get_userdata( $draft['customer_id'] ) instanceof \WP_User ? $draft['customer_id'] : 0;
	}

	/**
	 * Whether this account may run the shop.
	 *
	 * @param int $user_id The account.
	 */
	private static function is_administrator( int $user_id ): bool {
		return $user_id > 0 && user_can( $user_id, 'manage_woocommerce' ); // phpcs:ignore WordPress.WP.Capabilities -- WooCommerce's own.
	}

	/**
	 * What the daemon is told of an order.
	 *
	 * @param \WC_Order $order The order.
	 * @param bool      $again Whether it was so before.
	 * @return array<string,mixed>
	 */
	private static function said( \WC_Order $order, bool $again ): array {
		$lines = array();
		foreach ( $order->get_items( array( 'line_item', 'shipping', 'fee' ) ) as $item_id => $item ) {
			$line = (string) $item->get_meta( self::LINE );
			if ( '' !== $line ) {
				$lines[ $line ] = (int) $item_id;
			}
		}
		return array(
			'order_id' => $order->get_id(),
			'status'   => $order->get_status(),
			'again'    => $again,
			'lines'    => (object) $lines,
		);
	}
}
