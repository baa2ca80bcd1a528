<?php
/**
 * The routes on which the daemon calls the shop, each open to its signature and to nothing else; and the door for
 * webhooks, open to who knows its address.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * Register them.
 *
 * @param Connection|null $connection The connection; without one every request is refused.
 */
function register_routes( ?Connection $connection ): void {
	$signed = static function ( \WP_REST_Request $request ) use ( $connection ) {
		forbid_page_cache();
		return may_use_route( $connection, $request );
	};
	$public = static function ( \WP_REST_Request $request ) use ( $connection ) {
		forbid_page_cache();
		return may_use_door( $connection, $request );
	};
	$any    = array( 'GET', 'POST', 'PUT', 'PATCH', 'DELETE' );
	$routes = array(
		'/health'                   => array( 'GET', 'answer_health', $signed ),
		'/outbox'                   => array( 'GET', 'answer_outbox', $signed ),
		'/outbox/ack'               => array( 'POST', 'answer_outbox_ack', $signed ),
		'/stock/apply'              => array( 'POST', 'answer_stock_apply', $signed ),
		'/stock/levels'             => array( 'GET', 'answer_stock_levels', $signed ),
		'/stock/keys'               => array( 'GET', 'answer_stock_keys', $signed ),
		'/orders/positions'         => array( 'GET', 'answer_orders_positions', $signed ),
		'/orders'                   => array( 'POST', 'answer_orders', $signed ),
		'/refunds'                  => array( 'POST', 'answer_refunds', $signed ),
		'/pos/(?P<token>[^/?\\#]+)' => array( $any, 'answer_door', $public ),
	);

	$routes['/orders/(?P<order_id>[1-9][0-9]{0,17})/status'] = array( 'POST', 'answer_order_status', $signed );
	foreach ( $routes as $route => list( $methods, $answer, $permission ) ) {
		$callback = static function ( \WP_REST_Request $request ) use ( $answer, $connection ) {
			try {
				return call_user_func( __NAMESPACE__ . '\\' . $answer, $request, $connection );
			} catch ( \RuntimeException $trouble ) {
				Guard::note( $trouble );
				return refusal( 'storage', __( "The shop's database did not say all of it, so nothing is said.", 'tillbridge' ), 503 );
			}
		};
		register_rest_route(
			REST_NAMESPACE,
			$route,
			array(
				'methods'             => $methods,
				'callback'            => $callback,
				'permission_callback' => $permission,
			)
		);
	}
	add_filter( 'rest_post_dispatch', __NAMESPACE__ . '\\forbid_caching', 10, 3 );
}

/**
 * Whether a request may use one of the daemon's routes: signed by it, and not to a copy of the shop.
 *
 * @param Connection|null  $connection The connection.
 * @param \WP_REST_Request $request    The request.
 * @return true|\WP_Error
 */
function may_use_route( ?Connection $connection, \WP_REST_Request $request ) {
	if ( null === $connection ) {
		return refusal( 'not_connected', __( 'This shop is not connected to a Tillbridge daemon yet.', 'tillbridge' ) );
	}
	$verdict = verify_request( $connection, $request, time() );
	if ( true !== $verdict ) {
		return $verdict;
	}
	if ( $connection->is_elsewhere() && '/' . REST_NAMESPACE . '/health' !== $request->get_route() ) {
		return refusal_elsewhere();
	}
	Forward::mend();
	return true;
}

/**
 * What a copy of the shop answers: it gives nothing, takes nothing, and says why.
 */
function refusal_elsewhere(): \WP_Error {
	return refusal( 'elsewhere', __( 'This database was paired at another address. Say in the shop whether it has moved or is a copy.', 'tillbridge' ), 409 );
}

/**
 * Ask caching plugins to keep out, under the name that they agree on.
 */
function forbid_page_cache(): void {
	if ( ! defined( 'DONOTCACHEPAGE' ) ) {
		define( 'DONOTCACHEPAGE', true ); // phpcs:ignore WordPress.NamingConventions
	}
}

/**
 * No proxy and no plugin may keep an answer of ours, nor a refusal.
 *
 * @param mixed            $response The answer.
 * @param mixed            $server   The server.
 * @param \WP_REST_Request $request  The request.
 * @return mixed
 */
function forbid_caching( $response, $server, $request ) {
	if ( $response instanceof \WP_HTTP_Response && 0 === strpos( $request->get_route(), '/' . REST_NAMESPACE ) ) {
		$response->header( 'Cache-Control', 'no-store' );
	}
	return $response;
}

/**
 * GET /outbox: what nobody acknowledged yet. Requests that died are settled first, and what is old enough is forgotten.
 * With it the daemon says how far its own books have come, and hears how far they had come before.
 *
 * @param \WP_REST_Request $request The request.
 * @return array<string,mixed>|\WP_Error
 */
function answer_outbox( \WP_REST_Request $request ) {
	$query = $request->get_query_params();
	if ( isset( $query['replay'] ) ) {
		return answer_replay( $request );
	}
	$limit = whole_number( $request, 'limit', 500, 1, 1000 );
	if ( null === $limit ) {
		return refusal( 'invalid_limit', __( 'limit is a whole number from 1 to 1000.', 'tillbridge' ), 400 );
	}
	$books = Books::told( $query );
	if ( null === $books ) {
		return Books::refusal();
	}
	Guard::run( __NAMESPACE__ . '\\settle_dead_rows' );
	Guard::run( array( Outbox::class, 'erase_webhooks' ) );
	Guard::run( array( new Apply(), 'finish_abandoned' ) );
	$rows   = Outbox::unacknowledged( $limit + 1 );
	$before = $books->known();
	$books->keep();
	return array(
		'events' => array_map( __NAMESPACE__ . '\\event_of', array_slice( $rows, 0, $limit ) ),
		'more'   => count( $rows ) > $limit,
	) + $before + where_we_are();
}

