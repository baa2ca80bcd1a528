<?php
/**
 * Orders and refunds, in tables of their own (HPOS).
 *
 * @package Tillbridge
 */

defined( 'ABSPATH' ) || exit;

// phpcs:disable WordPress.DB.DirectDatabaseQuery, Generic.Files.OneObjectStructurePerFile

/**
 * What orders and refunds have in common.
 */
abstract class WC_Abstract_Order {

	/**
	 * Its id, 0 before it is saved.
	 *
	 * @var int
	 */
	protected $id = 0;

	/**
	 * Its row.
	 *
	 * @var array<string,mixed>
	 */
	protected $data = array(
		'status'          => 'pending',
		'type'            => 'shop_order',
		'parent_order_id' => 0,
	);

	/**
	 * Its id.
	 */
	public function get_id(): int {
		return $this->id;
	}

	/**
	 * Its kind.
	 */
	public function get_type(): string {
		return (string) $this->data['type'];
	}

	/**
	 * Its status, without the prefix under which it is stored.
	 */
	public function get_status(): string {
		return (string) $this->data['status'];
	}

	/**
	 * A meta value, "" where there is none.
	 *
	 * @param string $key    Its key.
	 * @param bool   $single The first one, as everybody asks.
	 * @return mixed
	 */
	public function get_meta( $key, $single = true ) {
		return get_post_meta( $this->id, $key, $single );
	}

	/**
	 * The order of a refund, 0 for an order.
	 */
	public function get_parent_id(): int {
		return (int) $this->data['parent_order_id'];
	}

	/**
	 * Its lines, by id; those with a product unless others are asked for.
	 *
	 * @param string|string[] $types Their kinds.
	 * @return array<int,WC_Order_Item>
	 */
	public function get_items( $types = 'line_item' ): array {
		return WC_Order_Item::of_order( $this->id, (array) $types );
	}

	/**
	 * A line for a product.
	 *
	 * @param WC_Product $product  The product.
	 * @param int|float  $quantity How many.
	 */
	public function add_product( WC_Product $product, $quantity = 1 ): int {
		return WC_Order_Item_Product::of( $product, $quantity, $this->id )->save();
	}

	/**
	 * Read one.
	 *
	 * @param int                 $id   Its id.
	 * @param array<string,mixed> $data Its row.
	 * @return static
	 */
	public static function from_row( int $id, array $data ) {
		$order                 = new static();
		$order->id             = $id;
		$order->data           = array_merge( $order->data, $data );
		$order->data['status'] = preg_replace( '/^wc-/', '', (string) $data['status'] );
		return $order;
	}

	/**
	 * Write the row; whether it is a new one. The id comes from a placeholder among the posts.
	 */
	protected function write(): bool {
		global $wpdb;
		$is_new = 0 === $this->id;
		if ( $is_new ) {
			$this->id = (int) wp_insert_post(
				array(
					'post_type'   => 'shop_order_placehold',
					'post_status' => 'draft',
				)
			);
		}
		$drafts = array( 'checkout-draft', 'auto-draft', 'trash' );
		$status = in_array( $this->data['status'], $drafts, true ) ? $this->data['status'] : 'wc-' . $this->data['status'];
		$sql    = "INSERT INTO {$wpdb->prefix}wc_orders (id, status, type, parent_order_id, date_created_gmt, date_updated_gmt)
			VALUES (%d, %s, %s, %d, UTC_TIMESTAMP(), UTC_TIMESTAMP()) ON DUPLICATE KEY UPDATE status = VALUES(status), date_updated_gmt = UTC_TIMESTAMP()";
		$wpdb->query( $wpdb->prepare( $sql, $this->id, $status, $this->data['type'], $this->data['parent_order_id'] ) );
		return $is_new;
	}
}

/**
 * An order.
 */
class WC_Order extends WC_Abstract_Order {

	/**
	 * The status that it had before set_status(), to be told of by save().
	 *
	 * @var string|null
	 */
	private $left = null;

