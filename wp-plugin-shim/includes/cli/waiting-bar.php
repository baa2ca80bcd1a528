<?php
/**
 * A bar that moves while somebody else is waited for.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

use Tillbridge\Pairing;

defined( 'ABSPATH' ) || exit;

/**
 * Drawn from the first moment of waiting on (an error before that needs no bar), one step for each look.
 */
final class Waiting_Bar {

	/**
	 * What is waited for.
	 *
	 * @var string
	 */
	private $message;

	/**
	 * WP-CLI's own bar; null while nobody waits.
	 *
	 * @var object|null
	 */
	private $bar = null;

	/**
	 * Move whenever the pairing waits.
	 *
	 * @param string $message What is waited for.
	 */
	public function __construct( string $message ) {
		$this->message = $message;
		add_action( Pairing::WAITS, array( $this, 'move' ) );
	}

	/**
	 * Somebody has looked, and waits on.
	 *
	 * @param int $looks How many looks there will be at the most.
	 */
	public function move( int $looks ): void {
		$this->bar = $this->bar ?? \WP_CLI\Utils\make_progress_bar( $this->message, $looks );
		$this->bar->tick();
	}

	/**
	 * The wait is over.
	 */
	public function finish(): void {
		remove_action( Pairing::WAITS, array( $this, 'move' ) );
		if ( null !== $this->bar ) {
			$this->bar->finish();
		}
	}
}
