<?php
/**
 * The hand of the tests inside the test site: calls functions by name in a request of its own, and makes trouble in any
 * request at the moment that a test chose. A must-use plugin of that site; on no other site has it any business.
 *
 * Only for requests from this machine that bring the token of this site. `POST /?hand=1` with `{"calls": [["function",
 * [arguments]], …]}` answers `{"results": [...]}`; the header X-Hand-Trouble holds a list, see trouble.php. When such a
 * request is quite over, also after what PHP does behind the answer, it leaves a file named by X-Hand-Id.
 *
 * @package Tillbridge
 */

namespace Tillbridge_Hand;

defined( 'ABSPATH' ) || exit;

if ( '127.0.0.1' !== ( $_SERVER['REMOTE_ADDR'] ?? '' ) || ! hash_equals( TILLBRIDGE_HAND, (string) ( $_SERVER['HTTP_X_HAND'] ?? '' ) ) ) {
	return;
}

require_once __DIR__ . '/hand/scenes.php';
require_once __DIR__ . '/hand/trouble.php';
require_once __DIR__ . '/hand/diary.php';

prepare_trouble( (array) json_decode( (string) ( $_SERVER['HTTP_X_HAND_TROUBLE'] ?? '[]' ), true ) );
keep_diary( (string) ( $_SERVER['HTTP_X_HAND_ID'] ?? '' ) );

if ( isset( $_GET['hand'] ) ) {
	add_action( 'wp_loaded', __NAMESPACE__ . '\\act', PHP_INT_MAX );
}

/**
 * Do what was asked, answer, and end like any request.
 */
function act(): void {
	$asked   = json_decode( (string) file_get_contents( 'php://input' ), true );
	$results = array();
	foreach ( $asked['calls'] as list( $callback, $arguments ) ) {
		$result    = call_user_func_array( $callback, $arguments );
		$results[] = is_wp_error( $result ) ? array(
			'error'   => $result->get_error_code(),
			'message' => $result->get_error_message(),
		) : $result;
	}
	header( 'Content-Type: application/json' );
	echo wp_json_encode( array( 'results' => $results ) );
	exit;
}
