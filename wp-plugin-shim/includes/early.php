<?php
/**
 * Answers the one large question of the daemon, the count of all levels, before the rest of the shop is loaded: WordPress
 * needs a few milliseconds up to here, WooCommerce and its neighbours many times that.
 *
 * Nothing but the shop's own tables is read, so nothing of it is needed. What is not quite this question, or not signed,
 * is left to the route of the same name, which says what is wrong.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * Answer, and end the request; or do nothing.
 *
 * @param string $address The address that was asked for, as it came.
 */
function answer_early( string $address ): void {
	$request = early_request( $address );
	if ( null === $request || is_multisite() || ! has_woocommerce() || ! Schema::is_current() ) {
		return;
	}
	$connection = Connection::read();
	if ( null === $connection || $connection->is_elsewhere() ) {
		return;
	}
	load_messenger();
	load( 'levels', 'rest' );
	$GLOBALS['wpdb']->suppress_errors( true ); // Nothing may be printed into the answer.
	if ( true !== verify_request( $connection, $request, time() ) ) {
		return;
	}
	try {
		$answer = answer_stock_levels( $request );
	} catch ( \RuntimeException $trouble ) {
		$answer = refusal( 'storage', __( "The shop's database did not say all of it, so nothing is said.", 'tillbridge' ), 503 );
	}
	$status = is_wp_error( $answer ) ? (int) $answer->get_error_data()['status'] : 200;
	if ( is_wp_error( $answer ) ) {
		$answer = array(
			'code'    => $answer->get_error_code(),
			'message' => $answer->get_error_message(),
			'data'    => $answer->get_error_data(),
		);
	}
	http_response_code( $status );
	header( 'Content-Type: application/json; charset=UTF-8' );
	header( 'Cache-Control: no-store' );
	header( 'X-Content-Type-Options: nosniff' );
	echo wp_json_encode( $answer );
	exit;
}

/**
 * The request, where it is a GET of the levels; null where it is anything else.
 *
 * @param string $address The address that was asked for, as it came.
 */
function early_request( string $address ): ?\WP_REST_Request {
	$route = '/' . REST_NAMESPACE . '/stock/levels';
	// Neither is trusted before the signature over them was compared.
	$query  = $_GET; // phpcs:ignore WordPress.Security
	$path   = $query['rest_route'] ?? (string) strtok( $address, '?' );
	$is_it  = is_string( $path ) && ( $path === $route || ( ! isset( $query['rest_route'] ) && substr( $path, -strlen( $route ) ) === $route ) );
	$method = $_SERVER['REQUEST_METHOD'] ?? ''; // phpcs:ignore WordPress.Security -- compared.
	if ( ! $is_it || 'GET' !== $method || isset( $query['_method'] ) || isset( $_SERVER['HTTP_X_HTTP_METHOD_OVERRIDE'] ) ) {
		return null;
	}
	$request = new \WP_REST_Request( 'GET', $route );
	$request->set_query_params( $query );
	foreach ( array( 'TIMESTAMP', 'NONCE', 'SIGNATURE' ) as $name ) {
		$value = $_SERVER[ 'HTTP_X_TILLBRIDGE_' . $name ] ?? ''; // phpcs:ignore WordPress.Security
		$request->set_header( 'X-Tillbridge-' . $name, is_string( $value ) ? $value : '' );
	}
	return $request;
}

/**
 * Whether WooCommerce will be loaded after us; without it there is no shop to speak of.
 */
function has_woocommerce(): bool {
	return array() !== preg_grep( '#/woocommerce\.php\z#', array_filter( (array) get_option( 'active_plugins' ), 'is_string' ) );
}