	/**
	 * Another status, to be stored and told by save().
	 *
	 * @param string $status The status.
	 */
	public function set_status( $status ): void {
		if ( $status !== $this->data['status'] ) {
			$this->left           = $this->left ?? (string) $this->data['status'];
			$this->data['status'] = $status;
		}
	}

	/**
	 * Another status, now.
	 *
	 * @param string $status The status.
	 */
	public function update_status( $status ): bool {
		$this->set_status( $status );
		$this->save();
		return true;
	}

	/**
	 * Store it as a draft of the block checkout, of which no hook tells yet.
	 */
	public function store_draft(): int {
		$this->data['status'] = 'checkout-draft';
		$this->write();
		return $this->id;
	}

	/**
	 * Store it; then the hooks of its new status, of which the first moves stock. A draft that becomes an order is new.
	 */
	public function save(): int {
		$is_new = $this->write();
		$begins = $is_new || 'checkout-draft' === $this->left;
		do_action( $begins ? 'woocommerce_new_order' : 'woocommerce_update_order', $this->id, $this );
		$from       = $this->left;
		$this->left = null;
		if ( null !== $from ) {
			$to = $this->get_status();
			do_action( "woocommerce_order_status_{$to}", $this->id, $this );
			if ( ! $is_new ) {
				do_action( "woocommerce_order_status_{$from}_to_{$to}", $this->id, $this );
				do_action( 'woocommerce_order_status_changed', $this->id, $from, $to, $this );
			}
		}
		return $this->id;
	}

	/**
	 * Whether its lines were taken from stock.
	 */
	public function get_order_stock_reduced(): bool {
		global $wpdb;
		$sql = "SELECT order_stock_reduced FROM {$wpdb->prefix}wc_order_operational_data WHERE order_id = %d";
		return (bool) $wpdb->get_var( $wpdb->prepare( $sql, $this->id ) );
	}

	/**
	 * Note whether its lines were taken from stock.
	 *
	 * @param int $is_reduced 1 or 0.
	 */
	public function write_stock_reduced( int $is_reduced ): void {
		global $wpdb;
		$sql = "INSERT INTO {$wpdb->prefix}wc_order_operational_data (order_id, order_stock_reduced) VALUES (%d, %d)
			ON DUPLICATE KEY UPDATE order_stock_reduced = VALUES(order_stock_reduced)";
		$wpdb->query( $wpdb->prepare( $sql, $this->id, $is_reduced ) );
	}

	/**
	 * Its refunds, newest first.
	 *
	 * @return WC_Order_Refund[]
	 */
	public function get_refunds(): array {
		global $wpdb;
		$sql = "SELECT id FROM {$wpdb->prefix}wc_orders WHERE type = 'shop_order_refund' AND parent_order_id = %d ORDER BY id DESC";
		return array_map( 'wc_get_order', $wpdb->get_col( $wpdb->prepare( $sql, $this->id ) ) );
	}

	/**
	 * How many of a line were refunded, below zero.
	 *
	 * @param int $item_id The line.
	 */
	public function get_qty_refunded_for_item( $item_id ): int {
		$sum = 0;
		foreach ( $this->get_refunds() as $refund ) {
			foreach ( $refund->get_items() as $item ) {
				if ( (int) $item->get_meta( '_refunded_item_id' ) === (int) $item_id ) {
					$sum += $item->get_quantity();
				}
			}
		}
		return $sum;
	}

