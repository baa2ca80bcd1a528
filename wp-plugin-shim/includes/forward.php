<?php
/**
 * Tells the daemon at once what just happened, after the customer has the answer. A service for speed: the daemon
 * fetches what was missed.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * The push, and the breaker that keeps it from being tried in vain.
 */
final class Forward {

	private const BREAKER      = 'tillbridge_breaker';
	private const LARGEST_PAGE = 500;
	private const PATIENCE     = 2.0;
	private const GLANCE       = 0.05;
	private const FIRST_PAUSE  = 5;
	private const LONGEST      = 60;

	/**
	 * Whether this server can give the customer the answer while we still work.
	 */
	public static function can_release_customer(): bool {
		return function_exists( 'fastcgi_finish_request' ) || function_exists( 'litespeed_finish_request' );
	}

	/**
	 * Give the customer the answer now, where this server can.
	 *
	 * @return bool Whether nobody waits for us any more.
	 */
	public static function release_customer(): bool {
		if ( self::can_release_customer() && PHP_SESSION_ACTIVE === session_status() ) {
			session_write_close(); // Else the customer's next page would wait for us.
		}
		if ( function_exists( 'fastcgi_finish_request' ) ) {
			fastcgi_finish_request();
			return true; // False from it means that he has gone before: wp-cron.php lets its visitor go before it begins.
		}
		if ( function_exists( 'litespeed_finish_request' ) ) {
			return (bool) litespeed_finish_request();
		}
		return 'cli' === PHP_SAPI;
	}

	/**
	 * Send these rows. Those that the daemon acknowledges are done; all others it will fetch.
	 *
	 * @param Connection $connection Whom to tell.
	 * @param int[]      $rows       Sealed rows.
	 * @param bool       $is_free    Whether there is time to wait for the answer.
	 */
	public static function push( Connection $connection, array $rows, bool $is_free ): void {
		if ( array() === $rows || '' === $connection->listener || $connection->is_elsewhere() || self::is_broken() ) {
			return;
		}
		$events = array_map( __NAMESPACE__ . '\\event_of', Outbox::sealed( array_slice( $rows, 0, self::LARGEST_PAGE ) ) );
		if ( array() === $events ) {
			return;
		}
		$body     = (string) wp_json_encode( page_of( self::shop( $connection ) + array( 'behind' => Outbox::has_stragglers() ), $events ), JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE );
		$headers  = signature_headers( $connection->secret, 'POST', '/v1/events', $body );
		$exchange = new Exchange( $connection->listener );
		if ( ! $is_free ) {
			$exchange->post_blind( '/v1/events', $headers, $body, self::GLANCE ) ? self::mend() : self::break_off();
			return;
		}
		$answer = $exchange->post( '/v1/events', $headers, $body, self::PATIENCE );
		$is_his = null !== $answer && 200 === $answer[0] && is_proven( $connection->secret, $headers, $answer );
		$acked  = $is_his ? json_decode( $answer[1], true ) : null;
		if ( ! is_array( $acked ) || ! isset( $acked['acked'] ) || ! is_array( $acked['acked'] ) ) {
			self::break_off();
			return;
		}
		self::mend();
		Outbox::acknowledge( array_filter( $acked['acked'], 'is_string' ) );
	}

	/**
	 * The daemon is there: the next push is tried at once.
	 */
	public static function mend(): void {
		if ( false !== get_option( self::BREAKER ) ) {
			delete_option( self::BREAKER );
		}
	}

	/**
	 * What every page says of this shop.
	 *
	 * @param Connection $connection The connection.
	 * @return array<string,mixed>
	 */
	public static function shop( Connection $connection ): array {
		return array(
			'site'        => $connection->site,
			'plugin'      => VERSION,
			'address'     => get_option( 'home' ),
			'counter'     => Outbox::counter(),
			'incarnation' => Schema::incarnation(),
		);
	}

	/**
	 * Whether the daemon did not answer a moment ago.
	 */
	public static function is_broken(): bool {
		$breaker = get_option( self::BREAKER );
		return is_array( $breaker ) && time() < (int) ( $breaker['until'] ?? 0 );
	}

	/**
	 * Do not try for a while; longer each time.
	 */
	private static function break_off(): void {
		$breaker  = get_option( self::BREAKER );
		$failures = is_array( $breaker ) ? (int) ( $breaker['failures'] ?? 0 ) : 0;
		$pause    = min( self::LONGEST, self::FIRST_PAUSE * ( 2 ** min( $failures, 10 ) ) );
		$value    = array(
			'until'    => time() + $pause,
			'failures' => $failures + 1,
		);
		update_option( self::BREAKER, $value, false );
	}
}
