<?php
/**
 * What can be found out inside this shop, without asking anybody.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

use Tillbridge\Connection;
use Tillbridge\Schema;

defined( 'ABSPATH' ) || exit;

/**
 * The hops within WordPress and its database.
 */
final class Shop_Hops {

	/**
	 * Events are pushed at once and fetched every minute: one this old means that neither works.
	 */
	private const OLD = 600;

	/**
	 * Look at all of them.
	 *
	 * @param array<string,mixed> $known What known_here() says.
	 * @return Hop[]
	 */
	public static function look( array $known ): array {
		return array_merge(
			array( self::pairing( (string) $known['state'] ), self::plugin() ),
			self::versions(),
			array( self::orders(), self::database( $known ) ),
			array( self::outbox( $known ), self::breaker( $known ), self::sizes( $known ), self::clock(), self::release() )
		);
	}

	/**
	 * Whether this shop may speak for itself.
	 *
	 * @param string $state The state of the pairing.
	 */
	private static function pairing( string $state ): Hop {
		$name = 'pairing';
		if ( 'elsewhere' === $state ) {
			return Hop::problem( $name, 'safe mode: ' . elsewhere_words(), 'wp tillbridge site moved, or wp tillbridge site copy' );
		}
		if ( 'unpaired' === $state ) {
			return Hop::problem( $name, 'this shop is not connected to a daemon', 'tillbridge init on the server, then wp tillbridge connect CODE' );
		}
		$where = Connection::is_in_a_file() ? ' (in wp-config.php)' : '';
		return Hop::well( $name, 'connected' . $where . ', at the address where it was paired' );
	}

	/**
	 * The plugin, and the version of its tables.
	 */
	private static function plugin(): Hop {
		$schema = (int) get_option( 'tillbridge_schema', 0 );
		return Hop::must( $schema > 0, 'plugin', 'version ' . \Tillbridge\VERSION . ', tables of version ' . $schema, 'deactivate and activate the plugin: its tables could not be made' );
	}

	/**
	 * What we stand on.
	 *
	 * @return Hop[]
	 */
	private static function versions(): array {
		global $wp_version;
		$fix  = 'update it; Tillbridge was not made for older ones';
		$shop = defined( 'WC_VERSION' ) ? (string) constant( 'WC_VERSION' ) : '';
		return array(
			Hop::must( version_compare( (string) $wp_version, '6.1', '>=' ), 'WordPress', 'version ' . $wp_version, $fix ),
			'' === $shop
				? Hop::problem( 'WooCommerce', 'not active', 'activate WooCommerce: without it nothing is recorded' )
				: Hop::must( version_compare( $shop, '7.7', '>=' ), 'WooCommerce', 'version ' . $shop, $fix ),
			Hop::must( version_compare( PHP_VERSION, '7.4', '>=' ), 'PHP', 'version ' . PHP_VERSION . ' on the command line', $fix ),
		);
	}

	/**
	 * Where WooCommerce keeps its orders; either way is fine.
	 */
	private static function orders(): Hop {
		$orders = '\\Automattic\\WooCommerce\\Utilities\\OrderUtil';
		if ( ! class_exists( $orders ) ) {
			return Hop::unknown( 'orders', 'WooCommerce does not say where it keeps its orders' );
		}
		return Hop::well( 'orders', $orders::custom_orders_table_usage_is_enabled() ? 'in tables of their own (HPOS)' : 'as posts' );
	}

	/**
	 * Whether the tables that move stock know transactions.
	 *
	 * @param array<string,mixed> $known What known_here() says.
	 */
	private static function database( array $known ): Hop {
		global $wpdb;
		$sql     = 'SELECT ENGINE FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = %s';
		$engines = array( $wpdb->postmeta => $wpdb->get_var( $wpdb->prepare( $sql, $wpdb->postmeta ) ) ); // phpcs:ignore WordPress.DB -- of this moment.
		foreach ( (array) $known['tables'] as $table => $about ) {
			$engines[ Schema::table( (string) $table ) ] = $about['engine'] ?? null;
		}
		$others = array();
		foreach ( $engines as $table => $engine ) {
			if ( 'innodb' !== strtolower( (string) $engine ) ) {
				$others[] = $table . ' is ' . ( $engine ?? 'missing' );
			}
		}
		$detail = array() === $others ? 'our tables and the one that holds the stock are InnoDB' : implode( ', ', $others );
		return Hop::must( array() === $others, 'tables', $detail, 'ALTER TABLE … ENGINE=InnoDB; a missing one comes back when the plugin is deactivated and activated' );
	}

	/**
	 * What waits to be told.
	 *
	 * @param array<string,mixed> $known What known_here() says.
	 */
	private static function outbox( array $known ): Hop {
		if ( null === $known['unacknowledged'] ) {
			return Hop::unknown( 'outbox', 'cannot be read: see the hop "tables"' );
		}
		$oldest = $known['oldest_unacknowledged'];
		$detail = number_of( (int) $known['unacknowledged'], 'event waits', 'events wait' ) . ( null === $oldest ? '' : ', the oldest for ' . stretch( $oldest ) );
		return Hop::must( null === $oldest || $oldest < self::OLD, 'outbox', $detail, 'wp tillbridge outbox flush tells them now, and says why where that fails' );
	}

	/**
	 * Whether events are told at once.
	 *
	 * @param array<string,mixed> $known What known_here() says.
	 */
	private static function breaker( array $known ): Hop {
		$fix = 'nothing: it closes by itself as soon as the daemon answers; if it does not, see the hop "listener"';
		return Hop::must( ! $known['breaker_open'], 'breaker', $known['breaker_open'] ? 'open: the daemon did not answer a moment ago, so nothing is pushed for up to a minute' : 'closed: events are told at once', $fix );
	}

	/**
	 * How much room we take.
	 *
	 * @param array<string,mixed> $known What known_here() says.
	 */
	private static function sizes( array $known ): Hop {
		$parts = array();
		foreach ( (array) $known['tables'] as $table => $about ) {
			$bytes   = isset( $about['bytes'] ) ? size_format( (int) $about['bytes'] ) : UNKNOWN;
			$parts[] = $table . ' ' . ( $about['rows'] ?? UNKNOWN ) . ' rows, ' . $bytes;
		}
		return Hop::well( 'sizes', implode( '; ', $parts ) );
	}

	/**
	 * Whether the database's clock, which dates our rows, is that of this server.
	 */
	private static function clock(): Hop {
		global $wpdb;
		$moment = $wpdb->get_var( 'SELECT UTC_TIMESTAMP()' ); // phpcs:ignore WordPress.DB -- of this moment.
		$now    = is_string( $moment ) ? strtotime( $moment . ' UTC' ) : false;
		if ( false === $now ) {
			return Hop::unknown( 'database clock', 'the database does not tell its time' );
		}
		$off = abs( $now - time() );
		return Hop::must( $off <= MINUTE_IN_SECONDS, 'database clock', $off . ' s from that of this server', 'set the clocks of both (see timedatectl)' );
	}

	/**
	 * Whether customers are let go before the daemon is told.
	 */
	private static function release(): Hop {
		return Hop::unknown(
			'fastcgi_finish_request',
			'not knowable on the command line: whether customers have their answer before the daemon is told depends on the PHP of the web server',
			'with php-fpm or LiteSpeed it is there; elsewhere a sale waits 0.05 s at the most'
		);
	}
}
