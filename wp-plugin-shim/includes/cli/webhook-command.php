<?php
/**
 * The commands `wp tillbridge webhook …`.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

defined( 'ABSPATH' ) || exit;

/**
 * Has the till's system tell this shop at once when it has news, instead of being asked every few seconds.
 *
 * ## EXAMPLES
 *
 *     $ wp tillbridge webhook enable
 */
final class Webhook_Command {

	/**
	 * Registers the webhook with the till's system.
	 *
	 * ## OPTIONS
	 *
	 * [--format=<format>]
	 * : How to print how it stands then.
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
	 *     $ wp tillbridge webhook enable
	 *
	 * @param string[]            $words   Not used.
	 * @param array<string,mixed> $options The options.
	 */
	public function enable( array $words, array $options ): void {
		$answer = Call::post( '/v1/control/webhook', array( 'do' => 'enable' ) );
		self::show( $answer, $options );
		Ending::with( true === $answer->flag( 'enabled' ) ? Ending::WELL : Ending::FOUND );
	}

	/**
	 * Says whether there is a webhook.
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
	 *     $ wp tillbridge webhook status --format=json
	 *
	 * @param string[]            $words   Not used.
	 * @param array<string,mixed> $options The options.
	 */
	public function status( array $words, array $options ): void {
		self::show( Call::get( '/v1/control/webhook' ), $options );
	}

	/**
	 * Takes the webhook back. The till's system is then asked for news instead.
	 *
	 * ## OPTIONS
	 *
	 * [--format=<format>]
	 * : How to print how it stands then.
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
	 *     $ wp tillbridge webhook disable
	 *
	 * @param string[]            $words   Not used.
	 * @param array<string,mixed> $options The options.
	 */
	public function disable( array $words, array $options ): void {
		$answer = Call::post( '/v1/control/webhook', array( 'do' => 'disable' ) );
		self::show( $answer, $options );
		Ending::with( false === $answer->flag( 'enabled' ) ? Ending::WELL : Ending::FOUND );
	}

	/**
	 * Show how it stands.
	 *
	 * @param Answer              $answer  What the daemon says.
	 * @param array<string,mixed> $options The options.
	 */
	private static function show( Answer $answer, array $options ): void {
		$fields = array(
			'supported' => $answer->flag( 'supported' ),
			'enabled'   => $answer->flag( 'enabled' ),
			'url'       => $answer->text( 'url' ) ?? ( false === $answer->flag( 'enabled' ) ? 'none' : null ),
			'detail'    => $answer->text( 'detail' ),
		);
		Output::record( $options, $fields, $answer->all() );
	}
}
