<?php
/**
 * How this shop and a daemon get to know each other, part, and what becomes of that when the shop moves or is copied.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * Pairing. Whatever fails leaves things as they were, and no message shows a secret.
 */
final class Pairing {

	/**
	 * The option with this shop's own id: made once, kept when the connection ends, made anew for a copy.
	 */
	public const SITE = 'tillbridge_site';

	/**
	 * How long the daemon may take to start again with what was agreed.
	 */
	private const RETURNS_IN = 15;
	private const LOOKS      = 4;

	/**
	 * The action that fires whenever the pairing has to wait for the daemon a little longer, with the number of times
	 * that it may at the most.
	 */
	public const WAITS = 'tillbridge_pairing_waits';

	/**
	 * `unpaired`, `paired`, or `elsewhere` where this database answers at another address than the one it was paired at.
	 */
	public static function state(): string {
		$connection = Connection::read();
		if ( null === $connection ) {
			return 'unpaired';
		}
		return $connection->is_elsewhere() ? 'elsewhere' : 'paired';
	}

	/**
	 * Pair this shop with the daemon that printed the code.
	 *
	 * Nothing of the shop is told before the daemon has proved that it knows the code: a stranger on its port learns
	 * nothing.
	 *
	 * @param string $typed The code.
	 * @return true|\WP_Error `tillbridge_not_back` and `tillbridge_unwell` come after the pairing: it stands.
	 */
	public static function connect( string $typed ) {
		$obstacle = self::obstacle();
		if ( null !== $obstacle ) {
			return $obstacle;
		}
		$code = Code::read( $typed, defined( 'TILLBRIDGE_LISTENER' ) ? (string) constant( 'TILLBRIDGE_LISTENER' ) : '' );
		if ( is_wp_error( $code ) ) {
			return $code;
		}
		$site   = self::site();
		$daemon = new Daemon(
			Connection::of(
				array(
					'site'     => $site,
					'secret'   => $code->key,
					'listener' => $code->listener,
				)
			)
		);
		$met    = self::meet( $daemon, $code, $site );
		if ( is_wp_error( $met ) ) {
			return $met;
		}
		$account = Account::open();
		if ( is_wp_error( $account ) ) {
			return $account;
		}
		$agreed = self::agree( $daemon, $code, $site, $account );
		if ( is_wp_error( $agreed ) ) {
			$account->undo();
			return $agreed;
		}
		$account->keep_only_this();
		return self::await_return();
	}

	/**
	 * End the connection: the daemon forgets this shop (and keeps its books), then this shop forgets the daemon.
	 *
	 * @return true|\WP_Error
	 */
	public static function disconnect() {
		$connection = self::standing_connection();
		if ( is_wp_error( $connection ) ) {
			return $connection;
		}
		$heard = ( new Daemon( $connection ) )->post( '/v1/control/disconnect' );
		return is_wp_error( $heard ) ? $heard : self::forget();
	}

	/**
	 * Forget the daemon without telling it. The list of what happened stays: the same shop may come back.
	 *
	 * @return true|\WP_Error
	 */
	public static function forget() {
		if ( Connection::is_in_a_file() ) {
			return self::in_a_file();
		}
		update_option( Connection::OPTION, '', true );
		Schema::take_another_name();
		Account::remove();
		Forward::mend();
		return true;
	}

	/**
	 * The shop has moved to the address at which it is now.
	 *
	 * @return true|\WP_Error
	 */
	public static function moved() {
		$connection = self::standing_connection();
		if ( is_wp_error( $connection ) ) {
			return $connection;
		}
		$place = array(
			'address'  => get_option( 'home' ),
			'rest_url' => rest_url(),
		);
		$heard = ( new Daemon( $connection->here() ) )->post( '/v1/control/site', $place );
		if ( is_wp_error( $heard ) ) {
			return $heard;
		}
		$stored = get_option( Connection::OPTION );
		$stored = is_string( $stored ) ? (array) json_decode( $stored, true ) : (array) $stored;

		$stored['address_hash'] = Connection::hash_of_address( $connection->secret );
		update_option( Connection::OPTION, $stored, true );
		Outbox::add_looks(
			array(
				array(
					'topic'     => 'site.moved',
					'object_id' => 0,
					'origin'    => 'store',
					'data'      => $place,
				),
			)
		);
		return true;
	}

