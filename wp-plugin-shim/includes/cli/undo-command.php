<?php
/**
 * The command `wp tillbridge undo`.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

defined( 'ABSPATH' ) || exit;

/**
 * Takes back what a run did.
 */
final class Undo_Command {

	private const FIELDS = array( 'outcome', 'sku', 'side', 'amount', 'words' );

	/**
	 * Takes back what a run carried over. What happened on a side stays there.
	 *
	 * A run is undone once; the undo is a run, and can be undone itself. Exit status 1 where some of it was left, because
	 * something later rests on it.
	 *
	 * ## OPTIONS
	 *
	 * <run>
	 * : Its number, as "wp tillbridge runs" lists it.
	 *
	 * [--format=<format>]
	 * : How to print it. With json, the daemon's whole answer.
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
	 *     $ wp tillbridge undo 17
	 *
	 * @param string[]            $words   The number.
	 * @param array<string,mixed> $options The options.
	 */
	public function __invoke( array $words, array $options ): void {
		$answer = Call::post( '/v1/control/undo', array( 'run' => whole_number( $words[0], PHP_INT_MAX ) ) );
		$left   = $answer->records( 'left' ) ?? array();
		if ( 'json' === ( $options['format'] ?? '' ) ) {
			Output::record( $options, array(), $answer->all() );
		} else {
			$rows = array_merge( self::rows( $answer->records( 'rows' ) ?? array(), 'taken back' ), self::rows( $left, 'left' ) );
			Output::rows( $options, $rows, self::FIELDS );
		}
		$run = $answer->text( 'run' ) ?? UNKNOWN;
		Output::say( $options, 'Run ' . $run . ': ' . ( $answer->text( 'undone' ) ?? UNKNOWN ) . ' taken back, ' . count( $left ) . ' left as it is.' );
		if ( 'undoing' === $answer->text( 'state' ) ) {
			Output::say( $options, "So far: it goes on, \"wp tillbridge runs {$run}\" shows it." );
		}
		Ending::with( array() === $left && null !== $answer->count( 'undone' ) ? Ending::WELL : Ending::FOUND );
	}

	/**
	 * Rows with what became of them.
	 *
	 * @param Answer[] $records What the daemon says.
	 * @param string   $outcome What became of them.
	 * @return array<int,array<string,mixed>>
	 */
	private static function rows( array $records, string $outcome ): array {
		$rows = array();
		foreach ( texts_of( $records, self::FIELDS ) as $row ) {
			$rows[] = array( 'outcome' => $outcome ) + $row;
		}
		return $rows;
	}
}
