<?php
/**
 * What a request did: which statements it sent about our tables, how many in all, which hooks of WooCommerce fired, on
 * which hooks callbacks of ours were waiting, and which files of ours it read. Written down when the request is quite over, so that a test which reads it knows that, too.
 *
 * @package Tillbridge
 */

namespace Tillbridge_Hand;

defined( 'ABSPATH' ) || exit;

/**
 * Keep a diary of this request.
 *
 * @param string $id The file to leave.
 */
function keep_diary( string $id ): void {
	if ( 1 !== preg_match( '/^[0-9a-f]{32}\z/', $id ) ) {
		return;
	}
	$diary = array(
		'ours'     => array(),
		'fired'    => array(),
		'released' => null,
	);
	add_filter(
		'query',
		static function ( $sql ) use ( &$diary ) {
			if ( false !== stripos( $sql, 'tillbridge' ) ) {
				$diary['ours'][] = $sql;
			}
			return $sql;
		}
	);
	add_action(
		'all',
		static function ( $hook ) use ( &$diary ): void {
			if ( 1 === preg_match( '/^woocommerce_.*(stock|order|refund|product|variation)/', $hook ) ) {
				$diary['fired'][] = substr( $hook, 12 );
			}
		}
	);
	add_action(
		'tillbridge_request_cost',
		static function ( $nanoseconds, $queries ) use ( &$diary ): void {
			$diary['cost']     = compact( 'nanoseconds', 'queries' );
			$diary['released'] = count( $diary['ours'] );
		},
		10,
		2
	);
	$close = static function () use ( &$diary, $id ): void {
		global $wpdb;
		$diary['queries'] = $wpdb->num_queries;
		$diary['hooks']   = our_hooks();
		$diary['files']   = array_values( preg_grep( '#/tillbridge/#', get_included_files() ) );
		$path             = TILLBRIDGE_HAND_FOLDER . '/' . $id;
		file_put_contents( $path . '.part', wp_json_encode( $diary ) ); // phpcs:ignore WordPress.WP.AlternativeFunctions
		\rename( $path . '.part', $path ); // phpcs:ignore WordPress.WP.AlternativeFunctions
	};
	register_shutdown_function(
		static function () use ( $close ): void {
			// What the plugin registers in the shutdown action comes before what is registered now, and this before that.
			register_shutdown_function( static fn() => register_shutdown_function( $close ) );
		}
	);
}

/**
 * The hooks on which a callback of our plugin waits, each as often as it has some.
 *
 * @return string[]
 */
function our_hooks(): array {
	global $wp_filter;
	$found = array();
	foreach ( $wp_filter as $name => $hook ) {
		foreach ( $hook->callbacks as $callbacks ) {
			foreach ( $callbacks as $callback ) {
				if ( is_ours( $callback['function'] ) ) {
					$found[] = (string) $name;
				}
			}
		}
	}
	sort( $found );
	return $found;
}

/**
 * Whether a callback stands in a file of our plugin.
 *
 * @param mixed $callback A callback.
 */
function is_ours( $callback ): bool {
	try {
		$code = is_array( $callback ) ? new \ReflectionMethod( $callback[0], $callback[1] ) : new \ReflectionFunction( \Closure::fromCallable( $callback ) );
	} catch ( \Throwable $none ) {
		return false;
	}
	return false !== strpos( (string) $code->getFileName(), '/plugins/tillbridge/' );
}
