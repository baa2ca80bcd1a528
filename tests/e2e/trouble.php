<?php
/**
 * Trouble in a shop at a moment that a flow chose, once, in the first request that fits: a must-use plugin of the flow's
 * shop. The plan lies beside the plugins and is gone when the trouble has happened. What can happen is what the tests of
 * the plugin know (trouble/trouble.php).
 *
 * {"request": pattern of the address, "do": "kill" or "cut", and either "query": pattern of a statement, right before
 * which it happens, or "at": a hook, before everybody else in it}
 *
 * @package Tillbridge
 */

namespace Tillbridge_Hand;

defined( 'ABSPATH' ) || exit;

require_once __DIR__ . '/trouble/trouble.php';

prepare_plan( WP_CONTENT_DIR . '/trouble.json' );

/**
 * Prepare it, where it is for this request.
 *
 * @param string $file The plan.
 */
function prepare_plan( string $file ): void {
	$plan = is_readable( $file ) ? json_decode( (string) file_get_contents( $file ), true ) : null;
	if ( ! is_array( $plan ) || 1 !== preg_match( $plan['request'], (string) ( $_SERVER['REQUEST_URI'] ?? '' ) ) ) {
		return;
	}
	$strike = static function () use ( $file, $plan ): void {
		if ( is_file( $file ) && unlink( $file ) ) {
			happen( $plan['do'], array() );
		}
	};
	if ( isset( $plan['at'] ) ) {
		add_action( $plan['at'], $strike, PHP_INT_MIN, 0 );
		return;
	}
	add_filter(
		'query',
		static function ( $sql ) use ( $plan, $strike ) {
			if ( 1 === preg_match( $plan['query'], $sql ) ) {
				$strike();
			}
			return $sql;
		}
	);
}
