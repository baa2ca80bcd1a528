<?php
/**
 * The settings of the connection: which shop this is, the shared secret, where the daemon listens, and at which address
 * this was agreed.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * One connection between this shop and one daemon. Read in one place, handed down, written only by the pairing.
 */
final class Connection {

	/**
	 * The option that holds it; "" while there is none (an option that is not there would be looked for in the database
	 * by every request).
	 *
	 * It may also be written by hand: `{"site": "…", "secret": "…", "listener": "http://127.0.0.1:8642"}`. A constant
	 * TILLBRIDGE_CONNECTION of the same shape in wp-config.php wins, for shops that keep secrets out of their database.
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
	 * The token in the address to which the till's system sends its webhooks; "" where that door is shut.
	 *
	 * @var string
	 */
	public $door;

	/**
	 * The user as whom the daemon calls WooCommerce's own REST routes, 0 where there is none.
	 *
	 * @var int
	 */
	public $user_id;

	/**
	 * The shop's address when it was paired, as a keyed hash: a search-and-replace over the database cannot rewrite it.
	 * "" where nobody wrote it down.
	 *
	 * @var string
	 */
	private $address_hash;

	/**
	 * The connection of this shop, or null while there is none.
	 */
	public static function read(): ?self {
		if ( self::is_in_a_file() ) {
			$stored = self::unpack( constant( 'TILLBRIDGE_CONNECTION' ) );
			unset( $stored['address_hash'] ); // Who copies wp-config.php copies it on purpose.
		} else {
			$stored = self::unpack( get_option( self::OPTION, '' ) );
		}
		$connection = self::of( $stored );
		return '' === $connection->site || '' === $connection->secret ? null : $connection;
	}

	/**
	 * Whether the connection stands in wp-config.php, where nothing of ours can write.
	 */
	public static function is_in_a_file(): bool {
		return defined( 'TILLBRIDGE_CONNECTION' );
	}

	/**
	 * A connection with these settings.
	 *
	 * @param array<string,mixed> $stored The settings as stored.
	 */
	public static function of( array $stored ): self {
		$connection               = new self();
		$connection->site         = self::text( $stored, 'site' );
		$connection->secret       = self::text( $stored, 'secret' );
		$connection->listener     = self::text( $stored, 'listener' );
		$connection->accepted     = array_filter( array( $connection->secret, self::text( $stored, 'previous_secret' ) ) );
		$connection->door         = self::text( $stored, 'door' );
		$connection->user_id      = (int) ( $stored['user_id'] ?? 0 );
		$connection->address_hash = self::text( $stored, 'address_hash' );
		return $connection;
	}

	/**
	 * Whether this database now answers at another address than the one it was paired at: then it is a copy (or the shop
	 * has moved), and may not speak for the shop until a person says which.
	 */
	public function is_elsewhere(): bool {
		if ( '' === $this->address_hash ) {
			return false;
		}
		foreach ( $this->accepted as $secret ) {
			if ( hash_equals( self::hash_of_address( $secret ), $this->address_hash ) ) {
				return false;
			}
		}
		return true;
	}

	/**
	 * This connection, at the address where the shop is now.
	 */
	public function here(): self {
		$moved               = clone $this;
		$moved->address_hash = self::hash_of_address( $this->secret );
		return $moved;
	}

	/**
	 * What to remember of the address at which the shop is now: the same with or without TLS.
	 *
	 * @param string $secret The secret of the connection.
	 */
	public static function hash_of_address( string $secret ): string {
		$address = strtolower( (string) get_option( 'home' ) );
		return hash_hmac( 'sha256', rtrim( (string) preg_replace( '#^[a-z]+://#', '', $address ), '/' ), $secret );
	}

	/**
	 * Settings as an array, whichever way they were written.
	 *
	 * @param mixed $stored An array, or the same as JSON.
	 * @return array<string,mixed>
	 */
	private static function unpack( $stored ): array {
		if ( is_string( $stored ) ) {
			$stored = json_decode( $stored, true );
		}
		return is_array( $stored ) ? $stored : array();
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