	/**
	 * This is a copy of another shop: it must hold neither that shop's credentials nor its events.
	 *
	 * @return true|\WP_Error
	 */
	public static function copy() {
		$forgotten = self::forget();
		if ( true === $forgotten ) {
			Schema::begin_anew();
			update_option( self::SITE, bin2hex( random_bytes( 16 ) ), false );
		}
		return $forgotten;
	}

	/**
	 * Why this shop cannot be paired as it is.
	 */
	private static function obstacle(): ?\WP_Error {
		if ( Connection::is_in_a_file() ) {
			return self::in_a_file();
		}
		if ( 'elsewhere' === self::state() ) {
			return refusal( 'elsewhere', __( 'This database was paired at another address. Say first whether the shop has moved ("wp tillbridge site moved") or this is a copy ("wp tillbridge site copy").', 'tillbridge' ), 409 );
		}
		Schema::install();
		foreach ( Status::tables() as $name => $about ) {
			if ( 'innodb' !== strtolower( (string) $about['engine'] ) ) {
				/* translators: 1: name of a database table, 2: name of its engine. */
				$message = __( 'The table %1$s must be InnoDB and is %2$s: without transactions no change of stock can be made exactly once. Ask your host for InnoDB.', 'tillbridge' );
				return refusal( 'no_innodb', sprintf( $message, Schema::table( $name ), $about['engine'] ?? __( 'missing', 'tillbridge' ) ), 409 );
			}
		}
		return null;
	}

	/**
	 * Make sure that the daemon behind the address is the one that printed the code.
	 *
	 * @param Daemon $daemon Whoever listens there.
	 * @param Code   $code   The code.
	 * @param string $site   This shop's id.
	 * @return true|\WP_Error
	 */
	private static function meet( Daemon $daemon, Code $code, string $site ) {
		$nonce = bin2hex( random_bytes( 16 ) );
		$heard = $daemon->post( '/v1/pair/hello', compact( 'nonce', 'site' ) );
		if ( is_wp_error( $heard ) ) {
			$status = (int) ( $heard->get_error_data()['status'] ?? 0 );
			return 401 !== $status ? $heard : refusal( 'wrong_code', __( 'The daemon does not know this code: it was typed wrong, has run out, or was used. "tillbridge init" prints a new one.', 'tillbridge' ), 401 );
		}
		if ( ! self::is_proof( $heard, $code, "hello.{$nonce}.{$site}" ) ) {
			/* translators: %s: an address such as http://127.0.0.1:8642. */
			$message = __( 'What answers at %s cannot prove that it printed this code, so it was told nothing. See what listens there, then try again.', 'tillbridge' );
			return refusal( 'stranger', sprintf( $message, $code->listener ), 502 );
		}
		return true;
	}

	/**
	 * Exchange address and key for the secret, and keep it.
	 *
	 * @param Daemon  $daemon  The daemon, met.
	 * @param Code    $code    The code; used up by this.
	 * @param string  $site    This shop's id.
	 * @param Account $account Whose key is handed over.
	 * @return true|\WP_Error
	 */
	private static function agree( Daemon $daemon, Code $code, string $site, Account $account ) {
		$door  = bin2hex( random_bytes( 16 ) );
		$heard = $daemon->post(
			'/v1/pair',
			array(
				'site'     => $site,
				'address'  => get_option( 'home' ),
				'rest_url' => rest_url(),
				'plugin'   => VERSION,
				'door'     => $door,
				'rest'     => array(
					'key'    => $account->key,
					'secret' => $account->secret,
				),
			)
		);
		if ( is_wp_error( $heard ) ) {
			return $heard;
		}
		$secret = $heard['secret'] ?? null;
		if ( ! is_string( $secret ) || 1 !== preg_match( '/^[0-9a-f]{64}\z/', $secret ) || ! self::is_proof( $heard, $code, "pair.{$site}.{$secret}" ) ) {
			return refusal( 'stranger', __( 'The answer to the pairing was changed on its way, so nothing of it was kept. Print a new code ("tillbridge init") and try again.', 'tillbridge' ), 502 );
		}
		$stored = array(
			'site'         => $site,
			'secret'       => $secret,
			'listener'     => $code->listener,
			'door'         => $door,
			'address_hash' => Connection::hash_of_address( $secret ),
			'paired_at'    => time(),
			'user_id'      => $account->user_id,
		);
		if ( ! update_option( Connection::OPTION, $stored, true ) ) {
			return refusal( 'not_stored', __( 'The database did not keep the connection. The code is used up: print a new one ("tillbridge init") and try again.', 'tillbridge' ), 500 );
		}
		update_option( self::SITE, $site, false );
		Forward::mend();
		return true;
	}

