<?php
/**
 * Trouble at a chosen moment of a request. Each item of the list is an object with one of:
 *
 * - `at`: a hook, with `do`: kill (PHP dies on the spot), exit (it ends, as after a fatal error), throw, or call (with
 *   `calls`, as another plugin would); `first`: before every other callback of that hook, else after all of them.
 * - `query`: a pattern, with `do`: kill, exit, cut (the database ends the connection) or fail, right before the statement
 *   that fits it for the `nth` time (the first, where not said).
 * - `rewrite`: [pattern, replacement]: another plugin rewrites WooCommerce's UPDATE of a level.
 * - `is`: rest, cli, import or admin: what kind of request this pretends to be; `user`: who is logged in.
 *
 * @package Tillbridge
 */

namespace Tillbridge_Hand;

defined( 'ABSPATH' ) || exit;

/**
 * Prepare all of it.
 *
 * @param array<int,array<string,mixed>> $list The list.
 */
function prepare_trouble( array $list ): void {
	foreach ( $list as $trouble ) {
		if ( isset( $trouble['at'] ) ) {
			trouble_at_hook( $trouble );
		} elseif ( isset( $trouble['query'] ) ) {
			trouble_at_query( $trouble );
		} elseif ( isset( $trouble['rewrite'] ) ) {
			rewrite_updates( ...$trouble['rewrite'] );
		} elseif ( isset( $trouble['is'] ) ) {
			pretend( $trouble['is'] );
		} elseif ( isset( $trouble['user'] ) ) {
			add_filter( 'determine_current_user', static fn() => $trouble['user'], PHP_INT_MAX );
		}
	}
}

/**
 * Something happens at a hook, once.
 *
 * @param array<string,mixed> $trouble What.
 */
function trouble_at_hook( array $trouble ): void {
	$happen   = static function ( $value = null ) use ( &$trouble ) {
		if ( isset( $trouble['do'] ) ) {
			$what = $trouble['do'];
			unset( $trouble['do'] );
			happen( $what, $trouble );
		}
		return $value;
	};
	$is_first = ! empty( $trouble['first'] );
	if ( $is_first ) {
		add_filter( $trouble['at'], $happen, PHP_INT_MIN, 9 );
	} else {
		// Later than every plugin registers its own, so that it comes after them at the same priority.
		add_action( 'wp_loaded', static fn() => add_filter( $trouble['at'], $happen, PHP_INT_MAX, 9 ), 0 );
	}
}

/**
 * Something happens right before a statement.
 *
 * @param array<string,mixed> $trouble What.
 */
function trouble_at_query( array $trouble ): void {
	$left = (int) ( $trouble['nth'] ?? 1 );
	add_filter(
		'query',
		static function ( $sql ) use ( $trouble, &$left ) {
			if ( $left > 0 && 1 === preg_match( $trouble['query'], $sql ) && 0 === --$left ) {
				if ( 'fail' === $trouble['do'] ) {
					return 'THIS STATEMENT FAILS';
				}
				happen( $trouble['do'], $trouble );
			}
			return $sql;
		}
	);
}

/**
 * Make it happen.
 *
 * @param string              $what    kill, exit, throw, cut or call.
 * @param array<string,mixed> $trouble calls.
 * @throws \RuntimeException As another plugin would.
 */
function happen( string $what, array $trouble ): void {
	if ( 'kill' === $what ) {
		posix_kill( getmypid(), 9 );
	} elseif ( 'exit' === $what ) {
		exit;
	} elseif ( 'throw' === $what ) {
		throw new \RuntimeException( 'another plugin broke' );
	} elseif ( 'cut' === $what ) {
		cut_connection();
	} else {
		foreach ( $trouble['calls'] as list( $callback, $arguments ) ) {
			call_user_func_array( $callback, $arguments );
		}
	}
}

/**
 * The database ends this request's connection, as it does when it is restarted.
 */
function cut_connection(): void {
	global $wpdb;
	$number = mysqli_thread_id( $wpdb->dbh );
	list( $host, $socket ) = explode( ':', DB_HOST );

	$other = mysqli_connect( $host, DB_USER, DB_PASSWORD, DB_NAME, 0, $socket );
	mysqli_query( $other, "KILL {$number}" );
	do {
		$left = mysqli_fetch_row( mysqli_query( $other, "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = {$number}" ) );
	} while ( '0' !== (string) $left[0] );
	mysqli_close( $other );
}

/**
 * Another plugin rewrites the UPDATE of a level.
 *
 * @param string $pattern     What.
 * @param string $replacement Into what.
 */
function rewrite_updates( string $pattern, string $replacement ): void {
	add_filter( 'woocommerce_update_product_stock_query', static fn( $sql ) => preg_replace( $pattern, $replacement, $sql ) );
}

/**
 * Pretend to be another kind of request.
 *
 * @param string $kind rest, cli, import or admin.
 */
function pretend( string $kind ): void {
	add_action(
		'wp_loaded',
		static function () use ( $kind ): void {
			if ( 'admin' === $kind ) {
				$GLOBALS['current_screen'] = new Screen(); // phpcs:ignore WordPress.WP.GlobalVariablesOverride
				return;
			}
			$constants = array(
				'rest'   => 'REST_REQUEST',
				'cli'    => 'WP_CLI',
				'import' => 'WP_LOAD_IMPORTERS',
			);
			define( $constants[ $kind ], true );
		},
		0
	);
}

/**
 * A page of wp-admin, as far as is_admin() wants to know.
 */
final class Screen {

	/**
	 * It is one.
	 */
	public function in_admin(): bool {
		return true;
	}
}

/**
 * PHP is killed: as a callback.
 */
function be_killed(): void {
	happen( 'kill', array() );
}
