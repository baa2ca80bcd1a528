<?php
/**
 * A progress bar for those who read a pipe.
 *
 * @package Tillbridge
 */

namespace WP_CLI\Double;

/**
 * Counts, and says at the end how far it came.
 */
final class Bar {

	/**
	 * What goes on.
	 *
	 * @var string
	 */
	private $message;

	/**
	 * How many steps there are.
	 *
	 * @var int
	 */
	private $total;

	/**
	 * How many were made.
	 *
	 * @var int
	 */
	private $done = 0;

	/**
	 * A bar.
	 *
	 * @param string $message What goes on.
	 * @param int    $total   How many steps there are.
	 */
	public function __construct( string $message, int $total ) {
		$this->message = $message;
		$this->total   = $total;
	}

	/**
	 * So much further.
	 *
	 * @param int $steps How many steps.
	 */
	public function tick( int $steps = 1 ): void {
		$this->done += $steps;
	}

	/**
	 * The end.
	 */
	public function finish(): void {
		fwrite( STDERR, "{$this->message}: {$this->done} of {$this->total}\n" );
	}
}
