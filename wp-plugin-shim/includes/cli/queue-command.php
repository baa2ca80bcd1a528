<?php
/**
 * The commands `wp tillbridge queue …`.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

defined( 'ABSPATH' ) || exit;

/**
 * Shows the changes that wait for you or are tried again, and decides about them.
 *
 * ## EXAMPLES
 *
 *     $ wp tillbridge queue list
 *
 *     # Try one again now.
 *     $ wp tillbridge queue retry 17
 */
final class Queue_Command {

	private const FIELDS    = array( 'id', 'state', 'side', 'what', 'reason', 'attempts', 'due_at', 'sentence' );
	private const MOST_ROWS = 1000;

	/**
	 * Lists what waits for you, what is tried again, and what is held out of the sync.
	 *
	 * Exit status 1 where there is any.
	 *
	 * ## OPTIONS
	 *
	 * [--state=<state>]
	 * : Only these.
	 * ---
	 * default: all
	 * options:
	 *   - all
	 *   - parked
	 *   - dead
	 *   - retrying
	 *   - held-out
	 * ---
	 *
	 * [--limit=<number>]
	 * : At most so many changes, from 1 to 1000.
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
	 *     # What needs a person?
	 *     $ wp tillbridge queue list --state=parked
	 *
	 *     # How many products are held out?
	 *     $ wp tillbridge queue list --state=held-out --format=count
	 *
	 * @subcommand list
	 *
	 * @param string[]            $words   Not used.
	 * @param array<string,mixed> $options The options.
	 */
	public function list_( array $words, array $options ): void {
		$state  = (string) ( $options['state'] ?? 'all' );
		$limit  = whole_number( $options['limit'] ?? '100', self::MOST_ROWS );
		$answer = Call::get(
			'/v1/control/queue',
			array(
				'state' => 'held-out' === $state ? 'all' : $state,
				'limit' => (string) $limit,
			)
		);
		$rows   = 'held-out' === $state ? array() : self::changes( $answer );
		if ( 'all' === $state || 'held-out' === $state ) {
			$rows = array_merge( $rows, self::held_out( $answer ) );
		}
		Output::rows( $options, $rows, self::FIELDS );
		$shown = count( $answer->records( 'rows' ) ?? array() );
		$total = $answer->count( 'total' );
		if ( 'held-out' !== $state && null !== $total && $total > $shown ) {
			Output::remark( "These are {$shown} of {$total} changes; --limit shows more." );
		}
		Ending::with( array() === $rows ? Ending::WELL : Ending::FOUND );
	}

	/**
	 * Shows one change with everything that is known about it.
	 *
	 * ## OPTIONS
	 *
	 * <id>
	 * : Its number in the list.
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
	 * ---
	 *
	 * ## EXAMPLES
	 *
	 *     $ wp tillbridge queue show 17
	 *
	 * @param string[]            $words   The number.
	 * @param array<string,mixed> $options The options.
	 */
	public function show( array $words, array $options ): void {
		$answer = Call::get( '/v1/control/queue/item', array( 'id' => (string) whole_number( $words[0], PHP_INT_MAX ) ) );
		$row    = $answer->named( 'row' );
		if ( null === $row ) {
			Ending::because( \Tillbridge\refusal( 'stranger', 'The daemon answered without the change that was asked for.', 502 ) );
		}
		Output::record( $options, (array) $row, (array) $row );
	}

	/**
	 * Tries a change again now, or all that failed.
	 *
	 * ## OPTIONS
	 *
	 * <id>
	 * : Its number in the list, or "all".
	 *
	 * ## EXAMPLES
	 *
	 *     $ wp tillbridge queue retry all
	 *
	 * @param string[] $words The number.
	 */
	public function retry( array $words ): void {
		self::decide( 'retry', $words[0], 'tried again' );
	}

	/**
	 * Lets a parked change go on, once what it was parked for is mended.
	 *
	 * ## OPTIONS
	 *
	 * <id>
	 * : Its number in the list, or "all".
	 *
	 * ## EXAMPLES
	 *
	 *     $ wp tillbridge queue release 17
	 *
	 * @param string[] $words The number.
	 */
	public function release( array $words ): void {
		self::decide( 'release', $words[0], 'released' );
	}

