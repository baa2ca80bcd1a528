<?php
/**
 * The commands `wp tillbridge sync`, `pause` and `resume`.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

defined( 'ABSPATH' ) || exit;

/**
 * Look now, stop, go on.
 */
final class Flow_Command {

	/**
	 * Looks at both sides now, and tries again what failed or was parked.
	 *
	 * ## OPTIONS
	 *
	 * [<flow>]
	 * : Which way.
	 * ---
	 * default: all
	 * options:
	 *   - to-pos
	 *   - to-store
	 *   - all
	 * ---
	 *
	 * [--format=<format>]
	 * : How to print how things stand afterwards.
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
	 *     $ wp tillbridge sync
	 *
	 * @param string[]            $words   The flow.
	 * @param array<string,mixed> $options The options.
	 */
	public function sync( array $words, array $options ): void {
		self::steer( 'sync', $words, $options );
	}

	/**
	 * Stops writing to one side or both. Listening goes on, so nothing is lost.
	 *
	 * ## OPTIONS
	 *
	 * [<flow>]
	 * : Which way.
	 * ---
	 * default: all
	 * options:
	 *   - to-pos
	 *   - to-store
	 *   - all
	 * ---
	 *
	 * [--format=<format>]
	 * : How to print how things stand afterwards.
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
	 *     # While the shelf is being counted, nothing moves in the shop.
	 *     $ wp tillbridge pause to-store
	 *
	 * @param string[]            $words   The flow.
	 * @param array<string,mixed> $options The options.
	 */
	public function pause( array $words, array $options ): void {
		self::steer( 'pause', $words, $options );
	}

	/**
	 * Goes on writing after a pause.
	 *
	 * ## OPTIONS
	 *
	 * [<flow>]
	 * : Which way.
	 * ---
	 * default: all
	 * options:
	 *   - to-pos
	 *   - to-store
	 *   - all
	 * ---
	 *
	 * [--format=<format>]
	 * : How to print how things stand afterwards.
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
	 *     $ wp tillbridge resume
	 *
	 * @param string[]            $words   The flow.
	 * @param array<string,mixed> $options The options.
	 */
	public function resume( array $words, array $options ): void {
		self::steer( 'resume', $words, $options );
	}

	/**
	 * Tell the daemon, and show how things stand then.
	 *
	 * @param string              $verb    What to do.
	 * @param string[]            $words   The flow.
	 * @param array<string,mixed> $options The options.
	 */
	private static function steer( string $verb, array $words, array $options ): void {
		$answer = Call::post( '/v1/control/' . $verb, array( 'flow' => $words[0] ?? 'all' ) );
		Output::say( $options, verdict( $answer ) );
		Output::record( $options, daemon_fields( $answer ), $answer->all( STANDING_MAPS ) );
	}
}
