<?php
/**
 * What waits in the outbox, for a person to see and to send.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

use Tillbridge\Connection;
use Tillbridge\Daemon;
use Tillbridge\Forward;
use Tillbridge\Outbox;
use Tillbridge\Schema;

defined( 'ABSPATH' ) || exit;

// phpcs:disable WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL -- only the name of our own table is inserted.

/**
 * Rows that nobody acknowledged. Reads the table, and sends it page by page.
 */
final class Unsent {

	public const STATES     = array(
		'open'   => Outbox::OPEN,
		'sealed' => Outbox::SEALED,
	);
	private const PAGE      = 500;
	private const PATIENCE  = 30.0;
	private const TOO_LARGE = array( 'too_large', 'too_many_events' );

	/**
	 * Why it went no further; null where everything was tried.
	 *
	 * @var \WP_Error|null
	 */
	public $obstacle = null;

	/**
	 * How many rows were acknowledged.
	 *
	 * @var int
	 */
	public $acknowledged = 0;

	/**
	 * Whom to tell.
	 *
	 * @var Connection
	 */
	private $connection;

	/**
	 * Told after each page how many rows it had.
	 *
	 * @var callable
	 */
	private $progress;

	/**
	 * Send to this daemon.
	 *
	 * @param Connection $connection Whom to tell.
	 * @param callable   $progress   Told after each page how many rows it had.
	 */
	public function __construct( Connection $connection, callable $progress ) {
		$this->connection = $connection;
		$this->progress   = $progress;
	}

	/**
	 * The oldest rows that wait.
	 *
	 * @param int[] $states Rows in these states.
	 * @param int   $limit  At most so many.
	 * @return array<int,array<string,mixed>>
	 */
	public static function rows( array $states, int $limit ): array {
		global $wpdb;
		$table  = Schema::table( 'outbox' );
		$places = implode( ', ', array_fill( 0, count( $states ), '%d' ) );
		$sql    = "SELECT id, topic, object_id, state, delta, cause, happened_at FROM {$table} WHERE state IN ({$places}) ORDER BY id LIMIT %d";
		return \Tillbridge\read_rows( $wpdb->prepare( $sql, ...array_merge( $states, array( $limit ) ) ), ARRAY_A );
	}

	/**
	 * How many rows wait in a state.
	 *
	 * @param int $state The state.
	 */
	public static function count( int $state ): int {
		global $wpdb;
		$table = Schema::table( 'outbox' );
		return (int) \Tillbridge\read_column( $wpdb->prepare( "SELECT COUNT(*) FROM {$table} WHERE state = %d", $state ) )[0];
	}

	/**
	 * Send all rows that are sealed now, whatever the breaker says. Rows that come meanwhile go their usual way, so this
	 * ends also in a busy shop.
	 */
	public function send(): void {
		global $wpdb;
		$table = Schema::table( 'outbox' );
		$last  = Outbox::counter();
		$after = 0;
		do {
			$sql = "SELECT id FROM {$table} WHERE state = %d AND id > %d AND id <= %d ORDER BY id LIMIT %d";
			$ids = array_map( 'intval', \Tillbridge\read_column( $wpdb->prepare( $sql, Outbox::SEALED, $after, $last, self::PAGE ) ) );
			if ( array() === $ids ) {
				return;
			}
			$after = end( $ids );
			$this->tell( $ids );
			call_user_func( $this->progress, count( $ids ) );
		} while ( null === $this->obstacle );
	}

	/**
	 * Tell one page; in halves where it is too much for the daemon.
	 *
	 * @param int[] $ids Sealed rows, not empty.
	 */
	private function tell( array $ids ): void {
		$events = array_map( '\\Tillbridge\\event_of', Outbox::sealed( $ids ) );
		if ( array() === $events ) {
			return; // The daemon has fetched them in the meantime.
		}
		$said = ( new Daemon( $this->connection, self::PATIENCE ) )->post( '/v1/events', \Tillbridge\page_of( Forward::shop( $this->connection ), $events ) );
		if ( is_wp_error( $said ) ) {
			if ( count( $ids ) > 1 && in_array( Ending::code( $said ), self::TOO_LARGE, true ) ) {
				foreach ( array_chunk( $ids, (int) ceil( count( $ids ) / 2 ) ) as $half ) {
					$this->tell( $half );
				}
				return;
			}
			$this->obstacle = $this->obstacle ?? $said;
			return;
		}
		Forward::mend();
		try {
			$this->acknowledged += Outbox::acknowledge( ( new Answer( $said ) )->texts( 'acked' ) ?? array() );
		} catch ( \RuntimeException $error ) {
			$this->obstacle = \Tillbridge\refusal( 'not_recorded', 'The daemon has these events, but the database did not record that: ' . $error->getMessage(), 500 );
		}
	}
}
