<?php
/**
 * One movement of one stock level, from the moment at which WooCommerce announces it.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * One level that is about to change, or has just changed.
 */
final class Change {

	/**
	 * Who holds the stock.
	 *
	 * @var int
	 */
	public $product_id;

	/**
	 * Why.
	 *
	 * @var array<string,mixed>
	 */
	public $cause;

	/**
	 * Whether no stock hook encloses this change (another plugin wrote the level itself), so that the write itself must
	 * end it.
	 *
	 * @var bool
	 */
	public $is_bare;

	/**
	 * Whether we know what is being written. A further write of the same product is another change then.
	 *
	 * @var bool
	 */
	public $is_known = false;

	/**
	 * Whether the write was seen to have happened.
	 *
	 * @var bool
	 */
	public $is_written = false;

	/**
	 * Row in the outbox, 0 where nothing moves.
	 *
	 * @var int
	 */
	public $row = 0;

	/**
	 * Where the amount can only be read afterwards (another plugin rewrote the statement): the level before.
	 *
	 * @var string|null
	 */
	public $unmeasured_from = null;

	/**
	 * A change that begins.
	 *
	 * @param int                 $product_id Who holds the stock.
	 * @param array<string,mixed> $cause      Why.
	 * @param bool                $is_bare    Whether the write itself is all we shall see.
	 */
	public function __construct( int $product_id, array $cause, bool $is_bare ) {
		$this->product_id = $product_id;
		$this->cause      = $cause;
		$this->is_bare    = $is_bare;
	}
}
