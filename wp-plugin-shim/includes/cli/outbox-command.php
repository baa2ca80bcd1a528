<?php
/**
 * The commands `wp tillbridge outbox …`.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

use Tillbridge\Outbox;

defined( 'ABSPATH' ) || exit;

/**
 * Shows and sends what happened in this shop and nobody has acknowledged yet.
 *
 * ## EXAMPLES
 *
 *     $ wp tillbridge outbox list --limit=20
 *
 *     $ wp tillbridge outbox flush
 *     Success: 3 events were acknowledged, none remains.
 */
final class Outbox_Command {

	private const FIELDS    = array( 'n', 'topic', 'object', 'at', 'delta', 'cause', 'state' );
	private const MOST_ROWS = 100000;

	/**
	 * Lists what waits for the daemon, oldest first.
	 *
	 * "open" rows belong to a request that has not ended, or that died; "sealed" ones may be told.
	 *
	 * ## OPTIONS
	 *
	 * [--state=<state>]
	 * : Only these.
	 * ---
	 * default: all
	 * options:
	 *   - all
	 *   - open
	 *   - sealed
	 * ---
	 *
	 * [--limit=<number>]
	 * : At most so many, from 1 to 100000.
	 * ---
	 * default: 100
	 * ---
	 *
	 * [--format=<format>]
	 * : How to print it.
	 * ---
	 * default: table
	 * options:
	 *   - table
	 *   - json
	 *   - csv
	 *   - yaml
	 *   - count
	 * ---
	 *
	 * ## EXAMPLES
	 *
	 *     $ wp tillbridge outbox list --state=sealed --format=csv
	 *
	 * @subcommand list
	 *
	 * @param string[]            $words   Not used.
	 * @param array<string,mixed> $options The options.
	 */
	public function list_( array $words, array $options ): void {
		$state  = (string) ( $options['state'] ?? 'all' );
		$states = 'all' === $state ? array_values( Unsent::STATES ) : array( Unsent::STATES[ $state ] );
		$limit  = whole_number( $options['limit'] ?? '100', self::MOST_ROWS );
		$rows   = array_map( array( self::class, 'row' ), Unsent::rows( $states, $limit ) );
		Output::rows( $options, $rows, self::FIELDS );
		$total = array_sum( array_map( array( Unsent::class, 'count' ), $states ) );
		if ( $total > count( $rows ) ) {
			Output::remark( 'These are the oldest ' . count( $rows ) . ' of ' . $total . '; --limit shows more.' );
		}
	}

	/**
	 * Tells the daemon everything that waits, now, also where it did not answer a moment ago.
	 *
	 * Exit status 1 where some of it was not acknowledged.
	 *
	 * ## EXAMPLES
	 *
	 *     $ wp tillbridge outbox flush
	 *     Success: 3 events were acknowledged, none remains.
	 */
	public function flush(): void {
		$connection = Call::connection();
		if ( $connection->is_elsewhere() ) {
			Ending::because( \Tillbridge\refusal( 'elsewhere', ucfirst( elsewhere_words() ) . '.', 409 ) );
		}
		$bar    = \WP_CLI\Utils\make_progress_bar( 'Telling the daemon', max( 1, Unsent::count( Outbox::SEALED ) ) );
		$unsent = new Unsent(
			$connection,
			static function ( int $rows ) use ( $bar ): void {
				$bar->tick( $rows );
			}
		);
		$unsent->send();
		$bar->finish();
		$sealed = Unsent::count( Outbox::SEALED );
		$open   = Unsent::count( Outbox::OPEN );
		$said   = number_of( $unsent->acknowledged, 'event was', 'events were' ) . ' acknowledged, ' . ( 0 === $sealed ? 'none remains' : $sealed . ( 1 === $sealed ? ' remains' : ' remain' ) )
			. ( 0 === $open ? '' : ' (' . $open . ' more of requests that have not ended)' ) . '.';
		if ( null !== $unsent->obstacle ) {
			Output::remark( $said );
			Ending::because( $unsent->obstacle );
		}
		if ( 0 !== $sealed ) {
			Output::remark( $said );
			Ending::with( Ending::FOUND );
			return;
		}
		\WP_CLI::success( $said );
	}

	/**
	 * A row as a person reads it.
	 *
	 * @param array<string,mixed> $row A row of the table.
	 * @return array<string,mixed>
	 */
	private static function row( array $row ): array {
		$is_stock = 'stock.changed' === $row['topic'];
		return array(
			'n'      => (int) $row['id'],
			'topic'  => $row['topic'],
			'object' => (int) $row['object_id'],
			'at'     => \Tillbridge\rfc3339( (string) $row['happened_at'] ),
			'delta'  => $is_stock ? $row['delta'] : '',
			'cause'  => $is_stock ? $row['cause'] : '',
			'state'  => array_search( (int) $row['state'], Unsent::STATES, true ),
		);
	}
}
