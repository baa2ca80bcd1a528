<?php
/**
 * Everything that the page shows, gathered before a word of it is printed.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * What is known here, and what the daemon adds where it answers in time. Null means unknown, which is never zero.
 */
final class Overview {

	/**
	 * Seconds that a person waits for the daemon before the page opens without it: for how it stands, and for what needs
	 * a person.
	 */
	private const PATIENCE       = 1.2;
	private const QUEUE_PATIENCE = 0.8;

	/**
	 * At most so many of a kind are shown.
	 */
	public const LONGEST_LIST = 20;

	/**
	 * One of unpaired, paired, elsewhere.
	 *
	 * @var string
	 */
	public $state = 'unpaired';

	/**
	 * What is known here, from Status::read().
	 *
	 * @var array<string,mixed>
	 */
	public $local = array();

	/**
	 * When the shop was connected (unix seconds), null where nobody wrote it down.
	 *
	 * @var int|null
	 */
	public $paired_at = null;

	/**
	 * How the daemon says that it stands; null where it did not answer, or was not asked.
	 *
	 * @var array<string,mixed>|null
	 */
	public $daemon = null;

	/**
	 * Why it did not.
	 *
	 * @var \WP_Error|null
	 */
	public $trouble = null;

	/**
	 * Changes that need a person; null where nobody could say.
	 *
	 * @var array<int,array<string,mixed>>|null
	 */
	public $rows = null;

	/**
	 * Products that are left out of the sync; null where nobody could say.
	 *
	 * @var array<int,array<string,mixed>>|null
	 */
	public $held_out = null;

	/**
	 * Gather it. A shop that is not paired asks nobody, and neither does one in the safe mode: it may be a copy.
	 */
	public static function gather(): self {
		$seen        = new self();
		$seen->state = Pairing::state();
		$seen->local = Status::read();
		$connection  = Connection::read();
		$stored      = get_option( Connection::OPTION );

		$seen->paired_at = is_array( $stored ) ? count_in( $stored, 'paired_at' ) : null;
		if ( 'paired' === $seen->state && null !== $connection ) {
			$seen->ask_daemon( $connection );
		}
		return $seen;
	}

	/**
	 * A whole number that the daemon told.
	 *
	 * @param string $name Its name.
	 */
	public function told( string $name ): ?int {
		return null === $this->daemon ? null : count_in( $this->daemon, $name );
	}

	/**
	 * A whole number that is known here.
	 *
	 * @param string $name Its name.
	 */
	public function known( string $name ): ?int {
		return count_in( $this->local, $name );
	}

	/**
	 * How many changes wait, here and with the daemon together.
	 */
	public function waiting(): ?int {
		$here  = $this->known( 'unacknowledged' );
		$there = $this->told( 'waiting' );
		return null === $here || null === $there ? null : $here + $there;
	}

	/**
	 * How many products are left out, whether or not they are listed.
	 */
	public function held_out_in_all(): ?int {
		$reasons = null === $this->daemon ? null : ( $this->daemon['held_out'] ?? null );
		return is_array( $reasons ) ? (int) array_sum( array_filter( $reasons, 'is_numeric' ) ) : null;
	}

	/**
	 * How many changes need a person.
	 */
	public function stuck(): ?int {
		$parked = $this->told( 'parked' );
		$dead   = $this->told( 'dead' );
		return null === $parked || null === $dead ? null : $parked + $dead;
	}

	/**
	 * How the daemon sees one side.
	 *
	 * @param string $side store or pos.
	 * @return array<string,mixed>
	 */
	public function side( string $side ): array {
		$found = $this->daemon['sides'][ $side ] ?? array();
		return is_array( $found ) ? $found : array();
	}

	/**
	 * Ask it how it stands, and for what needs a person only where it says that there is something.
	 *
	 * @param Connection $connection The connection.
	 */
	private function ask_daemon( Connection $connection ): void {
		$daemon = new Daemon( $connection, self::PATIENCE );
		$status = $daemon->get( '/v1/control/status' );
		if ( is_wp_error( $status ) ) {
			$this->trouble = $status;
			return;
		}
		$this->daemon = $status;
		if ( 0 === $this->stuck() && 0 === $this->held_out_in_all() ) {
			$this->rows     = array();
			$this->held_out = array();
			return;
		}
		$this->ask_queue( new Daemon( $connection, self::QUEUE_PATIENCE ) );
	}

	/**
	 * Ask for what needs a person. The daemon lists that before what it tries again by itself.
	 *
	 * @param Daemon $daemon The daemon.
	 */
	private function ask_queue( Daemon $daemon ): void {
		$query  = array(
			'state' => 'all',
			'limit' => (string) self::LONGEST_LIST,
		);
		$answer = $daemon->get( '/v1/control/queue', $query );
		if ( is_wp_error( $answer ) ) {
			return;
		}
		$needs_a_person = static function ( array $row ): bool {
			return in_array( text_in( $row, 'state' ), array( 'parked', 'dead' ), true );
		};
		$this->rows     = array_slice( array_values( array_filter( records_in( $answer, 'rows' ), $needs_a_person ) ), 0, self::LONGEST_LIST );
		$this->held_out = array_slice( records_in( $answer, 'held_out' ), 0, self::LONGEST_LIST );
	}
}