	/**
	 * Wait until the daemon has started again with what was agreed, and have it look at every hop.
	 *
	 * @return true|\WP_Error
	 */
	private static function await_return() {
		$connection = Connection::read();
		$until      = microtime( true ) + self::RETURNS_IN;
		do {
			do_action( self::WAITS, self::RETURNS_IN * self::LOOKS ); // phpcs:ignore WordPress.NamingConventions -- a constant of ours.
			usleep( (int) ( 1000000 / self::LOOKS ) );
			$status = null === $connection ? null : ( new Daemon( $connection, 2.0 ) )->get( '/v1/control/status' );
		} while ( ! is_array( $status ) && microtime( true ) < $until );
		if ( null === $connection || ! is_array( $status ) ) {
			return refusal( 'not_back', __( 'The pairing is made, but the daemon did not come back with it. Look at its log on the server, and start it there if it has stopped.', 'tillbridge' ), 503 );
		}
		$found = ( new Daemon( $connection, 30.0 ) )->get( '/v1/control/doctor' );
		if ( is_wp_error( $found ) || ! empty( $found['well'] ) ) {
			return is_wp_error( $found ) ? $found : true;
		}
		$error = refusal( 'unwell', __( 'The pairing is made, but not everything works yet. Look at what "wp tillbridge doctor" says.', 'tillbridge' ), 200 );
		foreach ( (array) ( $found['hops'] ?? array() ) as $hop ) {
			if ( is_array( $hop ) && 'problem' === ( $hop['state'] ?? '' ) ) {
				$error->add( 'tillbridge_unwell', implode( ': ', array_filter( array( $hop['name'] ?? '', $hop['detail'] ?? '', $hop['fix'] ?? '' ), 'is_string' ) ) );
			}
		}
		return $error;
	}

	/**
	 * Whether an answer proves that its sender knows the code.
	 *
	 * @param array<string,mixed> $heard The answer.
	 * @param Code                $code  The code.
	 * @param string              $text  What it must have signed.
	 */
	private static function is_proof( array $heard, Code $code, string $text ): bool {
		return is_string( $heard['proof'] ?? null ) && hash_equals( hash_hmac( 'sha256', $text, $code->key ), $heard['proof'] );
	}

	/**
	 * This shop's own id: the one that it has, else the one by which a connection made by hand calls it, else a new one.
	 */
	private static function site(): string {
		$site = (string) get_option( self::SITE, '' );
		if ( '' !== $site ) {
			return $site;
		}
		$connection = Connection::read();
		return null === $connection ? bin2hex( random_bytes( 16 ) ) : $connection->site;
	}

	/**
	 * The connection, where there is one that can be changed.
	 *
	 * @return Connection|\WP_Error
	 */
	private static function standing_connection() {
		$connection = Connection::read();
		if ( null === $connection ) {
			return refusal( 'not_connected', __( 'This shop is not connected to a Tillbridge daemon yet.', 'tillbridge' ), 409 );
		}
		return Connection::is_in_a_file() ? self::in_a_file() : $connection;
	}

	/**
	 * What stands in wp-config.php is not ours to change.
	 */
	private static function in_a_file(): \WP_Error {
		return refusal( 'in_a_file', __( 'The connection stands in wp-config.php (TILLBRIDGE_CONNECTION). Change or remove it there.', 'tillbridge' ), 409 );
	}
}
