<?php
/**
 * The one-time code that a person carries from the daemon to the shop, as it was typed or pasted. Pure.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * A code, for example `7F3KQ-9QMD2-R5T0V-XW2HC-4NB8Z@127.0.0.1:8642`: 25 characters without those that are easily
 * misread, and where the daemon listens. What was wrong with it is said without repeating it: it is a secret.
 */
final class Code {

	private const LENGTH   = 25;
	private const ALPHABET = '0-9A-HJKMNP-TV-Z';
	private const LOOPBACK = '/^(127(?:\.[0-9]{1,3}){3}|localhost|\[::1\])\z/i';

	/**
	 * What the first requests are signed with.
	 *
	 * @var string
	 */
	public $key;

	/**
	 * Where the daemon listens, as Exchange wants it.
	 *
	 * @var string
	 */
	public $listener;

	/**
	 * A code that was read.
	 *
	 * @param string $key      What to sign with.
	 * @param string $listener Where the daemon listens.
	 */
	private function __construct( string $key, string $listener ) {
		$this->key      = $key;
		$this->listener = $listener;
	}

	/**
	 * Read a code.
	 *
	 * @param string $typed   As it was typed.
	 * @param string $allowed One more listener that is good, beside those on this machine; "" for none.
	 * @return self|\WP_Error
	 */
	public static function read( string $typed, string $allowed ) {
		$parts = explode( '@', trim( $typed, " \t\r\n\"'`" ), 2 );
		if ( 2 !== count( $parts ) || '' === trim( $parts[1] ) ) {
			return self::problem( __( 'The code has no address. Copy all of the line that "tillbridge init" printed, with the @ and what follows it.', 'tillbridge' ) );
		}
		$text = (string) preg_replace( '/[\s-]+/u', '', strtoupper( $parts[0] ) );
		$text = strtr(
			$text,
			array(
				'O' => '0',
				'I' => '1',
				'L' => '1',
			)
		);
		if ( 1 !== preg_match( '/^[' . self::ALPHABET . ']*\z/', $text ) ) {
			return self::problem( __( 'The code holds a character that no code has. Copy it again from the line that "tillbridge init" printed.', 'tillbridge' ) );
		}
		if ( self::LENGTH !== strlen( $text ) ) {
			/* translators: 1: number of characters expected, 2: number found. */
			$message = __( 'A code has %1$d letters and digits before the @; here there are %2$d. Copy all of the line that "tillbridge init" printed.', 'tillbridge' );
			return self::problem( sprintf( $message, self::LENGTH, strlen( $text ) ) );
		}
		$listener = self::listener( trim( $parts[1] ) );
		if ( null === $listener || ! self::may_be_called( $listener, $allowed ) ) {
			return self::problem( __( 'The address in the code is not on this server. The daemon runs beside the shop, at 127.0.0.1 or a unix socket; for another place set TILLBRIDGE_LISTENER in wp-config.php to exactly that address.', 'tillbridge' ) );
		}
		return new self( hash( 'sha256', 'tillbridge-pairing-v1:' . $text ), $listener );
	}

	/**
	 * A listener in the one spelling that is stored: `http://HOST:PORT` or `unix:/PATH`; null where it is none.
	 *
	 * @param string $given As it was written.
	 */
	private static function listener( string $given ): ?string {
		if ( 1 === preg_match( '#^unix:(?://)?(/[^\s?\#]+)\z#', $given, $socket ) ) {
			return 'unix:' . $socket[1];
		}
		if ( 1 !== preg_match( '#^(?:http://)?([0-9a-z.-]+|\[[0-9a-f:.]+\]):([0-9]{1,5})/?\z#i', $given, $place ) ) {
			return null;
		}
		return (int) $place[2] > 0 && (int) $place[2] < 65536 ? 'http://' . strtolower( $place[1] ) . ':' . $place[2] : null;
	}

	/**
	 * Whether the shop may call there: nothing but this machine, unless the owner of wp-config.php says so.
	 *
	 * @param string $listener In the stored spelling.
	 * @param string $allowed  As the constant has it.
	 */
	private static function may_be_called( string $listener, string $allowed ): bool {
		if ( 0 === strpos( $listener, 'unix:' ) || self::listener( $allowed ) === $listener ) {
			return true;
		}
		$host = substr( $listener, 7, (int) strrpos( $listener, ':' ) - 7 );
		return 1 === preg_match( self::LOOPBACK, $host );
	}

	/**
	 * What is wrong, and how to mend it.
	 *
	 * @param string $message What a person reads.
	 */
	private static function problem( string $message ): \WP_Error {
		return refusal( 'bad_code', $message, 400 );
	}
}
