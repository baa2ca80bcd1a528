<?php
/**
 * What the page's buttons do: checked first, done, and then back to the page with a note of what became of it.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * Seconds for the daemon to try every hop: it may have to wait for one that is away.
 */
const LONGEST_CHECK = 25.0;

/**
 * Seconds to wait for a daemon that begins anew.
 */
const LONGEST_RETURN = 8.0;

/**
 * Do it, and go back to the page. Never returns.
 *
 * @param string $action One of ADMIN_ACTIONS.
 */
function run_admin_action( string $action ): void {
	$method = isset( $_SERVER['REQUEST_METHOD'] ) ? sanitize_key( wp_unslash( $_SERVER['REQUEST_METHOD'] ) ) : '';
	if ( 'post' !== $method ) {
		wp_die( esc_html__( 'This is done with the buttons of the page WooCommerce > Tillbridge.', 'tillbridge' ), '', array( 'response' => 405 ) );
	}
	check_admin_referer( admin_action( $action ) );
	if ( ! current_user_can( ADMIN_CAPABILITY ) ) { // phpcs:ignore WordPress.WP.Capabilities -- WooCommerce's own.
		wp_die( esc_html__( 'You may not do this: it takes the right to manage the shop.', 'tillbridge' ), '', array( 'response' => 403 ) );
	}
	try {
		$result = call_user_func( __NAMESPACE__ . '\\' . ADMIN_ACTIONS[ $action ] );
	} catch ( \Throwable $trouble ) {
		Guard::note( $trouble );
		$result = new \WP_Error( 'tillbridge_broken', broken_words() );
	}
	Note::leave( $action, $result );
	$question = is_wp_error( $result ) && in_array( $action, array( 'moved', 'copy', 'disconnect' ), true ) ? $action : '';
	// Not wp_safe_redirect(): where wp-admin has another host than the shop, it would not trust this address of our own.
	wp_redirect( admin_page_url( $question ), 303 ); // phpcs:ignore WordPress.Security.SafeRedirect
	exit;
}

/**
 * Connect with the code that was put into the field.
 *
 * @return array<string,mixed>|\WP_Error The hops that were tried then.
 */
function do_connect() {
	// phpcs:ignore WordPress.Security.NonceVerification.Missing -- run_admin_action() has checked it.
	$code   = isset( $_POST['code'] ) ? sanitize_text_field( wp_unslash( $_POST['code'] ) ) : '';
	$result = Pairing::connect( substr( $code, 0, 300 ) );
	if ( is_wp_error( $result ) && 'paired' !== Pairing::state() ) {
		return $result;
	}
	// The connection stands, whatever else is not well yet: each hop says so for itself, where the daemon is there to ask.
	$is_away = is_wp_error( $result ) && 'tillbridge_unwell' !== $result->get_error_code();
	$checked = $is_away ? $result : do_check();
	return is_wp_error( $checked ) ? array( 'warning' => $checked->get_error_message() ) : $checked;
}

/**
 * Take leave of the daemon.
 *
 * @return array<string,mixed>|\WP_Error
 */
function do_disconnect() {
	return nothing_or_error( Pairing::disconnect() );
}

/**
 * Disconnect here, although the daemon could not be told.
 *
 * @return array<string,mixed>|\WP_Error
 */
function do_forget() {
	return nothing_or_error( Pairing::forget() );
}

/**
 * The shop has moved to this address.
 *
 * @return array<string,mixed>|\WP_Error
 */
function do_moved() {
	$result = Pairing::moved();
	if ( true === $result ) {
		await_daemon();
	}
	return nothing_or_error( $result );
}

/**
 * The daemon begins anew with the address that it was told: the page should not open in that very second.
 */
function await_daemon(): void {
	$until = microtime( true ) + LONGEST_RETURN;
	do {
		usleep( 250000 );
		$connection = Connection::read();
		$status     = null === $connection ? array() : ( new Daemon( $connection, 1.0 ) )->get( '/v1/control/status' );
	} while ( is_wp_error( $status ) && microtime( true ) < $until );
}

/**
 * This is a copy.
 *
 * @return array<string,mixed>|\WP_Error
 */
function do_copy() {
	return nothing_or_error( Pairing::copy() );
}

/**
 * Try everything again that failed or needs a person.
 *
 * @return array<string,mixed>|\WP_Error
 */
function do_retry() {
	return tell_daemon( '/v1/control/queue/retry', array( 'id' => 'all' ) );
}

/**
 * Look at both sides now.
 *
 * @return array<string,mixed>|\WP_Error
 */
function do_sync() {
	return tell_daemon( '/v1/control/sync', array( 'flow' => 'all' ) );
}

/**
 * Try every hop from here to the till.
 *
 * @return array<string,mixed>|\WP_Error
 */
function do_check() {
	$connection = Connection::read();
	$answer     = null === $connection ? not_connected() : ( new Daemon( $connection, LONGEST_CHECK ) )->get( '/v1/control/doctor' );
	return is_wp_error( $answer ) ? $answer : array( 'hops' => records_in( $answer, 'hops' ) );
}

/**
 * Have the daemon do something.
 *
 * @param string              $path The path.
 * @param array<string,mixed> $body What to say.
 * @return array<string,mixed>|\WP_Error
 */
function tell_daemon( string $path, array $body ) {
	$connection = Connection::read();
	return null === $connection ? not_connected() : ( new Daemon( $connection ) )->post( $path, $body );
}

/**
 * Somebody disconnected the shop meanwhile, in another window perhaps.
 */
function not_connected(): \WP_Error {
	return new \WP_Error( 'tillbridge_not_connected', __( 'This shop is not connected.', 'tillbridge' ) );
}

/**
 * The pairing's answers as ours.
 *
 * @param true|\WP_Error $result What the pairing answered.
 * @return array<string,mixed>|\WP_Error
 */
function nothing_or_error( $result ) {
	return is_wp_error( $result ) ? $result : array();
}
