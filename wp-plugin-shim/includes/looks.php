<?php
/**
 * Collects which orders, refunds and products somebody should look at, once each, until the request is over.
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
	 * An order may have changed. A block checkout says so eleven times for one order.
	 *
	 * @param mixed $order_id The order.
	 */
	public function order_changed( $order_id ): void {
		$this->add( 'order.changed', (int) $order_id, array( 'order_id' => (int) $order_id ) );
	}

	/**
	 * A refund was made.
	 *
	 * @param mixed $order_id  The order.
	 * @param mixed $refund_id The refund.
	 */
	public function refund_created( $order_id, $refund_id ): void {
		$data = array(
			'refund_id' => (int) $refund_id,
			'order_id'  => (int) $order_id,
		);
		$this->add( 'refund.created', (int) $refund_id, $data );
	}

	/**
	 * A refund was deleted (WooCommerce says so only for wp-admin).
	 *
	 * @param mixed $refund_id The refund.
	 * @param mixed $order_id  The order.
	 */
	public function refund_deleted( $refund_id, $order_id ): void {
		$data = array(
			'refund_id' => (int) $refund_id,
			'order_id'  => (int) $order_id,
		);
		$this->add( 'refund.deleted', (int) $refund_id, $data );
	}

	/**
	 * A product or variation may have changed.
	 *
	 * @param mixed $product_id Which.
	 */
	public function product_changed( $product_id ): void {
		$this->add( 'product.changed', (int) $product_id, array( 'product_id' => (int) $product_id ) );
	}

	/**
	 * An order was trashed, restored or deleted.
	 *
	 * @param string $what     trashed, restored or deleted.
	 * @param mixed  $order_id The order.
	 */
	public function order_moved( string $what, $order_id ): void {
		$this->add( 'order.' . $what, (int) $order_id, array( 'order_id' => (int) $order_id ) );
	}

	/**
	 * A post was trashed, restored or deleted; only products and orders are our concern. (WooCommerce's own hooks miss
	 * what wp-admin does.)
	 *
	 * @param string $what      trashed, restored or deleted.
	 * @param mixed  $post_id   Which.
	 * @param mixed  $post_type Of what type.
	 */
	public function post_moved( string $what, $post_id, $post_type ): void {
		if ( 'product' === $post_type || 'product_variation' === $post_type ) {
			$this->add( 'product.' . $what, (int) $post_id, array( 'product_id' => (int) $post_id ) );
		} elseif ( 'shop_order' === $post_type ) {
			$this->order_moved( $what, $post_id );
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
	 * @return array<int,array{topic:string,object_id:int,data:array<string,mixed>}>
	 */
	public function finish(): array {
		$rows = array();
		foreach ( $this->looks as $look ) {
			$id = $look['object_id'];
			if ( 'product.changed' === $look['topic'] && isset( $this->looks[ 'product.deleted:' . $id ] ) ) {
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