	/**
	 * Flow c3: into the trash; no status hook, and no stock comes back. Flow c4: gone for good, the lines first.
	 *
	 * @param bool $force_delete For good.
	 */
	public function delete( $force_delete = false ): bool {
		global $wpdb;
		if ( ! $force_delete ) {
			do_action( 'woocommerce_before_trash_order', $this->id, $this );
			$this->data['status'] = 'trash';
			$this->write();
			do_action( 'woocommerce_trash_order', $this->id );
			return true;
		}
		do_action( 'woocommerce_before_delete_order', $this->id, $this );
		$wpdb->delete( $wpdb->prefix . 'woocommerce_order_items', array( 'order_id' => $this->id ) );
		$wpdb->delete( $wpdb->prefix . 'wc_orders', array( 'id' => $this->id ) );
		do_action( 'woocommerce_delete_order', $this->id );
		return true;
	}
}

/**
 * A refund.
 */
class WC_Order_Refund extends WC_Abstract_Order {

	/**
	 * A new refund of an order.
	 *
	 * @param int $order_id The order.
	 */
	public static function of_order( int $order_id ): self {
		$refund       = new self();
		$refund->data = array(
			'status'          => 'completed',
			'type'            => 'shop_order_refund',
			'parent_order_id' => $order_id,
		);
		$refund->write();
		return $refund;
	}
}

/**
 * A new order, saved (flow b: without a line yet).
 */
function wc_create_order(): WC_Order {
	$order = new WC_Order();
	$order->save();
	return $order;
}

/**
 * An order or a refund.
 *
 * @param int|WC_Abstract_Order $order Its id, or itself.
 * @return WC_Abstract_Order|false
 */
function wc_get_order( $order ) {
	global $wpdb;
	if ( $order instanceof WC_Abstract_Order ) {
		return $order;
	}
	$sql = "SELECT status, type, parent_order_id FROM {$wpdb->prefix}wc_orders WHERE id = %d";
	$row = $wpdb->get_row( $wpdb->prepare( $sql, $order ), ARRAY_A );
	if ( null === $row ) {
		return false;
	}
	return 'shop_order_refund' === $row['type'] ? WC_Order_Refund::from_row( (int) $order, $row ) : WC_Order::from_row( (int) $order, $row );
}

/**
 * Every status that an order may have.
 *
 * @return array<string,string>
 */
function wc_get_order_statuses(): array {
	$names = array( 'pending', 'processing', 'on-hold', 'completed', 'cancelled', 'refunded', 'failed', 'checkout-draft' );
	return array_combine( preg_filter( '/^/', 'wc-', $names ), $names );
}

/**
 * Orders, newest first; only with the arguments that are used here.
 *
 * @param array<string,mixed> $arguments type, status, limit; post__in: of these; billing_email, of guests; return = ids:
 *                                       only their ids.
 * @return array<int,int|WC_Abstract_Order>
 */
function wc_get_orders( array $arguments ): array {
	global $wpdb;
	$statuses = array_merge( preg_filter( '/^/', 'wc-', $arguments['status'] ), $arguments['status'] );
	$places   = implode( ', ', array_fill( 0, count( $statuses ), '%s' ) );
	$limit    = $arguments['limit'] < 0 ? PHP_INT_MAX : $arguments['limit'];
	$sql      = "SELECT id FROM {$wpdb->prefix}wc_orders WHERE type = %s AND status IN ({$places}) ORDER BY id DESC LIMIT %d";
	$found    = array_map( 'intval', $wpdb->get_col( $wpdb->prepare( $sql, $arguments['type'], ...$statuses, ...array( $limit ) ) ) );
	if ( isset( $arguments['billing_email'] ) ) {
		$sql   = "SELECT id FROM {$wpdb->prefix}wc_orders WHERE billing_email = %s AND COALESCE(customer_id, 0) = %d";
		$hers  = array_map( 'intval', $wpdb->get_col( $wpdb->prepare( $sql, $arguments['billing_email'], $arguments['customer_id'] ) ) );
		$found = array_values( array_intersect( $found, $hers ) );
	}
	if ( isset( $arguments['post__in'] ) ) {
		$found = array_values( array_intersect( $found, $arguments['post__in'] ) );
	}
	return 'ids' === ( $arguments['return'] ?? '' ) ? $found : array_map( 'wc_get_order', $found );
}
