<?php
/**
 * The lines of orders, in WooCommerce's two tables for them.
 *
 * @package Tillbridge
 */

defined( 'ABSPATH' ) || exit;

// phpcs:disable WordPress.DB.DirectDatabaseQuery, Generic.Files.OneObjectStructurePerFile

/**
 * One line of an order or a refund, of whatever kind.
 */
abstract class WC_Order_Item {

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
	protected $meta;

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
	 * The lines of an order of some kinds, by id.
	 *
	 * @param int      $order_id The order.
	 * @param string[] $types    The kinds.
	 * @return array<int,self>
	 */
	public static function of_order( int $order_id, array $types ): array {
		global $wpdb;
		$classes = array(
			'line_item' => WC_Order_Item_Product::class,
			'shipping'  => WC_Order_Item_Shipping::class,
			'fee'       => WC_Order_Item_Fee::class,
		);
		$sql     = "SELECT * FROM {$wpdb->prefix}woocommerce_order_items WHERE order_id = %d ORDER BY order_item_id";
		$items   = array();
		foreach ( $wpdb->get_results( $wpdb->prepare( $sql, $order_id ) ) as $row ) {
			if ( ! in_array( $row->order_item_type, $types, true ) ) {
				continue;
			}
			$sql  = "SELECT meta_key, meta_value FROM {$wpdb->prefix}woocommerce_order_itemmeta WHERE order_item_id = %d";
			$meta = array_column( $wpdb->get_results( $wpdb->prepare( $sql, $row->order_item_id ), ARRAY_A ), 'meta_value', 'meta_key' );

			$items[ (int) $row->order_item_id ] = new $classes[ $row->order_item_type ]( (int) $row->order_item_id, $order_id, $row->order_item_name, $meta );
		}
		return $items;
	}

	/**
	 * Its kind.
	 */
	abstract public function get_type(): string;

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
	 * Whether it is of a kind.
	 *
	 * @param string $type The kind.
	 */
	public function is_type( $type ): bool {
		return $this->get_type() === $type;
	}

	/**
	 * What it is called.
	 */
	public function get_name(): string {
		return $this->name;
	}

	/**
	 * How many: of what is no product, one.
	 *
	 * @return int|float
	 */
	public function get_quantity() {
		return 1;
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
				'order_item_type' => $this->get_type(),
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

/**
 * One line with a product, and how many of it.
 */
class WC_Order_Item_Product extends WC_Order_Item {

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
	 * Its kind.
	 */
	public function get_type(): string {
		return 'line_item';
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
}

/**
 * One line without a product: it costs something, and holds no stock.
 */
abstract class WC_Double_Cost extends WC_Order_Item {

	/**
	 * A new line.
	 *
	 * @param string $name     What it is called.
	 * @param string $total    What it costs.
	 * @param int    $order_id The order.
	 * @return static
	 */
	public static function of( string $name, string $total, int $order_id ) {
		return new static( 0, $order_id, $name, array( '_line_total' => $total ) );
	}
}

/**
 * A fee, or a discount by hand.
 */
class WC_Order_Item_Fee extends WC_Double_Cost {

	/**
	 * Its kind.
	 */
	public function get_type(): string {
		return 'fee';
	}
}

/**
 * Shipping.
 */
class WC_Order_Item_Shipping extends WC_Double_Cost {

	/**
	 * Its kind.
	 */
	public function get_type(): string {
		return 'shipping';
	}
}
