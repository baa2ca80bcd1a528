<?php
/**
 * The list of what happened in the shop, kept until the daemon says that it has it.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

// This file is the table's only home, so every statement goes straight to the database; all of them are prepared.
// phpcs:disable WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL -- self::prepare() is what the sniffs cannot see.

/**
 * Rows of the outbox: open (a change is about to be written, or was and its request goes on), sealed (may be told),
 * acknowledged.
 *
 * Rows are written on the shop's own connection, so they share the fate of the change itself. Where several are updated,
 * the statement names the index by which it finds them: by that of the states the database would also lock what other
 * requests write, and one of two would be given up.
 */
final class Outbox {

	public const OPEN   = 0;
	public const SEALED = 1;
	public const ACKED  = 2;

	/**
	 * The topic of a webhook, the only row with data of somebody else in it.
	 */
	public const WEBHOOK = 'pos.webhook';

	/**
	 * What is left of a webhook once nobody needs it any more.
	 */
	private const ERASED = '{"erased":true}';

	/**
	 * Minutes for which the content of a webhook is kept at most.
	 */
	private const WEBHOOK_KEPT = 15;

	/**
	 * Seconds after which a request that has not sealed its rows is taken for dead.
	 */
	public const DEAD_AFTER = 300;

	/**
	 * Seconds after which a row that was sealed and not acknowledged is not just on its way.
	 */
	private const STRAGGLES_AFTER = 10;

	/**
	 * Days for which acknowledged rows are kept, so that a daemon restored from a backup can be told again.
	 */
	private const KEPT_DAYS = 7;

