<?php
/**
 * Remembers which of the daemon's writes were carried out, and which must never be.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

// phpcs:disable WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL -- self::prepare() is what the sniffs cannot see.

/**
 * The table of keys. A key is taken once, either by the write or by its voiding.
 *
 * PENDING is seen by others only where a connection broke at the worst moment: the key is there and its write is not.
 * The write itself turns it into APPLIED in the same statement (see Mover), so a pending key may be taken over.
 */
final class Keys {

	public const PENDING = 0;
	public const APPLIED = 1;
	public const VOID    = 2;

	/**
	 * Days for which a key stays after the daemon has said that it is settled. A write is therefore known for at least so
	 * long after it was carried out, as long as an event after it was acknowledged.
	 */
	private const KEPT_DAYS    = 7;
	private const MAX_FINISHES = 3;

	/**
	 * Take a key, or find it taken. Waits for another request that is just taking it.
	 *
	 * @param string $key        The key.
	 * @param int    $state      PENDING or VOID.
	 * @param int    $product_id Who holds the stock, 0 for a void.
	 * @param string $delta      By how much.
	 * @return int|null The state that the key has now; null where the database refused.
	 */
	public static function take( string $key, int $state, int $product_id, string $delta ): ?int {
		global $wpdb;
		$sql   = 'INSERT INTO {table} (id, state, product_id, delta, finished, created_at) VALUES (%s, %d, %d, %s, 0, UTC_TIMESTAMP(6))
			ON DUPLICATE KEY UPDATE id = id';
		$added = $wpdb->query( self::prepare( $sql, $key, $state, $product_id, $delta ) );
		if ( false === $added ) {
			return null;
		}
		if ( 1 === $added && self::PENDING === $state ) {
			return $state; // Its write will look again. A void must look now: some shops count a row that was found as one that was changed.
		}
		$found = self::state( $key );
		if ( self::PENDING === $found ) {
			$sql = 'UPDATE {table} SET state = %d, product_id = %d, delta = %s WHERE id = %s AND state = %d';
			$wpdb->query( self::prepare( $sql, $state, $product_id, $delta, $key, self::PENDING ) );
			$found = self::state( $key );
		}
		return $found;
	}

	/**
	 * The state of a key, locked until the transaction ends; null where there is none.
	 *
	 * @param string $key The key.
	 * @throws \RuntimeException Where the database does not say: that is not "none".
	 */
	public static function state( string $key ): ?int {
		global $wpdb;
		$state = $wpdb->get_var( self::prepare( 'SELECT state FROM {table} WHERE id = %s FOR UPDATE', $key ) );
		if ( '' !== $wpdb->last_error ) {
			throw new \RuntimeException( 'cannot read a key: ' . $wpdb->last_error );
		}
		return null === $state ? null : (int) $state;
	}

	/**
	 * The states of many keys, after their transactions: waits for one that is just ending.
	 *
	 * @param string[] $keys Keys.
	 * @return array<string,int> States by key; without those that are not there.
	 * @throws \RuntimeException Where the database does not say.
	 */
	public static function states( array $keys ): array {
		global $wpdb;
		$states = array();
		foreach ( array_chunk( $keys, 500 ) as $chunk ) {
			$places = implode( ', ', array_fill( 0, count( $chunk ), '%s' ) );
			$rows   = $wpdb->get_results( self::prepare( "SELECT id, state FROM {table} WHERE id IN ({$places}) FOR UPDATE", ...$chunk ), ARRAY_N );
			if ( '' !== $wpdb->last_error || ! is_array( $rows ) ) {
				throw new \RuntimeException( 'cannot read the keys: ' . $wpdb->last_error );
			}
			foreach ( $rows as $row ) {
				$states[ $row[0] ] = (int) $row[1];
			}
		}
		return $states;
	}

