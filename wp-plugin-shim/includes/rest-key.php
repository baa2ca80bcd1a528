<?php
/**
 * The daemon's REST key opens WooCommerce's own routes in shops with plain permalinks as well.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * Say so when WooCommerce asks.
 */
function watch_rest_key(): void {
	add_filter( 'woocommerce_rest_is_request_to_rest_api', __NAMESPACE__ . '\\may_bring_rest_key', 10, 1 );
}

/**
 * Whether WooCommerce should look at the key that a request brings. By itself it knows its routes only by a /wp-json/wc/
 * in the address; where the route is a query, no key would open anything.
 *
 * @param mixed $is_rest Whether WooCommerce takes this request for one of its routes.
 * @return mixed
 */
function may_bring_rest_key( $is_rest ) {
	$route = $_GET['rest_route'] ?? ''; // phpcs:ignore WordPress.Security -- only compared; the key is the proof.
	return $is_rest || ( ! is_admin() && is_string( $route ) && 0 === strpos( $route, '/wc/' ) );
}
