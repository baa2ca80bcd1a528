<?php
/**
 * Watches every change of a stock level in this request, from just before it is written to just after.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * Writes a row with the amount right before a level is written, and lets it be told once the request is over.
 *
 * Orders, restores and restocks make one relative UPDATE: its SQL holds the exact amount, whoever else sells at the
 * same time. Everything else writes an absolute value: the amount is the value written minus the level read right
 * before the write. (Not minus the level read when the change began, and not the level read afterwards: a sale in
 * between would be counted twice, or not at all. What remains is the time between one SELECT and the UPDATE that
 * follows it; a sale in that gap is found by reconcile.)
 *
 * The row is written in the last hook before the write and not in the first one (…_before_set_stock), because only
 * there the amount is known. So one row is one INSERT: nothing has to be added to it while the customer waits, and what
 * became of a request that died can be told from the level: it moved by just that amount, or it did not.
 *
 * So a line of an order costs one SELECT and one INSERT. Both in one statement would lock the level for reading, and two
 * customers of a shop that runs its checkout in a transaction could end each other's.
 */
final class Capture {

	/**
	 * So many finished rows are told while a long request (an import) still runs.
	 */
	private const PATIENCE = 200;

	/**
	 * Changes under way, the innermost of a product last: another plugin may write the same product again from a hook
	 * of the first write.
	 *
	 * @var array<int,Change[]>
	 */
	private $under_way = array();

	/**
	 * Rows of this request whose change was written.
	 *
	 * @var int[]
	 */
	private $rows = array();

	/**
	 * Rows of lines that have no number yet, with the line of each: they are not told before it has one.
	 *
	 * @var array<int,\WC_Order_Item_Product>
	 */
	private $unnumbered = array();

	/**
	 * Who knows why.
	 *
	 * @var Causes
	 */
	private $causes;

	/**
	 * Watch on behalf of one request.
	 *
	 * @param Causes $causes Who knows why.
	 */
	public function __construct( Causes $causes ) {
		$this->causes = $causes;
	}

	/**
	 * WooCommerce is about to change a level: remember why.
	 *
	 * @param mixed $product The holder of the stock. Only its id is believed: the object may show the old level or the new one.
	 */
	public function before( $product ): void {
		if ( $product instanceof \WC_Product && $product->get_id() > 0 ) {
			$this->begin( (int) $product->get_id(), false );
		}
	}

	/**
	 * The direct UPDATE of a level is about to run.
	 *
	 * @param mixed $sql        The statement.
	 * @param mixed $product_id Who holds the stock.
	 * @param mixed $new_stock  For "set" the value; for the others a guess that is wrong under concurrency.
	 * @param mixed $operation  set, increase or decrease.
	 */
	public function update( $sql, $product_id, $new_stock = null, $operation = 'set' ): void {
		$holder = Guard::id( $product_id );
		if ( 0 === $holder || ! is_string( $sql ) ) {
			return; // WooCommerce does not write that.
		}
		$change = $this->unknown_change( $holder );
		if ( 'set' === $operation ) {
			$this->replaces( $change, $new_stock );
		} else {
			$this->moves( $change, quantity_in_update( $sql ) );
		}
	}

	/**
	 * WordPress is about to write the meta row that is the level.
	 *
	 * @param int   $product_id Who holds the stock.
	 * @param mixed $value      What will be written.
	 */
	public function meta_update( int $product_id, $value ): void {
		if ( $this->is_under_way( $product_id ) || in_array( get_post_type( $product_id ), array( 'product', 'product_variation' ), true ) ) {
			$this->replaces( $this->unknown_change( $product_id ), $value );
		}
	}

	/**
	 * The write has run: the direct UPDATE, or WordPress' own of the meta row. A change without enclosing hooks ends
	 * here.
	 *
	 * @param mixed $product_id Who holds the stock.
	 */
	public function updated( $product_id ): void {
		$change = $this->innermost( Guard::id( $product_id ) );
		if ( null === $change || ! $change->is_known ) {
			return;
		}
		$change->is_written = true;
		if ( $change->is_bare ) {
			$this->end( $change );
		}
	}

	/**
	 * WooCommerce has changed a level.
	 *
	 * @param mixed $product The holder of the stock.
	 */
	public function after( $product ): void {
		$change = $product instanceof \WC_Product ? $this->innermost( (int) $product->get_id() ) : null;
		if ( null !== $change ) {
			$change->is_written = true;
			$this->end( $change );
		}
	}

