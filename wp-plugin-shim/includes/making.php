<?php
/**
 * The routes on which the daemon has orders and refunds made.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * POST /orders: an order from a sale at the POS.
 *
 * @param \WP_REST_Request $request The request.
 * @return array<string,mixed>|\WP_Error
 */
function answer_orders( \WP_REST_Request $request ) {
	return make_once( $request, array( Drafts::class, 'order' ), array( Documents::class, 'order' ) );
}

/**
 * POST /refunds: a refund from a return at the POS.
 *
 * @param \WP_REST_Request $request The request.
 * @return array<string,mixed>|\WP_Error
 */
function answer_refunds( \WP_REST_Request $request ) {
	return make_once( $request, array( Drafts::class, 'refund' ), array( Returns::class, 'refund' ) );
}

/**
 * POST /orders/ID/status: an order was fetched or sent at the POS.
 *
 * @param \WP_REST_Request $request The request.
 * @return array<string,mixed>|\WP_Error
 */
function answer_order_status( \WP_REST_Request $request ) {
	$body   = json_body( $request );
	$status = $body['status'] ?? null;
	if ( ! is_string( $status ) || ! isset( wc_get_order_statuses()[ 'wc-' . $status ] ) ) {
		return refusal( 'invalid_draft', __( 'status: expected a status of this shop.', 'tillbridge' ), 400 );
	}
	$order = (int) $request->get_url_params()['order_id'];
	$mail  = true === ( $body['mail'] ?? false );
	return alone( 'order ' . $order, array( Documents::class, 'status' ), $order, $status, $mail );
}

/**
 * Read a draft and make it. The same key again finds what was made.
 *
 * @param \WP_REST_Request $request The request.
 * @param callable         $read    Reads the body; throws what is wrong with it.
 * @param callable         $make    Makes it.
 * @return array<string,mixed>|\WP_Error
 */
function make_once( \WP_REST_Request $request, callable $read, callable $make ) {
	try {
		$draft = call_user_func( $read, json_body( $request ) );
	} catch ( \InvalidArgumentException $trouble ) {
		return refusal( 'invalid_draft', $trouble->getMessage(), 400 );
	}
	return alone( $draft['key'], $make, $draft );
}

/**
 * Do something while nobody else does the same: two requests of one key would find nothing, both, and make two orders.
 *
 * @param string   $name         What is done.
 * @param callable $act          Does it.
 * @param mixed    ...$arguments What it is given.
 * @return array<string,mixed>|\WP_Error
 */
function alone( string $name, callable $act, ...$arguments ) {
	global $wpdb;
	$lock = 'tillbridge ' . md5( DB_NAME . $wpdb->prefix . $name );
	$held = $wpdb->get_var( $wpdb->prepare( 'SELECT GET_LOCK(%s, 15)', $lock ) ); // phpcs:ignore WordPress.DB.DirectDatabaseQuery -- a lock of the database, kept nowhere.
	if ( '1' !== (string) $held ) {
		return refusal( 'busy', __( 'Another request makes the same document just now.', 'tillbridge' ), 503 );
	}
	try {
		return call_user_func( $act, ...$arguments );
	} catch ( \Throwable $trouble ) {
		Guard::note( $trouble );
		return refusal( 'unknown_outcome', __( 'Something broke in the shop; its log says what. The same request again goes on where this one ended.', 'tillbridge' ), 500 );
	} finally {
		$wpdb->query( $wpdb->prepare( 'SELECT RELEASE_LOCK(%s)', $lock ) ); // phpcs:ignore WordPress.DB.DirectDatabaseQuery
	}
}
