<?php
/**
 * How much stock each line of an order holds, read from the orders themselves.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * WooCommerce's own word for a position is the line's `_reduced_stock`. Orders are only read through its functions,
 * wherever it keeps them; the tables of their lines are the same everywhere.
 */
final class Positions {

	public const LARGEST_PAGE = 500;

	/**
	 * An order in one of these has given its stock back, or is settled.
	 */
	private const SETTLED = array( 'completed', 'refunded', 'cancelled', 'failed' );

	/**
	 * One order; none where there is no such order.
	 *
	 * @param int $order_id The order.
	 * @return array<int,array<string,mixed>>
	 */
	public static function of( int $order_id ): array {
		$order = wc_get_order( $order_id );
		return $order instanceof \WC_Order ? array( self::row( $order ) ) : array();
	}

	/**
	 * Orders that hold stock and are not settled, in the order of their ids.
	 *
	 * @param int $after Orders above this id.
	 * @param int $limit At most so many.
	 * @return array{0:array<int,array<string,mixed>>,1:int|null} The page, and where the next one begins.
	 */
	public static function open( int $after, int $limit ): array {
		$holders = self::holders( self::unsettled_ids( $after ), $limit + 1 );
		$page    = array_slice( $holders, 0, $limit );
		$rows    = array();
		foreach ( $page as $order_id ) {
			$rows = array_merge( $rows, self::of( $order_id ) );
		}
		return array( $rows, count( $holders ) > $limit ? (int) end( $page ) : null );
	}

	/**
	 * Orders that are not settled, whether or not they hold stock. One in the trash still holds what it held.
	 *
	 * @param int $after Orders above this id.
	 * @return int[] In their order.
	 */
	private static function unsettled_ids( int $after ): array {
		$statuses = array();
		foreach ( array_keys( wc_get_order_statuses() ) as $status ) {
			$statuses[] = 0 === strpos( $status, 'wc-' ) ? substr( $status, 3 ) : $status;
		}
		$found = wc_get_orders(
			array(
				'type'   => 'shop_order',
				'status' => array_merge( array_diff( $statuses, self::SETTLED ), array( 'trash' ) ),
				'limit'  => -1,
				'return' => 'ids',
			)
		);
		$ids   = array_filter(
			array_map( 'intval', $found ),
			static function ( int $id ) use ( $after ): bool {
				return $id > $after;
			}
		);
		sort( $ids );
		return $ids;
	}

	/**
	 * Those of these orders that hold stock.
	 *
	 * @param int[] $ids  Orders, in their order.
	 * @param int   $most So many are enough.
	 * @return int[]
	 */
	private static function holders( array $ids, int $most ): array {
		global $wpdb;
		$holders = array();
		foreach ( array_chunk( $ids, 1000 ) as $chunk ) {
			$places = implode( ', ', array_fill( 0, count( $chunk ), '%d' ) );
			$sql    = "SELECT DISTINCT i.order_id FROM {$wpdb->prefix}woocommerce_order_items i
				INNER JOIN {$wpdb->prefix}woocommerce_order_itemmeta m ON m.order_item_id = i.order_item_id AND m.meta_key = '_reduced_stock'
				WHERE i.order_item_type = 'line_item' AND m.meta_value > 0 AND i.order_id IN ({$places}) ORDER BY i.order_id";
			$found  = read_column( $wpdb->prepare( $sql, ...$chunk ) ); // phpcs:ignore WordPress.DB.PreparedSQL.NotPrepared
			array_push( $holders, ...array_map( 'intval', $found ) );
			if ( count( $holders ) >= $most ) {
				break;
			}
		}
		return array_slice( $holders, 0, $most );
	}

	/**
	 * An order as it is told.
	 *
	 * @param \WC_Order $order The order.
	 * @return array<string,mixed>
	 */
	private static function row( \WC_Order $order ): array {
		$lines = array();
		foreach ( $order->get_items() as $line_id => $line ) {
			if ( ! $line instanceof \WC_Order_Item_Product ) {
				continue;
			}
			$lines[] = array(
				'line_id'       => (int) $line_id,
				'product_id'    => (int) $line->get_product_id(),
				'variation_id'  => (int) $line->get_variation_id(),
				'quantity'      => spell_quantity( $line->get_quantity() ) ?? '0',
				'refunded'      => spell_quantity( abs( (float) $order->get_qty_refunded_for_item( $line_id ) ) ),
				'reduced_stock' => spell_quantity( $line->get_meta( '_reduced_stock', true ) ) ?? '0',
			);
		}
		return array(
			'order_id' => $order->get_id(),
			'status'   => $order->get_status(),
			'lines'    => $lines,
		);
	}
}