/**
 * POST /outbox/ack: the daemon has these on its disk.
 *
 * @param \WP_REST_Request $request The request.
 * @return array<string,mixed>|\WP_Error
 */
function answer_outbox_ack( \WP_REST_Request $request ) {
	$body = json_body( $request );
	if ( ! isset( $body['ids'] ) || ! is_list_of( $body['ids'], 'is_string' ) || count( $body['ids'] ) > 10000 ) {
		return refusal( 'invalid_body', __( 'Expected {"ids": [texts]}, at most 10,000 of them.', 'tillbridge' ), 400 );
	}
	$books = Books::told( $body );
	if ( null === $books ) {
		return Books::refusal();
	}
	// First, so that no backup of books from before this can be taken for one that knows of these events.
	$books->keep();
	try {
		$acked = Outbox::acknowledge( $body['ids'] );
	} catch ( \RuntimeException $error ) {
		// Said, because the daemon would otherwise be given the same rows again and again.
		return refusal( 'not_recorded', __( 'The database did not record the acknowledgement.', 'tillbridge' ), 500 );
	}
	Outbox::retire();
	Keys::retire();
	forget_nonces();
	return array( 'acked' => $acked );
}

/**
 * POST /stock/apply: move stock.
 *
 * @param \WP_REST_Request $request The request.
 * @return array<string,mixed>|\WP_Error
 */
function answer_stock_apply( \WP_REST_Request $request ) {
	$body    = json_body( $request );
	$changes = $body['changes'] ?? null;
	$settled = $body['settled'] ?? array();
	if ( ! is_list( $changes ) || ! is_list_of( $settled, 'is_string' ) ) {
		return refusal( 'invalid_body', __( 'Expected {"changes": [objects], "settled": [texts]}.', 'tillbridge' ), 400 );
	}
	if ( count( $changes ) > Apply::LARGEST_BATCH ) {
		return refusal( 'too_many', __( 'At most 1000 changes at once.', 'tillbridge' ), 413 );
	}
	$apply = new Apply();
	Guard::run( array( $apply, 'finish_abandoned' ) );
	$results = $apply->changes( $changes );
	if ( null === $results ) {
		return refusal( 'unknown_outcome', __( 'Something broke in the shop; its log says what. Some of the changes may have taken effect.', 'tillbridge' ), 500 );
	}
	Keys::settle( $settled );
	return array( 'results' => $results );
}

/**
 * GET /stock/levels: a page of the count.
 *
 * @param \WP_REST_Request $request The request.
 * @return array<string,mixed>|\WP_Error
 */
function answer_stock_levels( \WP_REST_Request $request ) {
	$limit = whole_number( $request, 'limit', 1000, 1, Levels::LARGEST_PAGE );
	$after = whole_number( $request, 'after', 0, 0, PHP_INT_MAX );
	if ( null === $limit || null === $after ) {
		return refusal( 'invalid_page', __( 'limit is a whole number from 1 to 10000, after one from 0.', 'tillbridge' ), 400 );
	}
	$levels = Levels::page( $after, $limit );
	return array(
		'levels' => $levels,
		'next'   => count( $levels ) < $limit ? null : end( $levels )['product_id'],
	) + where_we_are();
}

/**
 * How far this database has come; a number that fell, or another name, means a restored backup.
 *
 * @return array<string,mixed>
 */
function where_we_are(): array {
	return array(
		'counter'     => Outbox::counter(),
		'incarnation' => Schema::incarnation(),
	);
}

/**
 * A whole number from the query.
 *
 * @param \WP_REST_Request $request  The request.
 * @param string           $name     Its name.
 * @param int              $fallback Where it is missing.
 * @param int              $least    The least allowed.
 * @param int              $most     The most allowed.
 * @return int|null Null where it is none of the allowed.
 */
function whole_number( \WP_REST_Request $request, string $name, int $fallback, int $least, int $most ): ?int {
	$given = $request->get_query_params()[ $name ] ?? (string) $fallback;
	if ( ! is_string( $given ) || 1 !== preg_match( '/^[0-9]{1,18}\z/', $given ) ) {
		return null;
	}
	return (int) $given < $least || (int) $given > $most ? null : (int) $given;
}

/**
 * The body as an array, empty where it is none.
 *
 * @param \WP_REST_Request $request The request.
 * @return array<int|string,mixed>
 */
function json_body( \WP_REST_Request $request ): array {
	$body = json_decode( (string) $request->get_body(), true );
	return is_array( $body ) ? $body : array();
}

/**
 * Whether something is a list, and each item passes.
 *
 * @param mixed    $value Anything.
 * @param callable $test  What each item must pass.
 */
function is_list_of( $value, callable $test ): bool {
	return is_list( $value ) && array_filter( $value, $test ) === $value;
}

/**
 * Whether something is a list.
 *
 * @param mixed $value Anything.
 */
function is_list( $value ): bool {
	return is_array( $value ) && array_values( $value ) === $value;
}
