<?php
/**
 * Writes one level and its key, together or not at all.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

// phpcs:disable WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL -- self::statement() is what the sniffs cannot see.

/**
 * What makes a change happen exactly once:
 * 1. The key is taken and the level moved in one transaction, at READ COMMITTED.
 * 2. The level moves in a statement that also turns the key from pending to applied, and only where it is pending. So
 *    even where wpdb silently reconnects in mid-transaction (measured; what follows then runs in autocommit) there is
 *    no write without its key and no key without its write.
 * 3. Before COMMIT: still the same connection, key applied, locked level = before + delta. Otherwise ROLLBACK.
 * 4. Whether it stands is read from the key, after COMMIT, and waiting for whoever still holds it (see Apply).
 *
 * Of the shop's rows only the one that holds the level is locked, by its primary key. (Looked up by product and meta key
 * it was found through whichever index the database liked, once through all levels of the shop: WooCommerce's own UPDATE,
 * coming by the other index, then met ours in a deadlock, was the one to be given up, and a sale was lost.)
 *
 * The six statements of a change are the fewest that say all this; what is the same for all changes of a batch is asked
 * once.
 */
final class Mover {

	/**
	 * The relative UPDATE of WooCommerce, in exact decimals ("9.8" - "0.1" is 9.7 and not 9.700000000000001), with its
	 * key.
	 */
	private const MOVE = "UPDATE {keys} k INNER JOIN {postmeta} m ON m.meta_id = %d AND m.post_id = k.product_id
		SET m.meta_value = TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(CAST(m.meta_value AS DECIMAL(24,6)) + k.delta AS CHAR))),
			k.state = %d, k.applied_at = UTC_TIMESTAMP(6)
		WHERE k.id = %s AND k.state = %d";

	private const BEFORE = "SELECT meta_value FROM {postmeta} WHERE meta_id = %d AND post_id = %d AND meta_key = '_stock' FOR UPDATE";

	private const CHECK = 'SELECT m.meta_value, k.state, CONNECTION_ID() FROM {keys} k INNER JOIN {postmeta} m ON m.meta_id = %d AND m.post_id = k.product_id
		WHERE k.id = %s FOR UPDATE';

	private const ROWS = "SELECT post_id, MIN(meta_id) FROM {postmeta} WHERE meta_key = '_stock' AND post_id IN ({places}) GROUP BY post_id";

	/**
	 * The connection that was made ready.
	 *
	 * @var string
	 */
	private $connection = '';

	/**
	 * The isolation that others have set or left, to be put back.
	 *
	 * @var string
	 */
	private $isolation = '';

	/**
	 * Whether a transaction may be open.
	 *
	 * @var bool
	 */
	private $is_open = false;

	/**
	 * The meta row that holds the level, by product; of several the first counts, as it does in WooCommerce.
	 *
	 * @var array<int,int>
	 */
	private $rows = array();

	/**
	 * A batch begins.
	 *
	 * @param int[] $products The products whose levels it may move.
	 */
	public function begin( array $products ): void {
		global $wpdb;
		foreach ( array_chunk( $products, 500 ) as $chunk ) {
			$places = implode( ', ', array_fill( 0, count( $chunk ), '%d' ) );
			foreach ( read_rows( self::statement( str_replace( '{places}', $places, self::ROWS ), ...$chunk ) ) as $row ) {
				$this->rows[ (int) $row[0] ] = (int) $row[1];
			}
		}
		$sql             = "SHOW SESSION VARIABLES WHERE Variable_name IN ('transaction_isolation', 'tx_isolation')";
		$this->isolation = str_replace( '-', ' ', (string) $wpdb->get_var( $sql, 1 ) );
		$this->make_ready( (string) $wpdb->get_var( 'SELECT CONNECTION_ID()' ) );
		// Where PHP runs out of time in a transaction, what other plugins write while it shuts down must not be lost with it.
		add_action( 'shutdown', array( $this, 'end' ), PHP_INT_MIN );
	}

	/**
	 * Nothing of a batch is under way any more.
	 */
	public function end(): void {
		global $wpdb;
		if ( $this->is_open ) {
			$wpdb->query( 'ROLLBACK' );
			$this->is_open = false;
		}
		if ( 1 === preg_match( '/^(READ UNCOMMITTED|READ COMMITTED|REPEATABLE READ|SERIALIZABLE)\z/', $this->isolation ) ) {
			$wpdb->query( 'SET SESSION TRANSACTION ISOLATION LEVEL ' . $this->isolation );
		}
		$this->isolation = '';
		remove_action( 'shutdown', array( $this, 'end' ), PHP_INT_MIN );
	}

	/**
	 * Move one level.
	 *
	 * @param string $key        The key.
	 * @param int    $product_id Who holds the stock.
	 * @param string $delta      By how much.
	 * @return string|int|null The level afterwards, null where it is likely that nothing was done (the key knows); the state of a key that was taken before.
	 */
	public function move( string $key, int $product_id, string $delta ) {
		global $wpdb;
		$this->is_open = true;
		$wpdb->query( 'START TRANSACTION' );
		$state = Keys::take( $key, Keys::PENDING, $product_id, $delta );
		if ( null !== $state && Keys::PENDING !== $state ) {
			$wpdb->query( 'ROLLBACK' );
			$this->is_open = false;
			return $state;
		}
		$row    = $this->rows[ $product_id ] ?? 0;
		$before = null === $state ? null : spell_quantity( $wpdb->get_var( self::statement( self::BEFORE, $row, $product_id ) ) );
		$after  = null;
		$found  = null;
		if ( null !== $before ) {
			$wpdb->query( self::statement( self::MOVE, $row, Keys::APPLIED, $key, Keys::PENDING ) );
			$found = $wpdb->get_row( self::statement( self::CHECK, $row, $key ), ARRAY_N );
		}
		$is_right = false;
		if ( is_array( $found ) ) {
			$after    = spell_quantity( $found[0] );
			$is_right = null !== $after && quantity_between( $before, $after ) === $delta
				&& Keys::APPLIED === (int) $found[1] && $found[2] === $this->connection;
		}
		if ( ! $is_right || false === $wpdb->query( 'COMMIT' ) ) {
			$wpdb->query( 'ROLLBACK' ); // Also where COMMIT was refused: inside the open transaction every key looks applied.
		}
		$this->is_open = false;
		if ( ! is_array( $found ) || $found[2] !== $this->connection ) {
			$this->make_ready( (string) $wpdb->get_var( 'SELECT CONNECTION_ID()' ) );
		}
		return $after;
	}

	/**
	 * The isolation for our writes: READ COMMITTED, where they lock what they change and no gaps beside it. A database that
	 * keeps a binary log of statements refuses every write there; its own REPEATABLE READ is as right, and locks more.
	 */
	public static function isolation(): string {
		global $wpdb;
		$found = array();
		foreach ( (array) $wpdb->get_results( "SHOW SESSION VARIABLES WHERE Variable_name IN ('log_bin', 'binlog_format')", ARRAY_N ) as $row ) {
			$found[ strtolower( (string) $row[0] ) ] = strtoupper( (string) $row[1] );
		}
		$keeps_statements = 'ON' === ( $found['log_bin'] ?? '' ) && 'STATEMENT' === ( $found['binlog_format'] ?? '' );
		return $keeps_statements ? 'REPEATABLE READ' : 'READ COMMITTED';
	}

	/**
	 * Have all transactions of this connection at the isolation for our writes.
	 *
	 * @param string $connection Its number.
	 */
	private function make_ready( string $connection ): void {
		global $wpdb;
		if ( $connection !== $this->connection ) {
			$this->connection = $connection;
			$wpdb->query( 'SET SESSION TRANSACTION ISOLATION LEVEL ' . self::isolation() );
		}
	}

	/**
	 * A statement with its tables and values.
	 *
	 * @param string $sql       The statement.
	 * @param mixed  ...$values Its values.
	 */
	private static function statement( string $sql, ...$values ): string {
		global $wpdb;
		$sql = str_replace( array( '{keys}', '{postmeta}' ), array( Schema::table( 'keys' ), $wpdb->postmeta ), $sql );
		return $wpdb->prepare( $sql, ...$values );
	}
}
