<?php
/**
 * Tells a daemon whose books were restored from a backup what it has heard and done before: events that it once
 * acknowledged, and its own writes.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * GET /outbox?replay=1: every event that is still there, acknowledged or not, in the order of `n`.
 *
 * Acknowledged ones stay for seven days. Webhooks are left out: nothing is left of them.
 *
 * @param \WP_REST_Request $request The request.
 * @return array<string,mixed>|\WP_Error
 */
function answer_replay( \WP_REST_Request $request ) {
	$limit = whole_number( $request, 'limit', 500, 1, 1000 );
	$after = whole_number( $request, 'after', 0, 0, PHP_INT_MAX );
	if ( '1' !== $request->get_query_params()['replay'] || null === $limit || null === $after ) {
		return refusal( 'invalid_query', __( 'Expected replay=1 with after (from 0) and limit (1 to 1000).', 'tillbridge' ), 400 );
	}
	$events = array_map( __NAMESPACE__ . '\\event_of', Outbox::retained( $after, $limit + 1 ) );
	$page   = array_slice( $events, 0, $limit );
	return array(
		'events' => $page,
		'next'   => count( $events ) > $limit ? end( $page )['n'] : null,
	) + where_we_are();
}

/**
 * GET /stock/keys: keys that were taken in the last seven days, by a write that was carried out or by its voiding (then
 * there is no delta). A page in the order of the keys.
 *
 * @param \WP_REST_Request $request The request.
 * @return array<string,mixed>|\WP_Error
 */
function answer_stock_keys( \WP_REST_Request $request ) {
	$limit = whole_number( $request, 'limit', 1000, 1, 5000 );
	$after = $request->get_query_params()['after'] ?? '';
	if ( null === $limit || ! is_string( $after ) || 1 !== preg_match( '/^([0-9a-f]{32})?\z/', $after ) ) {
		return refusal( 'invalid_page', __( 'limit is a whole number from 1 to 5000, after a key.', 'tillbridge' ), 400 );
	}
	$keys = array_map( __NAMESPACE__ . '\\taken_key', Keys::taken_after( $after, $limit + 1 ) );
	$page = array_slice( $keys, 0, $limit );
	return array(
		'keys' => $page,
		'next' => count( $keys ) > $limit ? end( $page )['key'] : null,
	) + where_we_are();
}

/**
 * A key as it is told. Pure.
 *
 * @param array<string,mixed> $row A row of Keys::taken_after().
 * @return array<string,mixed>
 */
function taken_key( array $row ): array {
	$is_write = Keys::APPLIED === (int) $row['state'];
	return array(
		'key'        => (string) $row['id'],
		'product_id' => $is_write ? (int) $row['product_id'] : null,
		'delta'      => $is_write ? spell_quantity( $row['delta'] ) : null,
		'at'         => rfc3339( (string) $row['at'] ),
	);
}