	/**
	 * Gives a change up. What it would have written is not written; the reason is kept with it.
	 *
	 * ## OPTIONS
	 *
	 * <id>
	 * : Its number in the list.
	 *
	 * --reason=<text>
	 * : Why, for whoever asks later.
	 *
	 * [--yes]
	 * : Do not ask.
	 *
	 * ## EXAMPLES
	 *
	 *     $ wp tillbridge queue discard 17 --reason="counted by hand on Friday"
	 *
	 * @param string[]            $words   The number.
	 * @param array<string,mixed> $options The options.
	 */
	public function discard( array $words, array $options ): void {
		$id     = whole_number( $words[0], PHP_INT_MAX );
		$reason = trim( (string) ( $options['reason'] ?? '' ) );
		if ( '' === $reason ) {
			Ending::wrong_use( '--reason says why, and must not be empty.' );
		}
		Ending::unless_confirmed( "Do you want to give up the change {$id}? It cannot be brought back.", $options );
		self::report( Call::post( '/v1/control/queue/discard', compact( 'id', 'reason' ) ), 'given up' );
	}

	/**
	 * Have the daemon do it.
	 *
	 * @param string $verb retry or release.
	 * @param string $id   A number, or "all".
	 * @param string $done What it is then.
	 */
	private static function decide( string $verb, string $id, string $done ): void {
		$which = 'all' === $id ? 'all' : whole_number( $id, PHP_INT_MAX );
		self::report( Call::post( '/v1/control/queue/' . $verb, array( 'id' => $which ) ), $done );
	}

	/**
	 * Say how many it were.
	 *
	 * @param Answer $answer What the daemon says.
	 * @param string $done   What they are now.
	 */
	private static function report( Answer $answer, string $done ): void {
		$changed = $answer->count( 'changed' );
		if ( null === $changed ) {
			Output::remark( 'The daemon does not say how many changes were ' . $done . '.' );
			return;
		}
		\WP_CLI::success( number_of( $changed, 'change was', 'changes were' ) . ' ' . $done . '.' );
	}

	/**
	 * The changes in an answer.
	 *
	 * @param Answer $answer What the daemon says.
	 * @return array<int,array<string,mixed>>
	 */
	private static function changes( Answer $answer ): array {
		$rows = array();
		foreach ( $answer->records( 'rows' ) ?? self::nobody_said( 'changes' ) as $one ) {
			$order = $one->text( 'order' ) ?? '';
			$row   = array( 'what' => '' === $order ? $one->text( 'key' ) : 'order ' . $order );
			foreach ( array( 'id', 'state', 'side', 'reason', 'attempts', 'due_at', 'sentence' ) as $field ) {
				$row[ $field ] = $one->text( $field );
			}
			$rows[] = $row;
		}
		return $rows;
	}

	/**
	 * The products that are held out, in the same columns.
	 *
	 * @param Answer $answer What the daemon says.
	 * @return array<int,array<string,mixed>>
	 */
	private static function held_out( Answer $answer ): array {
		$rows = array();
		foreach ( $answer->records( 'held_out' ) ?? self::nobody_said( 'held-out products' ) as $one ) {
			$sku    = $one->text( 'sku' );
			$rows[] = array(
				'id'       => '',
				'state'    => 'held out',
				'side'     => $one->text( 'side' ),
				'what'     => null === $sku || '' === $sku ? 'without SKU: ' . ( $one->text( 'name' ) ?? UNKNOWN ) . ' (' . ( $one->text( 'ref' ) ?? UNKNOWN ) . ')' : $sku,
				'reason'   => $one->text( 'reason' ),
				'attempts' => '',
				'due_at'   => '',
				'sentence' => $one->text( 'sentence' ),
			);
		}
		return $rows;
	}

	/**
	 * A list that is missing is not an empty one.
	 *
	 * @param string $what What it would have listed.
	 * @return Answer[]
	 */
	private static function nobody_said( string $what ): array {
		Output::remark( "The daemon does not say which {$what} there are." );
		return array();
	}
}
