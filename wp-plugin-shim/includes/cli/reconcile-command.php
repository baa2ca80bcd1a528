<?php
/**
 * The command `wp tillbridge reconcile`.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

defined( 'ABSPATH' ) || exit;

/**
 * Looks for what nobody told.
 */
final class Reconcile_Command {

	/**
	 * Compares each side with what is known of it, and mends what differs twice.
	 *
	 * Both sides are counted. What differs is looked at again after a minute, and only what is the same by then is entered
	 * on the side where it happened. Exit status 1 where something was found, 3 where a side could not be read.
	 *
	 * ## OPTIONS
	 *
	 * [<sku>]
	 * : Only this product.
	 *
	 * [--dry-run]
	 * : Find what differs, and enter nothing.
	 *
	 * [--wait]
	 * : Wait until it is over, which is what happens anyway; --no-wait only begins it.
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
	 *     # What would be mended?
	 *     $ wp tillbridge reconcile --dry-run
	 *
	 *     $ wp tillbridge reconcile CUP-BLUE
	 *
	 * @param string[]            $words   The SKU.
	 * @param array<string,mixed> $options The options.
	 */
	public function __invoke( array $words, array $options ): void {
		$asked = array(
			'what'    => trim( $words[0] ?? '' ),
			'dry_run' => (bool) \WP_CLI\Utils\get_flag_value( $options, 'dry-run', false ),
		);
		$begun = Call::post( '/v1/control/reconcile', $asked );
		if ( ! \WP_CLI\Utils\get_flag_value( $options, 'wait', true ) ) {
			Run_Report::begun( $options, $begun );
			return;
		}
		$number = Run_Report::number_of( $begun );
		Run_Report::await( $number );
		Run_Report::tell( $options, $number );
	}
}
