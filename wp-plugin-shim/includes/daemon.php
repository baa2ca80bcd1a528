<?php
/**
 * What the command line and the page ask of the daemon, and how its answers and silences read.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * Signed calls to the daemon, each with the person on whose behalf it is made.
 */
final class Daemon {

	/**
	 * Whom to call.
	 *
	 * @var Connection
	 */
	private $connection;

	/**
	 * How long to wait for an answer.
	 *
	 * @var float
	 */
	private $seconds;

	/**
	 * Talk to this daemon.
	 *
	 * @param Connection $connection Whom to call.
	 * @param float      $seconds    How long to wait for an answer.
	 */
	public function __construct( Connection $connection, float $seconds = 10.0 ) {
		$this->connection = $connection;
		$this->seconds    = $seconds;
	}

	/**
	 * Ask.
	 *
	 * @param string               $path  The path, such as /v1/control/status.
	 * @param array<string,scalar> $query The query.
	 * @return array<string,mixed>|\WP_Error The answer; else `tillbridge_unreachable`, or `tillbridge_` and the daemon's own code.
	 */
	public function get( string $path, array $query = array() ) {
		return $this->call( 'GET', $path, $query, '' );
	}

	/**
	 * Have something done.
	 *
	 * @param string              $path The path.
	 * @param array<string,mixed> $body What to say; an object, even where it is empty.
	 * @return array<string,mixed>|\WP_Error As get().
	 */
	public function post( string $path, array $body = array() ) {
		return $this->call( 'POST', $path, array(), (string) wp_json_encode( (object) $body, JSON_UNESCAPED_SLASHES ) );
	}

	/**
	 * One signed call.
	 *
	 * @param string               $method GET or POST.
	 * @param string               $path   The path.
	 * @param array<string,scalar> $query  The query.
	 * @param string               $body   The raw body.
	 * @return array<string,mixed>|\WP_Error
	 */
	private function call( string $method, string $path, array $query, string $body ) {
		if ( $this->connection->is_elsewhere() ) {
			return refusal( 'elsewhere', __( 'This shop answers at another address than the one it was paired at. Say first whether it has moved or is a copy.', 'tillbridge' ), 409 );
		}
		$target = (string) signed_target( $path, $query + self::actor() );
		try {
			$exchange = new Exchange( $this->connection->listener );
		} catch ( \UnexpectedValueException $error ) {
			return refusal( 'unreachable', __( 'No usable address of the daemon is known here: connect this shop again.', 'tillbridge' ), 503 );
		}
		$headers = signature_headers( $this->connection->secret, $method, $target, $body );
		$answer  = $exchange->request( $method, $target, $headers, $body, $this->seconds );
		if ( null === $answer ) {
			/* translators: %s: an address such as http://127.0.0.1:8642. */
			$message = __( 'The Tillbridge daemon did not answer at %s. See whether it runs ("tillbridge status" on the server), then try again.', 'tillbridge' );
			return refusal( 'unreachable', sprintf( $message, $this->connection->listener ), 503 );
		}
		return $this->understand( $answer[0], json_decode( $answer[1], true ), is_proven( $this->connection->secret, $headers, $answer ) );
	}

	/**
	 * An answer, or what was refused in the daemon's own words.
	 *
	 * A refusal is believed of anybody: nothing follows from it.
	 *
	 * @param int   $status    HTTP status.
	 * @param mixed $said      The body, decoded.
	 * @param bool  $is_proven Whether it comes from who knows the secret.
	 * @return array<string,mixed>|\WP_Error
	 */
	private function understand( int $status, $said, bool $is_proven ) {
		if ( is_array( $said ) && $is_proven && $status >= 200 && $status < 300 ) {
			return $said;
		}
		if ( ! is_array( $said ) || ! is_string( $said['code'] ?? null ) || ! is_string( $said['message'] ?? null ) ) {
			/* translators: 1: an address, 2: an HTTP status such as 404. */
			$message = __( 'Something else than a Tillbridge daemon answers at %1$s (status %2$d). Compare the address with [listener] listen in its settings.', 'tillbridge' );
			return refusal( 'stranger', sprintf( $message, $this->connection->listener, $status ), 502 );
		}
		return refusal( $said['code'], $said['message'], $status );
	}

	/**
	 * On whose behalf: the user of WordPress who is logged in, else the one of the server's command line.
	 *
	 * @return array{actor:string,capability:string}
	 */
	private static function actor(): array {
		$user = wp_get_current_user();
		if ( $user->exists() ) {
			return array(
				'actor'      => $user->user_login,
				'capability' => current_user_can( 'manage_woocommerce' ) ? 'manage_woocommerce' : 'read', // phpcs:ignore WordPress.WP.Capabilities -- WooCommerce's own.
			);
		}
		$account = function_exists( 'posix_geteuid' ) && function_exists( 'posix_getpwuid' ) ? posix_getpwuid( posix_geteuid() ) : false;
		return array(
			'actor'      => 'cli:' . ( is_array( $account ) ? $account['name'] : get_current_user() ),
			'capability' => 'shell',
		);
	}
}