	/**
	 * A line of an order was saved for the first time: what it took before that is told with its number.
	 *
	 * @param mixed $line_id Its number.
	 * @param mixed $item    The line; something else where a plugin writes lines by itself.
	 */
	public function numbered( $line_id, $item = null ): void {
		foreach ( array_keys( $this->unnumbered, $item, true ) as $row ) {
			Outbox::number( $row, Guard::id( $line_id ) );
			unset( $this->unnumbered[ $row ] );
			$this->may_be_told( $row );
		}
	}

	/**
	 * Whether this product's level is being written at this moment.
	 *
	 * @param int $product_id Who holds the stock.
	 */
	public function is_under_way( int $product_id ): bool {
		return null !== $this->innermost( $product_id );
	}

	/**
	 * The request is over. What was cut short while it was being written stays open, and is settled later by what the
	 * level has become.
	 *
	 * @return int[] The rows of this request that may be told.
	 */
	public function finish(): array {
		foreach ( $this->under_way as $changes ) {
			foreach ( array_reverse( $changes ) as $change ) {
				$this->end( $change );
			}
		}
		return array_merge( $this->rows, array_keys( $this->unnumbered ) );
	}

	/**
	 * Begin to watch one change.
	 *
	 * @param int  $product_id Who holds the stock.
	 * @param bool $is_bare    Whether the write itself is all we shall see.
	 */
	private function begin( int $product_id, bool $is_bare ): Change {
		$change = new Change( $product_id, $this->causes->take( $product_id ), $is_bare );

		$this->under_way[ $product_id ][] = $change;
		return $change;
	}

	/**
	 * The change whose write is about to run: the one that the stock hooks began, else one of its own.
	 *
	 * @param int $product_id Who holds the stock.
	 */
	private function unknown_change( int $product_id ): Change {
		$change = $this->innermost( $product_id );
		return null === $change || $change->is_known ? $this->begin( $product_id, true ) : $change;
	}

	/**
	 * A level is about to be moved by an amount.
	 *
	 * @param Change      $change The change.
	 * @param string|null $delta  The amount, null where it can only be read afterwards.
	 */
	private function moves( Change $change, ?string $delta ): void {
		list( $moment, $before ) = level_just_read( $change->product_id ) ?? level_now( $change->product_id );

		$change->is_known        = true;
		$change->unmeasured_from = null === $delta ? $before ?? '0' : null;
		if ( '0' !== $delta ) {
			$change->row = Outbox::open( $change->product_id, $moment, $before, $delta, null === $delta ? 'unknown' : 'relative', $change->cause );
		}
	}

	/**
	 * A level is about to be replaced by a value. From "unknown" to a number, or back, is no movement: unknown is never
	 * zero.
	 *
	 * @param Change $change The change.
	 * @param mixed  $value  The value.
	 */
	private function replaces( Change $change, $value ): void {
		list( $moment, $before ) = level_now( $change->product_id );

		$after            = spell_quantity( $value );
		$change->is_known = true;
		if ( null === $before || null === $after || $before === $after ) {
			return;
		}
		$delta = told_between( $before, $after );
		if ( '0' !== $delta ) {
			$change->row = Outbox::open( $change->product_id, $moment, $before, $delta, 'absolute', $change->cause );
		}
	}

	/**
	 * The innermost change of a product.
	 *
	 * @param int $product_id Who holds the stock.
	 */
	private function innermost( int $product_id ): ?Change {
		$changes = $this->under_way[ $product_id ] ?? array();
		return array() === $changes ? null : end( $changes );
	}

	/**
	 * The innermost change of a product is over.
	 *
	 * @param Change $change That change.
	 */
	private function end( Change $change ): void {
		array_pop( $this->under_way[ $change->product_id ] );
		if ( 0 === $change->row || ! $change->is_written ) {
			return;
		}
		if ( null !== $change->unmeasured_from ) {
			$after = level_now( $change->product_id )[1] ?? '0';
			Outbox::measure( $change->row, told_between( $change->unmeasured_from, $after ) );
		}
		if ( null !== ( $change->cause['item'] ?? null ) ) {
			$this->unnumbered[ $change->row ] = $change->cause['item'];
		} else {
			$this->may_be_told( $change->row );
		}
	}

	/**
	 * Nothing is lacking in a row any more.
	 *
	 * @param int $row The row.
	 */
	private function may_be_told( int $row ): void {
		$this->rows[] = $row;
		if ( count( $this->rows ) >= self::PATIENCE ) {
			Outbox::seal( $this->rows );
			$this->rows = array();
		}
	}
}
