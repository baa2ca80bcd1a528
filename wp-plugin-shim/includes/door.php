<?php
/**
 * The public address to which the till's system sends its webhooks. They are passed on as they are: who sent them is for
 * the daemon to find out.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

const LARGEST_WEBHOOK = 65536;
const MOST_WEBHOOKS   = 500;

/**
 * Bytes of one webhook as it is kept, its body and what came around it; and of all that wait. What waits goes to the
 * daemon in pages together with the sales, which must not become too large to be sent because of it.
 */
const LARGEST_KEPT = 131072;
const MOST_KEPT    = 4194304;

/**
 * Whether somebody knows the address. Who does not is told what everybody is told of an address that does not exist.
 *
 * @param Connection|null  $connection The connection.
 * @param \WP_REST_Request $request    The request.
 * @return true|\WP_Error
 */
function may_use_door( ?Connection $connection, \WP_REST_Request $request ) {
	$token = (string) $request->get_url_params()['token'];
	if ( null === $connection || '' === $connection->door || ! hash_equals( $connection->door, $token ) ) {
		return refusal( 'no_such_address', __( 'There is nothing at this address.', 'tillbridge' ), 404 );
	}
	return $connection->is_elsewhere() ? refusal_elsewhere() : true;
}

/**
 * ANY /pos/{token}: keep it, answer, and tell the daemon.
 *
 * @param \WP_REST_Request $request    The request.
 * @param Connection       $connection The connection.
 * @return \WP_REST_Response|\WP_Error
 */
function answer_door( \WP_REST_Request $request, Connection $connection ) {
	$body = (string) $request->get_body();
	if ( strlen( $body ) > LARGEST_WEBHOOK ) {
		return refusal( 'too_large', __( 'At most 64 KiB.', 'tillbridge' ), 413 );
	}
	$data = webhook_data( $request, $body );
	if ( strlen( (string) wp_json_encode( $data, JSON_INVALID_UTF8_SUBSTITUTE ) ) > LARGEST_KEPT ) {
		return refusal( 'too_large', __( 'Headers and query are too long.', 'tillbridge' ), 413 );
	}
	list( $count, $bytes ) = Outbox::webhooks( MOST_WEBHOOKS );
	if ( $count >= MOST_WEBHOOKS || $bytes >= MOST_KEPT ) {
		return refusal( 'too_many', __( 'Too many webhooks wait already. Try again later.', 'tillbridge' ), 429 );
	}
	$look = array(
		'topic'     => Outbox::WEBHOOK,
		'object_id' => 0,
		'origin'    => 'store',
		'data'      => $data,
	);
	try {
		$rows = Outbox::add_looks( array( $look ) );
	} catch ( \RuntimeException $trouble ) {
		Guard::note( $trouble );
		return refusal( 'not_stored', __( 'The shop could not keep this. Try again later.', 'tillbridge' ), 503 );
	}
	register_shutdown_function(
		static function () use ( $connection, $rows ): void {
			Guard::run(
				static function () use ( $connection, $rows ): void {
					Forward::push( $connection, $rows, Forward::release_customer() );
					Outbox::erase_webhooks();
				}
			);
		}
	);
	return new \WP_REST_Response( array( 'kept' => true ), 200 ); // An empty object would break WordPress where a query says _fields or _embed.
}

/**
 * What came, for the daemon to judge. Nothing by which a browser or a program is known to WordPress is among it.
 *
 * @param \WP_REST_Request $request The request.
 * @param string           $body    Its raw body.
 * @return array<string,mixed>
 */
function webhook_data( \WP_REST_Request $request, string $body ): array {
	$headers = array();
	foreach ( $request->get_headers() as $name => $values ) {
		$headers[ str_replace( '_', '-', strtolower( (string) $name ) ) ] = implode( ', ', (array) $values );
	}
	unset( $headers['cookie'], $headers['authorization'], $headers['proxy-authorization'], $headers['x-wp-nonce'] );
	// As it was sent and signed, so nothing of it may be cleaned; it is only ever passed on. What names the route is WordPress' own.
	$query = isset( $_SERVER['QUERY_STRING'] ) ? (string) wp_unslash( $_SERVER['QUERY_STRING'] ) : ''; // phpcs:ignore WordPress.Security.ValidatedSanitizedInput.InputNotSanitized
	$pairs = array_filter(
		explode( '&', $query ),
		static function ( string $pair ): bool {
			return 0 !== strpos( $pair, 'rest_route=' );
		}
	);
	return array(
		'method'  => $request->get_method(),
		'path'    => $request->get_route(),
		'query'   => implode( '&', $pairs ),
		'headers' => $headers,
		'body'    => base64_encode( $body ), // phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions -- bytes in JSON.
	);
}
