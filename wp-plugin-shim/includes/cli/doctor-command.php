<?php
/**
 * The command `wp tillbridge doctor`.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

use Tillbridge\Connection;

defined( 'ABSPATH' ) || exit;

/**
 * What is wrong, and how it is mended.
 */
final class Doctor_Command {

	/**
	 * Tries every hop between this shop, its daemon and the till, and says how to mend what does not work.
	 *
	 * Without a daemon, everything that can be tried from here is tried all the same; the exit status is 3 then. Exit
	 * status 1 says that a hop is a problem, or that the daemon could not look at all of its own.
	 *
	 * ## OPTIONS
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
	 *     $ wp tillbridge doctor
	 *
	 *     # Only what is wrong.
	 *     $ wp tillbridge doctor --format=json | jq '.[] | select(.state == "problem")'
	 *
	 * @param string[]            $words   Not used.
	 * @param array<string,mixed> $options The options.
	 */
	public function __invoke( array $words, array $options ): void {
		Ending::with( self::examine( $options ) );
	}

	/**
	 * Try every hop and show what was found.
	 *
	 * @param array<string,mixed> $options The options.
	 * @return int The exit status that goes with it.
	 */
	public static function examine( array $options ): int {
		$known      = known_here();
		$connection = Connection::read();
		if ( 'elsewhere' === $known['state'] ) {
			Output::remark( ucfirst( elsewhere_words() ) . ': "wp tillbridge site moved" or "wp tillbridge site copy".' );
		}
		$seen     = null === $connection ? null : Daemon_Hops::look( $connection );
		$hops     = array_merge( Shop_Hops::look( $known ), Web_Hops::look( $connection ), null === $seen ? array() : $seen->hops );
		$problems = 0;
		$rows     = array();
		foreach ( $hops as $hop ) {
			$problems += $hop->is_problem() ? 1 : 0;
			$rows[]    = $hop->row();
		}
		Output::rows( $options, $rows, Hop::FIELDS );
		$is_well = 0 === $problems && null !== $seen && $seen->is_well_there;
		$words   = 0 === $problems ? 'No problem was found' : number_of( $problems, 'problem was', 'problems were' ) . ' found';
		Output::say( $options, $words . ( 0 !== $problems || $is_well ? '.' : ', but not everything could be looked at.' ) );
		if ( null === $connection ) {
			return Ending::WRONG_USE;
		}
		if ( null !== $seen && null !== $seen->obstacle ) {
			return Ending::status_of( $seen->obstacle );
		}
		return $is_well ? Ending::WELL : Ending::FOUND;
	}
}
