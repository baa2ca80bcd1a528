<?php
/**
 * The signature on every request between shop and daemon: who sends it, that nobody changed it, and that it is not an
 * old one played again.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

const SIGNATURE_WINDOW = 300;
const NONCE_KEPT       = 660;

/**
 * Route and query as they are signed: pairs sorted by name and value, each encoded as RFC 3986 has it.
 *
 * The route is signed and not the URL, so that a shop in a subfolder or with plain permalinks signs alike.
 *
 * @param string                  $route The REST route, or the daemon's path.
 * @param array<int|string,mixed> $query The query; `rest_route` is the route itself.
 * @return string|null Null where the query has lists, which nobody signs.
 */
function signed_target( string $route, array $query ): ?string {
	unset( $query['rest_route'] );
	$pairs = array();
	foreach ( $query as $name => $value ) {
		if ( ! is_scalar( $value ) ) {
			return null;
		}
		$pairs[] = array( (string) $name, (string) $value );
	}
	usort(
		$pairs,
		static function ( array $one, array $other ): int {
			$by_name = strcmp( $one[0], $other[0] );
			return 0 !== $by_name ? $by_name : strcmp( $one[1], $other[1] );
		}
	);
	$encoded = array();
	foreach ( $pairs as $pair ) {
		$encoded[] = rawurlencode( $pair[0] ) . '=' . rawurlencode( $pair[1] );
	}
	return array() === $encoded ? $route : $route . '?' . implode( '&', $encoded );
}

/**
 * The signature's value.
 *
 * @param string $secret    The shared secret.
 * @param string $timestamp Unix seconds.
 * @param string $nonce     32 hex digits.
 * @param string $method    GET, POST and so on.
 * @param string $target    From signed_target().
 * @param string $body      The raw body.
 */
function sign_request( string $secret, string $timestamp, string $nonce, string $method, string $target, string $body ): string {
	return 'v1=' . hash_hmac( 'sha256', "{$timestamp}.{$nonce}.{$method}.{$target}.{$body}", $secret );
}

/**
 * The headers of a request of ours, signed anew each time.
 *
 * @param string $secret The shared secret.
 * @param string $method GET, POST and so on.
 * @param string $target From signed_target().
 * @param string $body   The raw body.
 * @return array<string,string>
 */
function signature_headers( string $secret, string $method, string $target, string $body ): array {
	$timestamp = (string) time();
	$nonce     = bin2hex( random_bytes( 16 ) );
	return array(
		'X-Tillbridge-Timestamp' => $timestamp,
		'X-Tillbridge-Nonce'     => $nonce,
		'X-Tillbridge-Signature' => sign_request( $secret, $timestamp, $nonce, $method, $target, $body ),
	);
}

/**
 * Whether an answer comes from who knows the secret, and belongs to our request. While the daemon is away, any program of
 * this machine may listen on its port, and say that it has stored a sale.
 *
 * @param string                         $secret  The shared secret.
 * @param array<string,string>           $headers What our request was signed with.
 * @param array{0:int,1:string,2:string} $answer  Status, body and proof.
 */
function is_proven( string $secret, array $headers, array $answer ): bool {
	$text = "answer.{$headers['X-Tillbridge-Nonce']}.{$answer[0]}.{$answer[1]}";
	return hash_equals( 'v1=' . hash_hmac( 'sha256', $text, $secret ), $answer[2] );
}

/**
 * Whether a request comes from our daemon, now, for the first time.
 *
 * @param Connection       $connection The connection.
 * @param \WP_REST_Request $request    The request.
 * @param int              $now        Unix seconds.
 * @return true|\WP_Error
 */
function verify_request( Connection $connection, \WP_REST_Request $request, int $now ) {
	$timestamp = (string) $request->get_header( 'x_tillbridge_timestamp' );
	$nonce     = (string) $request->get_header( 'x_tillbridge_nonce' );
	$signature = (string) $request->get_header( 'x_tillbridge_signature' );
	$shapes    = preg_match( '/^[0-9]{1,12}\z/', $timestamp ) && preg_match( '/^[0-9a-f]{32}\z/', $nonce );
	$target    = signed_target( $request->get_route(), $request->get_query_params() );
	if ( ! $shapes || '' === $signature || null === $target ) {
		return refusal( 'unsigned', __( 'This route answers only to the signed requests of the Tillbridge daemon.', 'tillbridge' ) );
	}
	if ( abs( $now - (int) $timestamp ) > SIGNATURE_WINDOW ) {
		return refusal( 'stale', __( 'The request is too old or too new: compare the clocks of this server and of the daemon.', 'tillbridge' ) );
	}
	$is_ours = false;
	foreach ( $connection->accepted as $secret ) {
		$expected = sign_request( $secret, $timestamp, $nonce, $request->get_method(), $target, (string) $request->get_body() );
		$is_ours  = hash_equals( $expected, $signature ) || $is_ours;
	}
	if ( ! $is_ours ) {
		return refusal( 'bad_signature', __( 'The signature does not fit: compare the secret here and in the daemon.', 'tillbridge' ) );
	}
	return take_nonce( $nonce );
}

/**
 * Remember a nonce; the table's unique key decides between two requests that bring the same one at once.
 *
 * @param string $nonce From a request whose signature fits.
 * @return true|\WP_Error
 */
function take_nonce( string $nonce ) {
	global $wpdb;
	$table = Schema::table( 'nonces' );
	$sql   = "INSERT IGNORE INTO {$table} (id, expires_at) VALUES (%s, UTC_TIMESTAMP() + INTERVAL %d SECOND)";
	$added = $wpdb->query( $wpdb->prepare( $sql, $nonce, NONCE_KEPT ) ); // phpcs:ignore WordPress.DB
	if ( false === $added ) {
		return refusal( 'storage', __( 'The database could not remember this request, so it is not carried out.', 'tillbridge' ), 503 );
	}
	return 1 === $added ? true : refusal( 'replayed', __( 'This request was received before.', 'tillbridge' ) );
}

/**
 * Forget nonces that are too old to be accepted anyway.
 */
function forget_nonces(): void {
	global $wpdb;
	$table = Schema::table( 'nonces' );
	$wpdb->query( "DELETE FROM {$table} WHERE expires_at < UTC_TIMESTAMP() LIMIT 5000" ); // phpcs:ignore WordPress.DB
}

/**
 * A refusal with its status.
 *
 * @param string $code    A stable code.
 * @param string $message What a person reads.
 * @param int    $status  HTTP status.
 */
function refusal( string $code, string $message, int $status = 401 ): \WP_Error {
	return new \WP_Error( 'tillbridge_' . $code, $message, array( 'status' => $status ) );
}
