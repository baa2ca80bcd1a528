<?php
/**
 * The command `wp tillbridge runs`.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

defined( 'ABSPATH' ) || exit;

/**
 * What runs came to.
 */
final class Runs_Command {

	private const FIELDS = array( 'run', 'kind', 'scope', 'state', 'started', 'seconds', 'findings', 'words' );

	/**
	 * Lists the latest runs, or shows one of them with everything that it found.
	 *
	 * A run is a look at both sides, an undo, or something that you decided.
	 *
	 * ## OPTIONS
	 *
	 * [<run>]
	 * : The number of one run. Exit status 1 where it found something.
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
	 *     $ wp tillbridge runs
	 *
	 *     $ wp tillbridge runs 17 --format=csv
	 *
	 * @param string[]            $words   The number.
	 * @param array<string,mixed> $options The options.
	 */
	public function __invoke( array $words, array $options ): void {
		if ( isset( $words[0] ) ) {
			Run_Report::tell( $options, whole_number( $words[0], PHP_INT_MAX ) );
			return;
		}
		$answer = Call::get( '/v1/control/runs' );
		$runs   = $answer->records( 'rows' );
		if ( array() === ( $runs ?? array() ) && array() !== $answer->named( 'rows' ) ) {
			Output::remark( 'The daemon does not say which runs there were.' );
		}
		Output::rows( $options, texts_of( $runs, self::FIELDS ), self::FIELDS );
	}
}