	/**
	 * Note that a level is about to move. Must be durable before it does.
	 *
	 * @param int                 $product_id Who holds the stock.
	 * @param string              $moment     When `$before` was read, "" for now.
	 * @param string|null         $before     The level then.
	 * @param string|null         $delta      By how much, null where that can only be read afterwards.
	 * @param string              $path       relative, absolute or unknown.
	 * @param array<string,mixed> $cause      Why: type, order_id, line_id.
	 * @return int The row's number.
	 * @throws \RuntimeException Where the database refuses.
	 */
	public static function open( int $product_id, string $moment, ?string $before, ?string $delta, string $path, array $cause ): int {
		global $wpdb;
		$sql  = 'INSERT INTO {table} (uid, topic, object_id, state, happened_at, before_level, delta, path, cause, order_id, line_id)
			VALUES (%s, %s, %d, %d, COALESCE(NULLIF(%s, \'\'), UTC_TIMESTAMP(6)), NULLIF(%s, \'\'), NULLIF(%s, \'\'), %s, %s, NULLIF(%d, 0), NULLIF(%d, 0))';
		$what = array( self::new_uid(), 'stock.changed', $product_id, self::OPEN, $moment, (string) $before, (string) $delta, $path );
		$why  = array( $cause['type'], $cause['order_id'] ?? 0, $cause['line_id'] ?? 0 );
		if ( 1 !== $wpdb->query( self::prepare( $sql, ...$what, ...$why ) ) ) {
			throw new \RuntimeException( 'cannot write to the outbox: ' . $wpdb->last_error );
		}
		return (int) $wpdb->insert_id;
	}

	/**
	 * Say by how much a level moved, where that was not known before.
	 *
	 * @param int    $row   The row's number.
	 * @param string $delta By how much.
	 */
	public static function measure( int $row, string $delta ): void {
		global $wpdb;
		$wpdb->query( self::prepare( 'UPDATE {table} SET delta = %s WHERE id = %d AND state = %d', $delta, $row, self::OPEN ) );
	}

	/**
	 * Say which line moved a level, where that had no number before.
	 *
	 * @param int $row     The row's number.
	 * @param int $line_id The line's.
	 */
	public static function number( int $row, int $line_id ): void {
		global $wpdb;
		$wpdb->query( self::prepare( 'UPDATE {table} SET line_id = NULLIF(%d, 0) WHERE id = %d AND state = %d', $line_id, $row, self::OPEN ) );
	}

	/**
	 * Nothing was written after all.
	 *
	 * @param int $row The row's number.
	 */
	public static function drop( int $row ): void {
		global $wpdb;
		$wpdb->query( self::prepare( 'DELETE FROM {table} WHERE id = %d AND state = %d', $row, self::OPEN ) );
	}

	/**
	 * The request has ended: its rows may be told.
	 *
	 * @param int[] $rows Rows of this request whose change was written.
	 */
	public static function seal( array $rows ): void {
		global $wpdb;
		foreach ( array_chunk( $rows, 500 ) as $chunk ) {
			$sql = 'UPDATE {table} FORCE INDEX (PRIMARY) SET state = %d WHERE state = %d AND id IN (' . self::places( $chunk, '%d' ) . ')';
			$wpdb->query( self::prepare( $sql, self::SEALED, self::OPEN, ...$chunk ) );
		}
	}

	/**
	 * Whether the oldest row that may be told has waited for a while: its own push never arrived.
	 */
	public static function has_stragglers(): bool {
		global $wpdb;
		$sql = 'SELECT happened_at < UTC_TIMESTAMP(6) - INTERVAL %d SECOND FROM {table} WHERE state = %d ORDER BY id LIMIT 1';
		return '1' === $wpdb->get_var( self::prepare( $sql, self::STRAGGLES_AFTER, self::SEALED ) );
	}

	/**
	 * Add rows that only say "look at this". They are built at the end of a request, so they are born sealed.
	 *
	 * The column `cause` says for a movement why, and for these by whom: "tillbridge" where the daemon itself did it.
	 *
	 * @param array<int,array{topic:string,object_id:int,data:array<string,mixed>,origin:string}> $looks What to look at.
	 * @return int[] Their numbers.
	 * @throws \RuntimeException Where the database refuses.
	 */
	public static function add_looks( array $looks ): array {
		global $wpdb;
		$rows = array();
		foreach ( array_chunk( $looks, 200 ) as $chunk ) {
			$values = array();
			$uids   = array();
			foreach ( $chunk as $look ) {
				$uids[] = self::new_uid();
				array_push( $values, end( $uids ), $look['topic'], $look['object_id'], self::SEALED, $look['origin'], (string) wp_json_encode( $look['data'], JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE ) );
			}
			$places = self::places( $chunk, '(%s, %s, %d, %d, %s, %s, UTC_TIMESTAMP(6))' );
			if ( false === $wpdb->query( self::prepare( "INSERT INTO {table} (uid, topic, object_id, state, cause, data, happened_at) VALUES {$places}", ...$values ) ) ) {
				throw new \RuntimeException( 'cannot write to the outbox: ' . $wpdb->last_error );
			}
			$sql  = 'SELECT id FROM {table} WHERE uid IN (' . self::places( $uids, '%s' ) . ')';
			$rows = array_merge( $rows, array_map( 'intval', $wpdb->get_col( self::prepare( $sql, ...$uids ) ) ) );
		}
		return $rows;
	}

	/**
	 * Sealed rows that nobody acknowledged, oldest first.
	 *
	 * @param int $limit At most so many.
	 * @return array<int,array<string,mixed>>
	 */
	public static function unacknowledged( int $limit ): array {
		$sql = 'SELECT * FROM {table} WHERE state = %d ORDER BY id LIMIT %d';
		return self::with_skus( read_rows( self::prepare( $sql, self::SEALED, $limit ), ARRAY_A ) );
	}

	/**
	 * These rows, where they are sealed and not yet acknowledged.
	 *
	 * @param int[] $rows Row numbers, not empty.
	 * @return array<int,array<string,mixed>>
	 */
	public static function sealed( array $rows ): array {
		$sql = 'SELECT * FROM {table} WHERE state = %d AND id IN (' . self::places( $rows, '%d' ) . ') ORDER BY id';
		return self::with_skus( read_rows( self::prepare( $sql, self::SEALED, ...$rows ), ARRAY_A ) );
	}

	/**
	 * Every row that was ever told or may be, as far as it is still there; without webhooks, of which nothing is left.
	 *
	 * @param int $after Rows above this number.
	 * @param int $limit At most so many.
	 * @return array<int,array<string,mixed>>
	 */
	public static function retained( int $after, int $limit ): array {
		$sql = 'SELECT * FROM {table} FORCE INDEX (PRIMARY) WHERE id > %d AND state >= %d AND topic <> %s ORDER BY id LIMIT %d';
		return self::with_skus( read_rows( self::prepare( $sql, $after, self::SEALED, self::WEBHOOK, $limit ), ARRAY_A ) );
	}

	/**
	 * The daemon has these events on its disk.
	 *
	 * @param string[] $uids Ids of events, unknown ones are passed over.
	 * @return int How many were new to us.
	 * @throws \RuntimeException Where the database refuses.
	 */
	public static function acknowledge( array $uids ): int {
		global $wpdb;
		$count = 0;
		foreach ( array_chunk( $uids, 500 ) as $chunk ) {
			$sql  = 'UPDATE {table} FORCE INDEX (uid) SET state = %d, acked_at = UTC_TIMESTAMP(6), data = IF( topic = %s, %s, data )
				WHERE state = %d AND uid IN (' . self::places( $chunk, '%s' ) . ')';
			$done = $wpdb->query( self::prepare( $sql, self::ACKED, self::WEBHOOK, self::ERASED, self::SEALED, ...$chunk ) );
			if ( false === $done ) {
				throw new \RuntimeException( 'The database did not record what was acknowledged.' );
			}
			$count += (int) $done;
		}
		return $count;
	}

	/**
	 * How many webhooks wait, and how many bytes they are.
	 *
	 * @param int $most Count no further than this.
	 * @return array{0:int,1:int}
	 */
	public static function webhooks( int $most ): array {
		global $wpdb;
		$sql = 'SELECT COUNT(*), SUM(bytes) FROM ( SELECT LENGTH(data) AS bytes FROM {table} WHERE state = %d AND topic = %s LIMIT %d ) waiting';
		$row = (array) $wpdb->get_row( self::prepare( $sql, self::SEALED, self::WEBHOOK, $most ), ARRAY_N );
		return array( (int) ( $row[0] ?? 0 ), (int) ( $row[1] ?? 0 ) );
	}

	/**
	 * Empty the webhooks that nobody fetched in time: whatever they said, the till's own list says too.
	 */
	public static function erase_webhooks(): void {
		global $wpdb;
		$sql = 'UPDATE {table} SET data = %s WHERE state = %d AND topic = %s AND happened_at < UTC_TIMESTAMP(6) - INTERVAL %d MINUTE AND data <> %s';
		$wpdb->query( self::prepare( $sql, self::ERASED, self::SEALED, self::WEBHOOK, self::WEBHOOK_KEPT, self::ERASED ) );
	}

	/**
	 * Forget what was acknowledged long ago. The newest row stays, because the counter is read from it.
	 */
	public static function retire(): void {
		global $wpdb;
		$sql = 'DELETE FROM {table} WHERE acked_at < UTC_TIMESTAMP(6) - INTERVAL %d DAY AND id < %d LIMIT 5000';
		$wpdb->query( self::prepare( $sql, self::KEPT_DAYS, self::counter() ) );
	}

	/**
	 * A number that only rises while this database lives on: one that fell tells the daemon of a restored backup.
	 *
	 * Only rows that are never dropped count: open ones may vanish again.
	 */
	public static function counter(): int {
		global $wpdb;
		return (int) $wpdb->get_var( self::prepare( 'SELECT id FROM {table} WHERE state >= %d ORDER BY id DESC LIMIT 1', self::SEALED ) );
	}

	/**
	 * How many rows wait for an acknowledgement, and how old the oldest of them is.
	 *
	 * @return array{count:int,oldest_seconds:int|null}
	 */
	public static function waiting(): array {
		global $wpdb;
		$sql = 'SELECT COUNT(*), TIMESTAMPDIFF( SECOND, MIN(happened_at), UTC_TIMESTAMP(6) ) FROM {table} WHERE state < %d';
		$row = (array) $wpdb->get_row( self::prepare( $sql, self::ACKED ), ARRAY_N );
		return array(
			'count'          => (int) ( $row[0] ?? 0 ),
			'oldest_seconds' => isset( $row[1] ) ? max( 0, (int) $row[1] ) : null,
		);
	}

	/**
	 * Products with a change that the daemon may not know of yet.
	 *
	 * @param int $after Products above this id.
	 * @param int $last  Products up to this one.
	 * @return array<int,true> Keyed by product.
	 */
	public static function moving( int $after, int $last ): array {
		$sql = 'SELECT DISTINCT object_id FROM {table} WHERE topic = %s AND state < %d AND object_id > %d AND object_id <= %d';
		return array_fill_keys( array_map( 'intval', read_column( self::prepare( $sql, 'stock.changed', self::ACKED, $after, $last ) ) ), true );
	}

	/**
	 * Stock rows carry the SKU that the product has when they are told, not the one of then: the id is what counts.
	 *
	 * @param array<int,array<string,mixed>> $rows Rows of the table.
	 * @return array<int,array<string,mixed>>
	 */
	private static function with_skus( array $rows ): array {
		global $wpdb;
		$products = array();
		foreach ( $rows as $row ) {
			if ( 'stock.changed' === $row['topic'] ) {
				$products[ (int) $row['object_id'] ] = '';
			}
		}
		if ( array() === $products ) {
			return $rows;
		}
		$ids = array_keys( $products );
		$sql = "SELECT post_id, meta_value FROM {$wpdb->postmeta} WHERE meta_key = '_sku' AND post_id IN (" . self::places( $ids, '%d' ) . ')';
		foreach ( read_rows( $wpdb->prepare( $sql, ...$ids ) ) as $found ) {
			$products[ (int) $found[0] ] = (string) $found[1];
		}
		foreach ( $rows as $at => $row ) {
			$rows[ $at ]['sku'] = $products[ (int) $row['object_id'] ] ?? '';
		}
		return $rows;
	}

	/**
	 * Prepare a statement on the outbox; `{table}` in it stands for the table.
	 *
	 * @param string $sql       The statement with its placeholders.
	 * @param mixed  ...$values Their values.
	 */
	private static function prepare( string $sql, ...$values ): string {
		global $wpdb;
		$sql = str_replace( '{table}', Schema::table( 'outbox' ), $sql );
		return $wpdb->prepare( $sql, ...$values );
	}

	/**
	 * One placeholder for each item.
	 *
	 * @param array<int,mixed> $items The items.
	 * @param string           $place The placeholder of one.
	 */
	private static function places( array $items, string $place ): string {
		return implode( ', ', array_fill( 0, count( $items ), $place ) );
	}

	/**
	 * A random 128-bit id. Numbers repeat after a restore, this does not.
	 */
	private static function new_uid(): string {
		return bin2hex( random_bytes( 16 ) );
	}
}
