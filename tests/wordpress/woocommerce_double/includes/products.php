<?php
/**
 * Products as objects: what they were when they were read, and what was changed since.
 *
 * @package Tillbridge
 */

defined( 'ABSPATH' ) || exit;

// phpcs:disable Generic.Files.OneObjectStructurePerFile

/**
 * A product.
 */
class WC_Product {

	/**
	 * Its id, 0 before it is saved.
	 *
	 * @var int
	 */
	protected $id = 0;

	/**
	 * What it was when it was read or last saved.
	 *
	 * @var array<string,mixed>
	 */
	protected $data = array(
		'name'           => '',
		'sku'            => '',
		'status'         => 'publish',
		'parent_id'      => 0,
		'manage_stock'   => false,
		'stock_quantity' => null,
		'stock_status'   => 'instock',
		'backorders'     => 'no',
		'regular_price'  => '',
	);

	/**
	 * What was set since.
	 *
	 * @var array<string,mixed>
	 */
	protected $changes = array();

	/**
	 * A new product, or an existing one.
	 *
	 * @param int $id Its id.
	 */
	public function __construct( int $id = 0 ) {
		if ( $id > 0 ) {
			$this->id   = $id;
			$this->data = array_merge( $this->data, WC_Product_Store::read( $id ) );
		}
	}

	/**
	 * Its kind.
	 */
	public function get_type(): string {
		return 'simple';
	}

	/**
	 * Whether it is of a kind.
	 *
	 * @param string|string[] $type One kind, or several.
	 */
	public function is_type( $type ): bool {
		return in_array( $this->get_type(), (array) $type, true );
	}

	/**
	 * Its id.
	 */
	public function get_id(): int {
		return $this->id;
	}

	/**
	 * It was stored under this id.
	 *
	 * @param int $id The id.
	 */
	public function set_id( $id ): void {
		$this->id = (int) $id;
	}

	/**
	 * A property by its getter, in either context.
	 *
	 * @param string  $method    get_… or set_….
	 * @param mixed[] $arguments The value to set.
	 * @return mixed
	 */
	public function __call( $method, $arguments ) {
		$name = substr( $method, 4 );
		if ( ! array_key_exists( $name, $this->data ) ) {
			throw new BadMethodCallException( "the double of WooCommerce has no {$method}" );
		}
		if ( 0 === strpos( $method, 'get_' ) ) {
			return $this->changes[ $name ] ?? $this->data[ $name ];
		}
		$this->set( $name, $arguments[0] );
		return null;
	}

	/**
	 * Whether it has a level of its own.
	 *
	 * @param string $context view or edit.
	 * @return bool|string
	 */
	public function get_manage_stock( $context = 'view' ) {
		return $this->changes['manage_stock'] ?? $this->data['manage_stock'];
	}

	/**
	 * Its level, null where it is not managed.
	 *
	 * @param string $context view or edit.
	 * @return int|float|null
	 */
	public function get_stock_quantity( $context = 'view' ) {
		return array_key_exists( 'stock_quantity', $this->changes ) ? $this->changes['stock_quantity'] : $this->data['stock_quantity'];
	}

	/**
	 * Give it a level, to be written by save().
	 *
	 * @param mixed $quantity The level, "" or null for none.
	 */
	public function set_stock_quantity( $quantity ): void {
		$this->set( 'stock_quantity', is_numeric( $quantity ) ? wc_stock_amount( $quantity ) : null );
	}

	/**
	 * Whether its stock is managed, by itself or by its parent.
	 */
	public function managing_stock(): bool {
		return 'yes' === get_option( 'woocommerce_manage_stock' ) && (bool) $this->get_manage_stock();
	}

	/**
	 * Whose level counts.
	 */
	public function get_stock_managed_by_id(): int {
		return $this->get_id();
	}

	/**
	 * What was set since it was read.
	 *
	 * @return array<string,mixed>
	 */
	public function get_changes(): array {
		return $this->changes;
	}

