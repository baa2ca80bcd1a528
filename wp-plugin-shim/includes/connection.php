<?php
/**
 * The settings of the connection: which shop this is, the shared secret, and where the daemon listens.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * One connection between this shop and one daemon. Read in one place, handed down, never written by us.
 */
final class Connection {

	/**
	 * The option that holds it: `{"site": "…", "secret": "…", "listener": "http://127.0.0.1:8377"}`.
	 *
	 * A constant TILLBRIDGE_CONNECTION of the same shape in wp-config.php wins, for shops that keep secrets out of
	 * their database.
	 */
	public const OPTION = 'tillbridge_connection';

	/**
	 * The shop's id, as the daemon knows it.
	 *
	 * @var string
	 */
	public $site;

	/**
	 * The secret to sign with.
	 *
	 * @var string
	 */
	public $secret;

	/**
	 * Every secret that is accepted: two while one replaces the other.
	 *
	 * @var string[]
	 */
	public $accepted;

	/**
	 * Where the daemon listens: `http://127.0.0.1:PORT` or `unix:/path/to/socket`.
	 *
	 * @var string
	 */
	public $listener;

	/**
	 * The connection of this shop, or null while there is none.
	 */
	public static function read(): ?self {
		$stored = defined( 'TILLBRIDGE_CONNECTION' ) ? constant( 'TILLBRIDGE_CONNECTION' ) : get_option( self::OPTION );
		if ( is_string( $stored ) ) {
			$stored = json_decode( $stored, true );
		}
		if ( ! is_array( $stored ) ) {
			return null;
		}
		$connection           = new self();
		$connection->site     = self::text( $stored, 'site' );
		$connection->secret   = self::text( $stored, 'secret' );
		$connection->listener = self::text( $stored, 'listener' );
		$connection->accepted = array_filter( array( $connection->secret, self::text( $stored, 'previous_secret' ) ) );
		return '' === $connection->site || '' === $connection->secret ? null : $connection;
	}

	/**
	 * One field as text, "" where it is missing.
	 *
	 * @param array<string,mixed> $stored The settings as stored.
	 * @param string              $name   The field.
	 */
	private static function text( array $stored, string $name ): string {
		return isset( $stored[ $name ] ) && is_string( $stored[ $name ] ) ? $stored[ $name ] : '';
	}
}
