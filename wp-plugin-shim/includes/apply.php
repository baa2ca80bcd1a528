<?php
/**
 * Moves stock for the daemon, each change once, however often and however late its request arrives.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

// phpcs:disable WordPress.DB.DirectDatabaseQuery

/**
 * Carries out stock/apply.
 *
 * What makes it "exactly once":
 * 1. The key is taken and the level moved in one transaction.
 * 2. The level moves in a statement that also turns the key from pending to applied, and only where it is pending. So
 *    even where wpdb silently reconnects in mid-transaction (measured; what follows then runs in autocommit) there is
 *    no write without its key and no key without its write.
 * 3. Before COMMIT: still the same connection, key applied, locked level = before + delta. Otherwise ROLLBACK.
 * 4. What is answered is what the key says after COMMIT, in a reading of its own. "error" is only answered where that
 *    reading says that nothing was done; where it cannot be had, the whole request fails, and the daemon settles each
 *    of its keys by voiding it.
 *
 * Everything that others may hook into comes after that, and is repeated where PHP died in between.
 *
 * These writes leave no row in the outbox: none of the hooks that open one fires for them. What other plugins move in
 * the same request is the shop's own doing, and does.
 */
final class Apply {

	public const LARGEST_BATCH = 1000;

	/**
	 * The relative UPDATE of WooCommerce, in exact decimals ("9.8" - "0.1" is 9.7 and not 9.700000000000001), with its
	 * key.
	 */
	private const MOVE = "UPDATE {keys} k INNER JOIN {postmeta} m ON m.post_id = k.product_id AND m.meta_key = '_stock'
		SET m.meta_value = TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(CAST(m.meta_value AS DECIMAL(24,6)) + k.delta AS CHAR))),
			k.state = %d, k.applied_at = UTC_TIMESTAMP(6)
		WHERE k.id = %s AND k.state = %d";

	/**
	 * Products whose change has to be told to the rest of the shop, by key.
	 *
	 * @var array<string,int>
	 */
	private $moved = array();

	/**
	 * Carry out a batch; one result for each change, in order.
	 *
	 * @param array<int,mixed> $changes Changes as they came.
	 * @return array<int,array<string,mixed>>|null Null where the outcome of some change is not known.
	 */
	public function changes( array $changes ): ?array {
		global $wpdb;
		$silenced = $wpdb->suppress_errors( true );
		$results  = array();
		try {
			$products = Levels::of( self::product_ids( $changes ) );
			foreach ( $changes as $change ) {
				$results[] = $this->change( $change, $products );
			}
		} catch ( \Throwable $trouble ) {
			Guard::note( $trouble );
			$wpdb->query( 'ROLLBACK' );
			$results = null;
		}
		$this->finish( $this->moved );
		$this->moved = array();
		$wpdb->suppress_errors( $silenced );
		return $results;
	}

	/**
	 * Tell the rest of the shop about writes whose request died before it could.
	 */
	public function finish_abandoned(): void {
		$this->finish( Keys::unfinished() );
	}

	/**
	 * One change.
	 *
	 * @param mixed                          $change   As it came.
	 * @param array<int,array<string,mixed>> $products The products of the batch as they are, by id.
	 * @return array<string,mixed>
	 */
	private function change( $change, array $products ): array {
		$key = self::text( $change, 'key' );
		if ( 1 !== preg_match( '/^[0-9a-f]{32}\z/', $key ) ) {
			return self::result( $key, 'invalid', null, __( 'A key is 32 hexadecimal digits.', 'tillbridge' ) );
		}
		if ( isset( $change['void'] ) ) {
			return true === $change['void']
				? $this->void( $key )
				: self::result( $key, 'invalid', null, __( 'void is true, or it is left out.', 'tillbridge' ) );
		}
		$delta = self::text( $change, 'delta' );
		if ( 1 !== preg_match( '/^-?[0-9]{1,12}(\.[0-9]{1,6})?\z/', $delta ) || 0.0 === (float) $delta ) {
			return self::result( $key, 'invalid', null, __( 'delta is a decimal text such as "-2" or "0.250", and not zero.', 'tillbridge' ) );
		}
		if ( (float) wc_stock_amount( (float) $delta ) !== (float) $delta ) {
			return self::result( $key, 'invalid', null, __( 'This shop counts in whole pieces.', 'tillbridge' ) );
		}
		if ( ! is_int( $change['product_id'] ?? null ) || $change['product_id'] < 1 ) {
			return self::result( $key, 'invalid', null, __( 'product_id is a positive whole number.', 'tillbridge' ) );
		}
		return $this->adjust( $key, $change['product_id'], (string) spell_quantity( $delta ), $products[ $change['product_id'] ] ?? null );
	}

	/**
	 * Make sure that a change never takes effect, unless it has.
	 *
	 * @param string $key The key.
	 * @return array<string,mixed>
	 * @throws \RuntimeException Where the database does not say: a void that may not stand must not be answered.
	 */
	private function void( string $key ): array {
		$state = Keys::take( $key, Keys::VOID, 0, '0' );
		if ( Keys::APPLIED !== $state && Keys::VOID !== $state ) {
			throw new \RuntimeException( 'the database refused to void a key' );
		}
		return self::result( $key, Keys::APPLIED === $state ? 'applied' : 'voided', null, '' );
	}

	/**
	 * Move one level.
	 *
	 * @param string                   $key        The key.
	 * @param int                      $product_id The product or variation.
	 * @param string                   $delta      By how much, spelled.
	 * @param array<string,mixed>|null $product    What the shop says of it, null where there is none.
	 * @return array<string,mixed>
	 */
	private function adjust( string $key, int $product_id, string $delta, ?array $product ): array {
		$obstacle = self::obstacle( $product );
		if ( null !== $obstacle ) {
			$taken = Keys::state( $key ); // A product may have changed since: what was done under this key stays done.
			return null === $taken || Keys::PENDING === $taken
				? self::result( $key, $obstacle[0], null, $obstacle[1] )
				: $this->taken( $key, $taken, $product_id );
		}
		$outcome = $this->move( $key, $product_id, $delta );
		if ( is_int( $outcome ) ) {
			return $this->taken( $key, $outcome, $product_id );
		}
		if ( null === $outcome ) {
			return self::result( $key, 'error', Outbox::level( $product_id )[1], __( 'The database did not carry it out; nothing was changed.', 'tillbridge' ) );
		}
		$this->moved[ $key ] = $product_id;
		return self::result( $key, 'applied', $outcome, '' );
	}

	/**
	 * The transaction.
	 *
	 * @param string $key        The key.
	 * @param int    $product_id Who holds the stock.
	 * @param string $delta      By how much.
	 * @return string|int|null The level afterwards; the state of the key where it was taken before; null where nothing was done.
	 */
	private function move( string $key, int $product_id, string $delta ) {
		global $wpdb;
		$connection = $wpdb->get_var( 'SELECT CONNECTION_ID()' );
		$wpdb->query( 'SET TRANSACTION ISOLATION LEVEL READ COMMITTED' );
		$wpdb->query( 'START TRANSACTION' );
		$state = Keys::take( $key, Keys::PENDING, $product_id, $delta );
		if ( null !== $state && Keys::PENDING !== $state ) {
			$wpdb->query( 'ROLLBACK' );
			return $state;
		}
		$before = null === $state ? null : self::locked_level( $product_id );
		$after  = null;
		if ( null !== $before ) {
			$sql = str_replace( array( '{keys}', '{postmeta}' ), array( Schema::table( 'keys' ), $wpdb->postmeta ), self::MOVE );
			$wpdb->query( $wpdb->prepare( $sql, Keys::APPLIED, $key, Keys::PENDING ) ); // phpcs:ignore WordPress.DB.PreparedSQL.NotPrepared
			$after = self::locked_level( $product_id );
		}
		$is_right = null !== $after && quantity_between( $before, $after ) === $delta
			&& Keys::APPLIED === Keys::state( $key )
			&& $wpdb->get_var( 'SELECT CONNECTION_ID()' ) === $connection;
		if ( ! $is_right || false === $wpdb->query( 'COMMIT' ) ) {
			$wpdb->query( 'ROLLBACK' ); // Also where COMMIT was refused: what is read next must not be read inside a transaction.
		}
		if ( Keys::APPLIED === Keys::state( $key ) ) {
			return $after ?? (string) $before;
		}
		Keys::release( $key );
		return null;
	}

	/**
	 * The answer for a key that was taken before.
	 *
	 * @param string $key        The key.
	 * @param int    $state      Its state.
	 * @param int    $product_id Who holds the stock.
	 * @return array<string,mixed>
	 */
	private function taken( string $key, int $state, int $product_id ): array {
		return self::result( $key, Keys::APPLIED === $state ? 'duplicate' : 'voided', Outbox::level( $product_id )[1], '' );
	}

	/**
	 * Why stock cannot be moved here, with the fix.
	 *
	 * @param array<string,mixed>|null $product What the shop says of it.
	 * @return array{0:string,1:string}|null Status and message.
	 */
	private static function obstacle( ?array $product ): ?array {
		if ( null === $product ) {
			return array( 'not_found', __( 'There is no such product or variation, or it lies in the trash.', 'tillbridge' ) );
		}
		if ( 'parent' === $product['managed'] ) {
			/* translators: %d: product id. */
			return array( 'parent_managed', sprintf( __( 'The stock of this variation is held by product %d.', 'tillbridge' ), $product['parent_id'] ) );
		}
		if ( true !== $product['managed'] ) {
			return array( 'not_managed', __( 'Switch on "Track stock quantity" for this product.', 'tillbridge' ) );
		}
		if ( null === $product['level'] ) {
			return array( 'not_managed', __( 'This product has no stock quantity yet: enter one.', 'tillbridge' ) );
		}
		return null;
	}

	/**
	 * The level, locked until the transaction ends.
	 *
	 * @param int $product_id Who holds the stock.
	 */
	private static function locked_level( int $product_id ): ?string {
		global $wpdb;
		$sql = "SELECT meta_value FROM {$wpdb->postmeta} WHERE post_id = %d AND meta_key = '_stock' ORDER BY meta_id LIMIT 1 FOR UPDATE";
		return spell_quantity( $wpdb->get_var( $wpdb->prepare( $sql, $product_id ) ) ); // phpcs:ignore WordPress.DB.PreparedSQL.NotPrepared
	}

	/**
	 * After COMMIT: caches, WooCommerce's lookup table, the stock status, and every plugin that listens. May be
	 * repeated.
	 *
	 * @param array<string,int> $moved Products by key.
	 */
	private function finish( array $moved ): void {
		if ( array() === $moved ) {
			return;
		}
		$products = array_values( array_unique( $moved ) );
		foreach ( $products as $product_id ) {
			wp_cache_delete( $product_id, 'post_meta' );
			wp_cache_delete( 'lookup_table', 'object_' . $product_id );
			\WC_Cache_Helper::invalidate_cache_group( 'product_' . $product_id );
		}
		_prime_post_caches( $products );
		foreach ( $products as $product_id ) {
			try {
				self::tell_the_shop( $product_id );
			} catch ( \Throwable $trouble ) {
				Guard::note( $trouble ); // Another plugin's trouble: the stock is moved all the same.
			}
		}
		Keys::finish( array_keys( $moved ) );
	}

	/**
	 * What WooCommerce does after a relative UPDATE of its own; the costly save() only where the stock status must
	 * change.
	 *
	 * @param int $product_id Who holds the stock.
	 */
	private static function tell_the_shop( int $product_id ): void {
		global $wpdb;
		$sql = "UPDATE {$wpdb->prefix}wc_product_meta_lookup l INNER JOIN {$wpdb->postmeta} m ON m.post_id = l.product_id AND m.meta_key = '_stock'
			SET l.stock_quantity = m.meta_value WHERE l.product_id = %d";
		$wpdb->query( $wpdb->prepare( $sql, $product_id ) ); // phpcs:ignore WordPress.DB.PreparedSQL.NotPrepared
		do_action( 'woocommerce_updated_product_stock', $product_id );
		$product = wc_get_product( $product_id );
		if ( ! $product instanceof \WC_Product ) {
			return;
		}
		if ( self::due_status( $product ) !== $product->get_stock_status( 'edit' ) ) {
			$product->save();
		}
		do_action( $product->is_type( 'variation' ) ? 'woocommerce_variation_set_stock' : 'woocommerce_product_set_stock', $product );
	}

	/**
	 * The stock status that WooCommerce would give this product when it is saved.
	 *
	 * @param \WC_Product $product The product.
	 */
	private static function due_status( \WC_Product $product ): string {
		$sold_out_at = abs( (float) get_option( 'woocommerce_notify_no_stock_amount', 0 ) );
		if ( (float) $product->get_stock_quantity( 'edit' ) > $sold_out_at ) {
			return 'instock';
		}
		return 'no' === $product->get_backorders( 'edit' ) ? 'outofstock' : 'onbackorder';
	}

	/**
	 * The products that a batch names.
	 *
	 * @param array<int,mixed> $changes Changes as they came.
	 * @return int[]
	 */
	private static function product_ids( array $changes ): array {
		$ids = array();
		foreach ( $changes as $change ) {
			if ( is_array( $change ) && is_int( $change['product_id'] ?? null ) && $change['product_id'] > 0 ) {
				$ids[] = $change['product_id'];
			}
		}
		return $ids;
	}

	/**
	 * A field of a change as text, "" where it is something else.
	 *
	 * @param mixed  $change As it came.
	 * @param string $name   The field.
	 */
	private static function text( $change, string $name ): string {
		return is_array( $change ) && isset( $change[ $name ] ) && is_string( $change[ $name ] ) ? $change[ $name ] : '';
	}

	/**
	 * One result.
	 *
	 * @param string      $key     The key.
	 * @param string      $status  What became of it.
	 * @param string|null $level   The level found afterwards.
	 * @param string      $message What a person reads.
	 * @return array<string,mixed>
	 */
	private static function result( string $key, string $status, ?string $level, string $message ): array {
		return array(
			'key'     => $key,
			'status'  => $status,
			'level'   => $level,
			'message' => $message,
		);
	}
}
