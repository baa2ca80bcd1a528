<?php
/**
 * Collects which orders, products, customers and so on somebody should look at, once each, until the request is over.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * One "look at this" per object, topic and request. Nothing of the object is kept: what it has become is read when it
 * is told.
 */
final class Looks {

	private const DRAFTS = array( 'checkout-draft', 'auto-draft', 'new' );

	/**
	 * Topic and id => the row to be.
	 *
	 * @var array<string,array{topic:string,object_id:int,data:array<string,mixed>}>
	 */
	private $looks = array();

	/**
	 * Something about an order. A block checkout says eleven times that one order changed.
	 *
	 * @param string $what     changed, trashed, restored or deleted.
	 * @param mixed  $order_id The order.
	 */
	public function order( string $what, $order_id ): void {
		$this->add( 'order.' . $what, Guard::id( $order_id ), array( 'order_id' => Guard::id( $order_id ) ) );
	}

	/**
	 * A refund was made or deleted.
	 *
	 * @param string $what      created or deleted.
	 * @param mixed  $refund_id The refund.
	 * @param mixed  $order_id  The order.
	 */
	public function refund( string $what, $refund_id, $order_id ): void {
		$data = array(
			'refund_id' => Guard::id( $refund_id ),
			'order_id'  => Guard::id( $order_id ),
		);
		$this->add( 'refund.' . $what, Guard::id( $refund_id ), $data );
	}

	/**
	 * Something about a product or variation.
	 *
	 * @param string $what       changed, trashed, restored or deleted.
	 * @param mixed  $product_id Which.
	 */
	public function product( string $what, $product_id ): void {
		$this->add( 'product.' . $what, Guard::id( $product_id ), array( 'product_id' => Guard::id( $product_id ) ) );
	}

	/**
	 * Something about a category of products.
	 *
	 * @param string $what        changed or deleted.
	 * @param mixed  $category_id Which.
	 */
	public function category( string $what, $category_id ): void {
		$this->add( 'category.' . $what, Guard::id( $category_id ), array( 'category_id' => Guard::id( $category_id ) ) );
	}

	/**
	 * Something about a customer. Only the number is kept: nothing by which a person could be known leaves in a row.
	 *
	 * @param string $what        changed or deleted.
	 * @param mixed  $customer_id Which.
	 */
	public function customer( string $what, $customer_id ): void {
		$this->add( 'customer.' . $what, Guard::id( $customer_id ), array( 'customer_id' => Guard::id( $customer_id ) ) );
	}

	/**
	 * A setting of the shop changed that the other side depends on.
	 *
	 * @param string $what taxes, payments, stock or currency.
	 */
	public function setting( string $what ): void {
		$this->looks[ 'settings.changed:' . $what ] = array(
			'topic'     => 'settings.changed',
			'object_id' => 0,
			'data'      => array( 'what' => $what ),
		);
	}

	/**
	 * A post was trashed, restored or deleted; only products and orders are our concern. (WooCommerce's own hooks miss
	 * what wp-admin does.)
	 *
	 * @param string $what      trashed, restored or deleted.
	 * @param mixed  $post_id   Which.
	 * @param mixed  $post_type Of what type.
	 */
	public function post( string $what, $post_id, $post_type ): void {
		if ( 'product' === $post_type || 'product_variation' === $post_type ) {
			$this->product( $what, $post_id );
		} elseif ( 'shop_order' === $post_type ) {
			$this->order( $what, $post_id );
		}
	}

	/**
	 * Whether there is nothing to look at.
	 */
	public function are_none(): bool {
		return array() === $this->looks;
	}

	/**
	 * The rows, each order with the status that it has now; drafts of a checkout are no orders yet, and what is gone is
	 * only told as gone.
	 *
	 * @param string $origin Who asked for what this request did: store, or tillbridge.
	 * @return array<int,array{topic:string,object_id:int,data:array<string,mixed>,origin:string}>
	 */
	public function finish( string $origin ): array {
		$rows = array();
		foreach ( $this->looks as $look ) {
			$id = $look['object_id'];
			if ( 'changed' === substr( $look['topic'], -7 ) && isset( $this->looks[ substr( $look['topic'], 0, -7 ) . 'deleted:' . $id ] ) ) {
				continue;
			}
			if ( 'order.changed' === $look['topic'] ) {
				$order  = wc_get_order( $id );
				$status = $order instanceof \WC_Order ? $order->get_status() : null;
				if ( null === $status || in_array( $status, self::DRAFTS, true ) ) {
					continue;
				}
				$look['data']['status'] = $status;
			}
			$look['origin'] = $origin;

			$rows[] = $look;
		}
		return $rows;
	}

	/**
	 * Remember one.
	 *
	 * @param string              $topic The topic.
	 * @param int                 $id    The object.
	 * @param array<string,mixed> $data  What is told of it.
	 */
	private function add( string $topic, int $id, array $data ): void {
		if ( $id > 0 ) {
			$this->looks[ $topic . ':' . $id ] = array(
				'topic'     => $topic,
				'object_id' => $id,
				'data'      => $data,
			);
		}
	}
}
