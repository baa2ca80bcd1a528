<?php
/**
 * How things stand, as far as this shop knows without asking anybody.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

// phpcs:disable WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL -- only table names of our own are inserted.

/**
 * Reads it.
 */
final class Status {

	/**
	 * Everything that is known here.
	 *
	 * @return array{state:string,site:string,listener:string,address:string,unacknowledged:int,oldest_unacknowledged:int|null,last_contact:int|null,breaker_open:bool,tables:array<string,array{rows:int|null,bytes:int|null,engine:string|null}>,plugin:string}
	 */
	public static function read(): array {
		$connection = Connection::read();
		$waiting    = Outbox::waiting();
		return array(
			'state'                 => Pairing::state(),
			'site'                  => null === $connection ? '' : $connection->site,
			'listener'              => null === $connection ? '' : $connection->listener,
			'address'               => (string) get_option( 'home' ),
			'unacknowledged'        => $waiting['count'],
			'oldest_unacknowledged' => $waiting['oldest_seconds'],
			'last_contact'          => self::last_contact(),
			'breaker_open'          => Forward::is_broken(),
			'tables'                => self::tables(),
			'plugin'                => VERSION,
		);
	}

	/**
	 * Our tables: how many rows, how many bytes, and whose engine; null where the database does not say.
	 *
	 * Rows are counted (the database's own figure for InnoDB is a guess); retention keeps them few.
	 *
	 * @return array<string,array{rows:int|null,bytes:int|null,engine:string|null}>
	 */
	public static function tables(): array {
		global $wpdb;
		$silenced = $wpdb->suppress_errors( true );
		$found    = array();
		foreach ( Schema::TABLES as $name ) {
			$table = Schema::table( $name );
			$sql   = 'SELECT ENGINE, DATA_LENGTH + INDEX_LENGTH FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = %s';
			$about = $wpdb->get_row( $wpdb->prepare( $sql, $table ), ARRAY_N );
			$rows  = is_array( $about ) ? $wpdb->get_var( "SELECT COUNT(*) FROM {$table}" ) : null;

			$found[ $name ] = array(
				'rows'   => null === $rows ? null : (int) $rows,
				'bytes'  => isset( $about[1] ) ? (int) $about[1] : null,
				'engine' => $about[0] ?? null,
			);
		}
		$wpdb->suppress_errors( $silenced );
		return $found;
	}

	/**
	 * When the daemon last acknowledged an event or made a signed call (unix seconds), null where it never did.
	 */
	private static function last_contact(): ?int {
		global $wpdb;
		$outbox = Schema::table( 'outbox' );
		$nonces = Schema::table( 'nonces' );
		$sql    = "SELECT TIMESTAMPDIFF( SECOND, ( SELECT MAX(acked_at) FROM {$outbox} ), UTC_TIMESTAMP() ),
			TIMESTAMPDIFF( SECOND, ( SELECT MAX(expires_at) FROM {$nonces} ) - INTERVAL %d SECOND, UTC_TIMESTAMP() )";
		$ages   = array_filter( (array) $wpdb->get_row( $wpdb->prepare( $sql, NONCE_KEPT ), ARRAY_N ), 'is_numeric' );
		return array() === $ages ? null : time() - max( 0, (int) min( $ages ) );
	}
}
