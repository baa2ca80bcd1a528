<?php
/**
 * The lines of orders, in WooCommerce's two tables for them.
 *
 * @package Tillbridge
 */

defined( 'ABSPATH' ) || exit;

// phpcs:disable WordPress.DB.DirectDatabaseQuery

/**
 * One line of an order or a refund: a product, and how many of it.
 */
class WC_Order_Item_Product {

	/**
	 * Its id, 0 before it is saved.
	 *
	 * @var int
	 */
	private $id;

	/**
	 * The order.
	 *
	 * @var int
	 */
	private $order_id;

	/**
	 * What it is called.
	 *
	 * @var string
	 */
	private $name;

	/**
	 * Its meta as it is to be stored.
	 *
	 * @var array<string,mixed>
	 */
	private $meta;

	/**
	 * A line.
	 *
	 * @param int                 $id       Its id, 0 for a new one.
	 * @param int                 $order_id The order.
	 * @param string              $name     What it is called.
	 * @param array<string,mixed> $meta     Its meta.
	 */
	public function __construct( int $id, int $order_id, string $name, array $meta ) {
		$this->id       = $id;
		$this->order_id = $order_id;
		$this->name     = $name;
		$this->meta     = $meta;
	}

	/**
	 * A new line for a product.
	 *
	 * @param WC_Product $product  The product.
	 * @param int|float  $quantity How many.
	 * @param int        $order_id The order.
	 */
	public static function of( WC_Product $product, $quantity, int $order_id ): self {
		$is_variation = $product->is_type( 'variation' );
		$meta         = array(
			'_product_id'   => $is_variation ? $product->get_parent_id() : $product->get_id(),
			'_variation_id' => $is_variation ? $product->get_id() : 0,
			'_qty'          => $quantity,
		);
		return new self( 0, $order_id, $product->get_name(), $meta );
	}

	/**
	 * The lines of an order, by id.
	 *
	 * @param int $order_id The order.
	 * @return array<int,self>
	 */
	public static function of_order( int $order_id ): array {
		global $wpdb;
		$sql   = "SELECT * FROM {$wpdb->prefix}woocommerce_order_items WHERE order_id = %d AND order_item_type = 'line_item' ORDER BY order_item_id";
		$items = array();
		foreach ( $wpdb->get_results( $wpdb->prepare( $sql, $order_id ) ) as $row ) {
			$sql  = "SELECT meta_key, meta_value FROM {$wpdb->prefix}woocommerce_order_itemmeta WHERE order_item_id = %d";
			$meta = array_column( $wpdb->get_results( $wpdb->prepare( $sql, $row->order_item_id ), ARRAY_A ), 'meta_value', 'meta_key' );

			$items[ (int) $row->order_item_id ] = new self( (int) $row->order_item_id, $order_id, $row->order_item_name, $meta );
		}
		return $items;
	}

	/**
	 * Its id.
	 */
	public function get_id(): int {
		return $this->id;
	}

	/**
	 * Its order.
	 */
	public function get_order_id(): int {
		return $this->order_id;
	}

	/**
	 * Its kind.
	 */
	public function get_type(): string {
		return 'line_item';
	}

	/**
	 * Whether it is of a kind.
	 *
	 * @param string $type The kind.
	 */
	public function is_type( $type ): bool {
		return 'line_item' === $type;
	}

	/**
	 * What it is called.
	 */
	public function get_name(): string {
		return $this->name;
	}

	/**
	 * How many.
	 *
	 * @return int|float
	 */
	public function get_quantity() {
		return wc_stock_amount( $this->meta['_qty'] ?? 0 );
	}

	/**
	 * Another number, to be stored by save().
	 *
	 * @param int|float $quantity How many.
	 */
	public function set_quantity( $quantity ): void {
		$this->meta['_qty'] = $quantity;
	}

	/**
	 * The product, or the parent of the variation.
	 */
	public function get_product_id(): int {
		return (int) ( $this->meta['_product_id'] ?? 0 );
	}

	/**
	 * The variation, 0 where it is none.
	 */
	public function get_variation_id(): int {
		return (int) ( $this->meta['_variation_id'] ?? 0 );
	}

	/**
	 * What was ordered; false where it is gone.
	 *
	 * @return WC_Product|false
	 */
	public function get_product() {
		$variation = $this->get_variation_id();
		return wc_get_product( 0 === $variation ? $this->get_product_id() : $variation );
	}

	/**
	 * A meta value, "" where there is none.
	 *
	 * @param string $key    Its key.
	 * @param bool   $single The first one, as everybody asks.
	 * @return mixed
	 */
	public function get_meta( $key, $single = true ) {
		return $this->meta[ $key ] ?? '';
	}

	/**
	 * Set a meta value.
	 *
	 * @param string $key   Its key.
	 * @param mixed  $value The value.
	 */
	public function update_meta_data( $key, $value ): void {
		$this->meta[ $key ] = $value;
	}

	/**
	 * Take a meta value away.
	 *
	 * @param string $key Its key.
	 */
	public function delete_meta_data( $key ): void {
		unset( $this->meta[ $key ] );
	}

	/**
	 * Store it.
	 */
	public function save(): int {
		global $wpdb;
		$items = $wpdb->prefix . 'woocommerce_order_items';
		$metas = $wpdb->prefix . 'woocommerce_order_itemmeta';
		if ( 0 === $this->id ) {
			$row = array(
				'order_item_name' => $this->name,
				'order_item_type' => 'line_item',
				'order_id'        => $this->order_id,
			);
			$wpdb->insert( $items, $row );
			$this->id = (int) $wpdb->insert_id;
			$is_new   = true;
		}
		$wpdb->delete( $metas, array( 'order_item_id' => $this->id ) );
		foreach ( $this->meta as $key => $value ) {
			$row = array(
				'order_item_id' => $this->id,
				'meta_key'      => $key, // phpcs:ignore WordPress.DB.SlowDBQuery
				'meta_value'    => $value, // phpcs:ignore WordPress.DB.SlowDBQuery
			);
			$wpdb->insert( $metas, $row );
		}
		if ( $is_new ?? false ) {
			do_action( 'woocommerce_new_order_item', $this->id, $this, $this->order_id );
		}
		return $this->id;
	}
}
