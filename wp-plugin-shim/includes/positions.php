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
	 * The most orders that may be asked for by their ids.
	 */
	private const MOST_IDS = 100;

	/**
	 * An order in one of these has given its stock back, or is settled.
	 */
	private const SETTLED = array( 'completed', 'refunded', 'cancelled', 'failed' );

	/**
	 * What the database and PHP both read as a number.
	 */
	private const NUMBER = '^ *[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)? *$';

	/**
	 * Those of these orders that there are, in the order of the ids.
	 *
	 * All at once, which costs a third of one by one. What that does not find may still be there, with a status that no
	 * plugin knows any more.
	 *
	 * @param int[] $ids Orders.
	 * @return array<int,array<string,mixed>>
	 */
	public static function of( array $ids ): array {
		$found = array();
		$query = array(
			'type'     => 'shop_order',
			'status'   => array_merge( self::statuses(), array( 'trash', 'auto-draft' ) ),
			'post__in' => $ids,
			'limit'    => -1,
		);
		foreach ( array() === $ids ? array() : wc_get_orders( $query ) as $order ) {
			$found[ $order->get_id() ] = $order;
		}
		$rows = array();
		foreach ( $ids as $id ) {
			$order = $found[ $id ] ?? wc_get_order( $id );
			if ( $order instanceof \WC_Order ) {
				$rows[] = self::row( $order );
			}
		}
		return $rows;
	}

	/**
	 * The orders that a query names.
	 *
	 * @param string $given Ids with commas between them.
	 * @return int[]|null Null where it is no such list, or too long.
	 */
	public static function ids_in( string $given ): ?array {
		$ids = explode( ',', $given );
		if ( count( $ids ) > self::MOST_IDS || preg_grep( '/^[1-9][0-9]{0,17}\z/', $ids ) !== $ids ) {
			return null;
		}
		return array_values( array_unique( array_map( 'intval', $ids ) ) );
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
		return array( self::of( $page ), count( $holders ) > $limit ? (int) end( $page ) : null );
	}

	/**
	 * Orders that are not settled, whether or not they hold stock. One in the trash still holds what it held.
	 *
	 * @param int $after Orders above this id.
	 * @return int[] In their order.
	 */
	private static function unsettled_ids( int $after ): array {
		$found = wc_get_orders(
			array(
				'type'   => 'shop_order',
				'status' => array_merge( array_diff( self::statuses(), self::SETTLED ), array( 'trash' ) ),
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
	 * Every status that an order of this shop may have, without the prefix.
	 *
	 * @return string[]
	 */
	private static function statuses(): array {
		$statuses = array();
		foreach ( array_keys( wc_get_order_statuses() ) as $status ) {
			$statuses[] = 0 === strpos( $status, 'wc-' ) ? substr( $status, 3 ) : $status;
		}
		return $statuses;
	}

	/**
	 * Those of these orders that hold stock, or of which nobody knows whether they do: what is no number compares as 0.
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
				WHERE i.order_item_type = 'line_item' AND ( m.meta_value > 0 OR ( m.meta_value <> '' AND m.meta_value NOT REGEXP '" . self::NUMBER . "' ) )
				AND i.order_id IN ({$places}) ORDER BY i.order_id";
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
				'reduced_stock' => self::reduced( $line->get_meta( '_reduced_stock', true ) ),
			);
		}
		return array(
			'order_id'     => $order->get_id(),
			'status'       => $order->get_status(),
			'pos_document' => (string) $order->get_meta( Documents::DOCUMENT ),
			'lines'        => $lines,
		);
	}
	/**
	 * What a line holds. WooCommerce removes the meta where that is nothing; whatever else is no number is unknown, and
	 * not zero.
	 *
	 * @param mixed $stored The meta, "" where there is none.
	 */
	private static function reduced( $stored ): ?string {
		return '' === $stored ? '0' : spell_quantity( $stored );
	}
}
