<?php
/**
 * What the daemon reads of orders.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * GET /orders/positions: how much stock the lines of some orders hold, or of all orders that are open.
 *
 * @param \WP_REST_Request $request The request.
 * @return array<string,mixed>|\WP_Error
 */
function answer_orders_positions( \WP_REST_Request $request ) {
	$query = $request->get_query_params();
	$asked = array_values( array_intersect( array( 'order', 'orders', 'open' ), array_keys( $query ) ) );
	if ( array( 'open' ) === $asked ) {
		return answer_open_positions( $request );
	}
	$order = whole_number( $request, 'order', 0, 1, PHP_INT_MAX );
	$named = array( 'order' ) === $asked && null !== $order ? (string) $order : '';
	$named = array( 'orders' ) === $asked ? (string) $query['orders'] : $named;
	$ids   = Positions::ids_in( $named );
	if ( null === $ids ) {
		return refusal( 'invalid_query', __( 'Expected order=ID, orders=ID,ID,… (at most 100), or open=1 with after and limit.', 'tillbridge' ), 400 );
	}
	return array(
		'orders' => Positions::of( $ids ),
		'next'   => null,
	) + where_we_are();
}

/**
 * The same with open=1: a page of them.
 *
 * @param \WP_REST_Request $request The request.
 * @return array<string,mixed>|\WP_Error
 */
function answer_open_positions( \WP_REST_Request $request ) {
	$limit = whole_number( $request, 'limit', 100, 1, Positions::LARGEST_PAGE );
	$after = whole_number( $request, 'after', 0, 0, PHP_INT_MAX );
	if ( '1' !== $request->get_query_params()['open'] || null === $limit || null === $after ) {
		return refusal( 'invalid_query', __( 'Expected open=1 with after (from 0) and limit (1 to 500).', 'tillbridge' ), 400 );
	}
	list( $orders, $next ) = Positions::open( $after, $limit );
	return array(
		'orders' => $orders,
		'next'   => $next,
	) + where_we_are();
}