	/**
	 * What was set has been stored.
	 */
	public function apply_changes(): void {
		$this->data    = array_merge( $this->data, $this->changes );
		$this->changes = array();
	}

	/**
	 * The level was moved behind the object's back: not a change of the object.
	 *
	 * @param int|float $quantity The level.
	 */
	public function read_stock_quantity( $quantity ): void {
		$this->data['stock_quantity'] = $quantity;
		unset( $this->changes['stock_quantity'] );
	}

	/**
	 * Status and level go together.
	 */
	public function validate_props(): void {
		if ( ! $this->get_manage_stock() ) {
			$this->set_stock_quantity( '' );
			$this->set( 'backorders', 'no' );
			return;
		}
		$sold_out_at = abs( (float) get_option( 'woocommerce_notify_no_stock_amount', 0 ) );
		if ( (float) $this->get_stock_quantity() > $sold_out_at ) {
			$this->set( 'stock_status', 'instock' );
		} else {
			$this->set( 'stock_status', 'no' === $this->get_backorders() ? 'outofstock' : 'onbackorder' );
		}
	}

	/**
	 * Store it.
	 */
	public function save(): int {
		$this->validate_props();
		if ( $this->id > 0 ) {
			WC_Product_Store::update( $this );
		} else {
			WC_Product_Store::create( $this );
		}
		return $this->id;
	}

	/**
	 * Note a change, unless it is none.
	 *
	 * @param string $name  The property.
	 * @param mixed  $value Its value.
	 */
	protected function set( string $name, $value ): void {
		if ( $value !== $this->data[ $name ] || array_key_exists( $name, $this->changes ) ) {
			$this->changes[ $name ] = $value;
		}
	}
}

/**
 * The ordinary product.
 */
class WC_Product_Simple extends WC_Product {}

/**
 * A product in several variations.
 */
class WC_Product_Variable extends WC_Product {

	/**
	 * Its kind.
	 */
	public function get_type(): string {
		return 'variable';
	}
}

/**
 * One variation; its stock is its own or its parent's.
 */
class WC_Product_Variation extends WC_Product {

	/**
	 * Its kind.
	 */
	public function get_type(): string {
		return 'variation';
	}

	/**
	 * "parent" where the parent holds the stock.
	 *
	 * @param string $context view or edit.
	 * @return bool|string
	 */
	public function get_manage_stock( $context = 'view' ) {
		$own = parent::get_manage_stock( $context );
		return 'view' === $context && ! $own && 'yes' === get_post_meta( $this->get_parent_id(), '_manage_stock', true ) ? 'parent' : $own;
	}

	/**
	 * Its level, or its parent's.
	 *
	 * @param string $context view or edit.
	 * @return int|float|null
	 */
	public function get_stock_quantity( $context = 'view' ) {
		if ( 'view' === $context && 'parent' === $this->get_manage_stock() ) {
			return wc_stock_amount( get_post_meta( $this->get_parent_id(), '_stock', true ) );
		}
		return parent::get_stock_quantity( $context );
	}

	/**
	 * Whose level counts.
	 */
	public function get_stock_managed_by_id(): int {
		return 'parent' === $this->get_manage_stock() ? $this->get_parent_id() : $this->get_id();
	}

	/**
	 * Status and level go together; where the parent holds the stock, neither is ours.
	 */
	public function validate_props(): void {
		if ( 'parent' !== $this->get_manage_stock() ) {
			parent::validate_props();
		}
	}
}

/**
 * A product or variation.
 *
 * @param int|WC_Product|false $product Its id, or itself.
 * @return WC_Product|false
 */
function wc_get_product( $product = false ) {
	if ( $product instanceof WC_Product ) {
		return $product;
	}
	$type = get_post_type( (int) $product );
	if ( 'product_variation' === $type ) {
		return new WC_Product_Variation( (int) $product );
	}
	if ( 'product' !== $type ) {
		return false;
	}
	return has_term( 'variable', 'product_type', (int) $product ) ? new WC_Product_Variable( (int) $product ) : new WC_Product_Simple( (int) $product );
}
