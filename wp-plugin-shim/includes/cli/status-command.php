<?php
/**
 * The command `wp tillbridge status`.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

use Tillbridge\Connection;
use Tillbridge\Daemon;

defined( 'ABSPATH' ) || exit;

/**
 * How things stand.
 */
final class Status_Command {

	/**
	 * Says whether shop and till are in step, what waits, and what needs you.
	 *
	 * What this shop knows by itself is shown in any case; a copy at another address says that it is one, and asks nobody.
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
	 * ---
	 *
	 * ## EXAMPLES
	 *
	 *     $ wp tillbridge status
	 *     Shop and till are in step.
	 *
	 *     # For a monitoring system: 0 in step, 1 something waits, is away or needs you, 3 no daemon.
	 *     $ wp tillbridge status --format=json >/dev/null; echo $?
	 *     0
	 *
	 * @param string[]            $words   Not used.
	 * @param array<string,mixed> $options The options.
	 */
	public function __invoke( array $words, array $options ): void {
		$known = known_here();
		if ( 'elsewhere' === $known['state'] ) {
			Output::remark( ucfirst( elsewhere_words() ) . ': "wp tillbridge site moved" or "wp tillbridge site copy".' );
		}
		$connection = 'paired' === $known['state'] ? Connection::read() : null;
		$said       = null === $connection ? null : ( new Daemon( $connection ) )->get( '/v1/control/status' );
		$trouble    = is_wp_error( $said ) ? $said : null;
		$answer     = is_array( $said ) ? new Answer( $said ) : null;
		if ( null !== $answer ) {
			Output::say( $options, verdict( $answer ) );
		}
		Output::record( $options, shop_fields( $known ) + ( null === $answer ? array() : daemon_fields( $answer ) ), self::all( $known, $answer, $trouble ) );
		if ( null !== $trouble ) {
			Ending::because( $trouble );
		}
		if ( 'unpaired' === $known['state'] ) {
			Call::connection();
		}
		Ending::with( null !== $answer && is_well( $answer ) ? Ending::WELL : Ending::FOUND );
	}

	/**
	 * What a program reads.
	 *
	 * @param array<string,mixed> $known   What this shop knows.
	 * @param Answer|null         $answer  What the daemon says.
	 * @param \WP_Error|null      $trouble Why it says nothing.
	 * @return array<string,mixed>
	 */
	private static function all( array $known, ?Answer $answer, ?\WP_Error $trouble ): array {
		return array(
			'state'   => $known['state'],
			'in_step' => null === $answer ? null : $answer->flag( 'in_step' ),
			'shop'    => $known,
			'daemon'  => null === $answer ? null : $answer->all( STANDING_MAPS ),
			'trouble' => null === $trouble ? null : array(
				'code'    => Ending::code( $trouble ),
				'message' => $trouble->get_error_message(),
			),
		);
	}
}
