<?php
/**
 * Keeps our own trouble away from the shop: whatever goes wrong in here, the customer's order goes on.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * Runs our callbacks so that nothing of them reaches the shop's request: no exception, no printed database error, no
 * changed `$wpdb->insert_id`.
 *
 * It also adds up what we cost; `tillbridge_request_cost` hands the sums to whoever measures.
 */
final class Guard {

	/**
	 * What a query leaves behind in $wpdb, which the code around a hook may still want to read.
	 */
	private const TRACES = array( 'insert_id', 'rows_affected', 'num_rows', 'last_error', 'last_query', 'last_result' );

	/**
	 * Nanoseconds spent in our callbacks in this request.
	 *
	 * @var int
	 */
	public static $nanoseconds = 0;

	/**
	 * Queries made by our callbacks in this request.
	 *
	 * @var int
	 */
	public static $queries = 0;

	/**
	 * A callback for an action or a filter. A filter's value passes through unchanged: we watch, we never decide.
	 *
	 * @param callable $callback Our own function.
	 */
	public static function wrap( callable $callback ): \Closure {
		return static function ( ...$arguments ) use ( $callback ) {
			self::run( $callback, ...$arguments );
			return $arguments[0] ?? null;
		};
	}

	/**
	 * Call our own function now, and swallow whatever it throws.
	 *
	 * @param callable $callback     Our own function.
	 * @param mixed    ...$arguments Its arguments.
	 */
	public static function run( callable $callback, ...$arguments ): void {
		global $wpdb;
		$began    = hrtime( true );
		$asked    = $wpdb->num_queries;
		$traces   = array();
		$silenced = $wpdb->suppress_errors( true );
		foreach ( self::TRACES as $trace ) {
			$traces[ $trace ] = $wpdb->$trace;
		}
		try {
			$callback( ...$arguments );
		} catch ( \Throwable $trouble ) {
			self::note( $trouble );
		} finally {
			foreach ( $traces as $trace => $value ) {
				$wpdb->$trace = $value;
			}
			$wpdb->suppress_errors( $silenced );
			self::$nanoseconds += hrtime( true ) - $began;
			self::$queries     += $wpdb->num_queries - $asked;
		}
	}

	/**
	 * The id that a hook of the shop brings; 0 where it brings none. Other plugins call these hooks too, with whatever they
	 * have at hand, and PHP turns an object into the number 1 and a warning.
	 *
	 * @param mixed $given An id, or the thing itself.
	 */
	public static function id( $given ): int {
		if ( is_object( $given ) && is_callable( array( $given, 'get_id' ) ) ) {
			$given = $given->get_id();
		} elseif ( $given instanceof \WP_Post || $given instanceof \WP_User ) {
			$given = $given->ID;
		}
		return is_numeric( $given ) ? max( 0, (int) $given ) : 0;
	}

	/**
	 * Leave a line in WooCommerce's own log (WooCommerce > Status > Logs), where a person looks for it.
	 *
	 * @param \Throwable $trouble What was thrown.
	 */
	public static function note( \Throwable $trouble ): void {
		try {
			$where = basename( $trouble->getFile() ) . ':' . $trouble->getLine();
			wc_get_logger()->error( $trouble->getMessage() . ' (' . $where . ')', array( 'source' => 'tillbridge' ) );
		} catch ( \Throwable $worse ) {
			unset( $worse ); // A log that cannot be written must not become the customer's trouble either.
		}
	}
}
