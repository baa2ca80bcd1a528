<?php
/**
 * The commands `wp tillbridge connect` and `disconnect`.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

use Tillbridge\Pairing;

defined( 'ABSPATH' ) || exit;

/**
 * Beginning and end of the connection with a daemon.
 */
final class Pairing_Command {

	/**
	 * Pairs this shop with the daemon that printed the code, then tries every hop.
	 *
	 * ## OPTIONS
	 *
	 * <code>
	 * : What "tillbridge init" printed on the server, with the @ and the address behind it. It is good once.
	 *
	 * [--format=<format>]
	 * : How to print what the doctor finds.
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
	 *     $ wp tillbridge connect 7F3KQ-9QMD2-R5T0V-XW2HC-4NB8Z@127.0.0.1:8642
	 *     Success: This shop is connected.
	 *
	 * @param string[]            $words   The code.
	 * @param array<string,mixed> $options The options.
	 */
	public function connect( array $words, array $options ): void {
		if ( ! class_exists( 'WooCommerce' ) ) {
			Ending::wrong_use( 'WooCommerce is not active, so there is no shop to connect: activate it first.' );
		}
		Output::say( $options, 'Pairing; the daemon then starts again with what was agreed, which takes some seconds.' );
		$bar = new Waiting_Bar( 'Waiting for the daemon' );
		$met = Pairing::connect( $words[0] );
		$bar->finish();
		if ( is_wp_error( $met ) && ! in_array( Ending::code( $met ), array( 'not_back', 'unwell' ), true ) ) {
			Ending::because( $met );
		}
		if ( is_wp_error( $met ) ) {
			Output::remark( $met->get_error_message() );
		} elseif ( Output::is_for_people( $options ) ) {
			\WP_CLI::success( 'This shop is connected.' );
		}
		Ending::with( Doctor_Command::examine( $options ) );
	}

	/**
	 * Ends the connection: the daemon forgets this shop and keeps its books, then this shop forgets the daemon.
	 *
	 * The user made at pairing and its REST key are removed. From then on nobody watches the stock: when you connect this
	 * shop again, the daemon writes nothing until you have compared what was sold meanwhile and said "wp tillbridge resume".
	 *
	 * ## OPTIONS
	 *
	 * [--forget]
	 * : Forget the daemon without telling it, for one that will not come back.
	 *
	 * [--yes]
	 * : Do not ask.
	 *
	 * ## EXAMPLES
	 *
	 *     $ wp tillbridge disconnect
	 *     Do you want to disconnect this shop from the till? [y/n] y
	 *     Success: This shop is no longer connected.
	 *
	 *     # The server of the daemon is gone.
	 *     $ wp tillbridge disconnect --forget --yes
	 *
	 * @param string[]            $words   Not used.
	 * @param array<string,mixed> $options The options.
	 */
	public function disconnect( array $words, array $options ): void {
		Call::connection();
		Ending::unless_confirmed( 'Do you want to disconnect this shop from the till?', $options );
		$parted = \WP_CLI\Utils\get_flag_value( $options, 'forget', false ) ? Pairing::forget() : Pairing::disconnect();
		if ( is_wp_error( $parted ) ) {
			if ( 'unreachable' === Ending::code( $parted ) ) {
				Output::remark( 'Nothing was changed, since the daemon must hear of it first. Where it will not come back, say --forget.' );
			}
			Ending::because( $parted );
		}
		\WP_CLI::success( 'This shop is no longer connected.' );
	}
}