	/**
	 * Give a key back whose write was not carried out.
	 *
	 * @param string $key The key.
	 */
	public static function release( string $key ): void {
		global $wpdb;
		$wpdb->query( self::prepare( 'DELETE FROM {table} WHERE id = %s AND state = %d', $key, self::PENDING ) );
	}

	/**
	 * The daemon will never ask about these again. They stay for some days: a very late copy of a request must still
	 * find its key taken.
	 *
	 * @param string[] $keys Keys.
	 */
	public static function settle( array $keys ): void {
		global $wpdb;
		foreach ( array_chunk( $keys, 500 ) as $chunk ) {
			$places = implode( ', ', array_fill( 0, count( $chunk ), '%s' ) );
			$sql    = "UPDATE {table} SET settled_at = UTC_TIMESTAMP(6) WHERE settled_at IS NULL AND id IN ({$places})";
			$wpdb->query( self::prepare( $sql, ...$chunk ) );
		}
	}

	/**
	 * Keys that were taken in the days for which all of them are kept. Older ones may be here or not, so they are not told.
	 *
	 * @param string $after Keys above this one, "" for all.
	 * @param int    $limit At most so many.
	 * @return array<int,array<string,mixed>> id, state, product_id, delta, at; in the order of the keys.
	 */
	public static function taken_after( string $after, int $limit ): array {
		$sql = 'SELECT id, state, product_id, delta, COALESCE(applied_at, created_at) AS at FROM {table}
			WHERE id > %s AND state > %d AND COALESCE(applied_at, created_at) >= UTC_TIMESTAMP(6) - INTERVAL %d DAY ORDER BY id LIMIT %d';
		return read_rows( self::prepare( $sql, $after, self::PENDING, self::KEPT_DAYS, $limit ), ARRAY_A );
	}

	/**
	 * Forget keys that were settled long ago.
	 */
	public static function retire(): void {
		global $wpdb;
		$sql = 'DELETE FROM {table} WHERE settled_at < UTC_TIMESTAMP(6) - INTERVAL %d DAY LIMIT 5000';
		$wpdb->query( self::prepare( $sql, self::KEPT_DAYS ) );
	}

	/**
	 * These writes were told to the rest of the shop.
	 *
	 * @param string[] $keys Keys.
	 */
	public static function finish( array $keys ): void {
		global $wpdb;
		foreach ( array_chunk( $keys, 500 ) as $chunk ) {
			$places = implode( ', ', array_fill( 0, count( $chunk ), '%s' ) );
			$sql    = "UPDATE {table} SET finished = %d WHERE id IN ({$places})";
			$wpdb->query( self::prepare( $sql, self::MAX_FINISHES, ...$chunk ) );
		}
	}

	/**
	 * Writes that were carried out a while ago and not told to the rest of the shop, because PHP died in between.
	 *
	 * Each look counts, so that a plugin which kills PHP every time is not called for ever.
	 *
	 * @return array<string,int> Key => product.
	 */
	public static function unfinished(): array {
		global $wpdb;
		$sql  = 'SELECT id, product_id FROM {table} WHERE state = %d AND finished < %d AND applied_at < UTC_TIMESTAMP(6) - INTERVAL 60 SECOND LIMIT 50';
		$rows = (array) $wpdb->get_results( self::prepare( $sql, self::APPLIED, self::MAX_FINISHES ), ARRAY_N );
		$keys = array();
		foreach ( $rows as $row ) {
			$keys[ (string) $row[0] ] = (int) $row[1];
			$wpdb->query( self::prepare( 'UPDATE {table} SET finished = finished + 1 WHERE id = %s', $row[0] ) );
		}
		return $keys;
	}

	/**
	 * Prepare a statement on the keys; `{table}` in it stands for the table.
	 *
	 * @param string $sql       The statement with its placeholders.
	 * @param mixed  ...$values Their values.
	 */
	private static function prepare( string $sql, ...$values ): string {
		global $wpdb;
		$sql = str_replace( '{table}', Schema::table( 'keys' ), $sql );
		return $wpdb->prepare( $sql, ...$values );
	}
}
