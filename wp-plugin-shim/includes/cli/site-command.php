<?php
/**
 * The commands `wp tillbridge site moved` and `site copy`.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

use Tillbridge\Pairing;

defined( 'ABSPATH' ) || exit;

/**
 * Says what became of this shop where it answers at another address than the one it was paired at.
 *
 * A shop and its copy hold the same database, so Tillbridge cannot know which of them it sees. Until you say so, a shop
 * at another address records what happens, tells nobody, and lets nobody move its stock.
 *
 * ## EXAMPLES
 *
 *     # The shop has a new domain.
 *     $ wp tillbridge site moved
 *
 *     # This is a copy for trying things out.
 *     $ wp tillbridge site copy
 */
final class Site_Command {

	/**
	 * Says that the shop has moved here: the daemon follows, and what happened meanwhile is told.
	 *
	 * ## OPTIONS
	 *
	 * [--yes]
	 * : Do not ask.
	 *
	 * ## EXAMPLES
	 *
	 *     $ wp tillbridge site moved
	 *
	 * @param string[]            $words   Not used.
	 * @param array<string,mixed> $options The options.
	 */
	public function moved( array $words, array $options ): void {
		Call::connection();
		Ending::unless_confirmed( 'Has the shop moved to ' . printable( (string) get_option( 'home' ) ) . ', and does the old address no longer answer?', $options );
		$moved = Pairing::moved();
		if ( is_wp_error( $moved ) ) {
			Ending::because( $moved );
		}
		\WP_CLI::success( 'The daemon follows this shop to ' . printable( (string) get_option( 'home' ) ) . '.' );
	}

	/**
	 * Says that this is a copy: it forgets the other shop's connection and events, and can be paired with a daemon of its own.
	 *
	 * ## OPTIONS
	 *
	 * [--yes]
	 * : Do not ask.
	 *
	 * ## EXAMPLES
	 *
	 *     $ wp tillbridge site copy --yes
	 *
	 * @param string[]            $words   Not used.
	 * @param array<string,mixed> $options The options.
	 */
	public function copy( array $words, array $options ): void {
		if ( 'paired' === Pairing::state() ) {
			Ending::because( \Tillbridge\refusal( 'no_copy', 'This shop answers at the address at which it was paired, so it is no copy, and its events were kept. To part from the till: "wp tillbridge disconnect".', 409 ) );
		}
		Ending::unless_confirmed( 'Is this a copy of another shop? Its connection and all events in its outbox will be removed.', $options );
		$copied = Pairing::copy();
		if ( is_wp_error( $copied ) ) {
			Ending::because( $copied );
		}
		\WP_CLI::success( 'This copy is a shop of its own now, connected to nobody.' );
	}
}
