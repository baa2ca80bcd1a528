<?php
/**
 * What commands ask of the daemon. A refusal ends the command.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

use Tillbridge\Connection;
use Tillbridge\Daemon;

defined( 'ABSPATH' ) || exit;

/**
 * Calls that come back with an answer or not at all.
 */
final class Call {

	/**
	 * Seconds for what the daemon knows by itself, and for what it has to ask shop and till first.
	 */
	private const QUICK = 10.0;
	private const SLOW  = 60.0;

	/**
	 * Ask for something that the daemon knows.
	 *
	 * @param string               $path  The path.
	 * @param array<string,scalar> $query The query.
	 */
	public static function get( string $path, array $query = array() ): Answer {
		return self::answer( self::daemon( self::QUICK )->get( $path, $query ) );
	}

	/**
	 * Ask for something that the daemon must ask others for, or that is long.
	 *
	 * @param string               $path  The path.
	 * @param array<string,scalar> $query The query.
	 */
	public static function get_slowly( string $path, array $query = array() ): Answer {
		return self::answer( self::daemon( self::SLOW )->get( $path, $query ) );
	}

	/**
	 * Have something done.
	 *
	 * @param string              $path The path.
	 * @param array<string,mixed> $body What to say.
	 */
	public static function post( string $path, array $body ): Answer {
		return self::answer( self::daemon( self::SLOW )->post( $path, $body ) );
	}

	/**
	 * The connection of this shop.
	 */
	public static function connection(): Connection {
		$connection = Connection::read();
		if ( null === $connection ) {
			Ending::because( \Tillbridge\refusal( 'not_connected', 'This shop is not connected to a Tillbridge daemon yet.', 409 ) );
		}
		return $connection;
	}

	/**
	 * The daemon of this shop.
	 *
	 * @param float $seconds How long to wait for an answer.
	 */
	private static function daemon( float $seconds ): Daemon {
		return new Daemon( self::connection(), $seconds );
	}

	/**
	 * What was answered.
	 *
	 * @param array<string,mixed>|\WP_Error $said The answer, or why there is none.
	 */
	private static function answer( $said ): Answer {
		if ( is_wp_error( $said ) ) {
			Ending::because( $said );
		}
		return new Answer( $said );
	}
}
