<?php
/**
 * Moves stock for the daemon, each change once, however often and however late its request arrives.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * Carries out stock/apply: reads the changes, has them moved one by one (see Mover for what makes it "exactly once"),
 * and answers what the keys say afterwards.
 *
 * "error" is only answered where the keys say that nothing was done; where they cannot be read, the whole request fails,
 * and the daemon settles each of its keys by voiding it. Everything that others may hook into comes after that.
 *
 * These writes leave no row in the outbox: none of the hooks that open one fires for them. What other plugins move in
 * the same request is the shop's own doing, and does.
 */
final class Apply {

	public const LARGEST_BATCH = 1000;

	/**
	 * Who writes.
	 *
	 * @var Mover
	 */
	private $mover;

	/**
	 * Products of the changes that were moved in this batch, by key: whether that stands, the keys say at the end.
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
		$silenced    = $wpdb->suppress_errors( true );
		$results     = array();
		$this->mover = new Mover();
		$this->moved = array();
		try {
			$products = Levels::of( self::product_ids( $changes ) );
			$this->mover->begin( array_keys( $products ) );
			foreach ( $changes as $change ) {
				$results[] = $this->change( $change, $products );
			}
			$results = $this->as_the_keys_say( $results );
		} catch ( \Throwable $trouble ) {
			Guard::note( $trouble );
			$results = null;
		} finally {
			$this->mover->end();
		}
		if ( null !== $results ) {
			Aftermath::of( $this->moved ); // Else it is told a minute later: see finish_abandoned().
		}
		$wpdb->suppress_errors( $silenced );
		return $results;
	}

	/**
	 * Tell the rest of the shop about writes whose request died before it could.
	 */
	public function finish_abandoned(): void {
		Aftermath::of( Keys::unfinished() );
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
		$outcome = $this->mover->move( $key, $product_id, $delta );
		if ( is_int( $outcome ) ) {
			return $this->taken( $key, $outcome, $product_id );
		}
		$this->moved[ $key ] = $product_id;
		return self::result( $key, 'applied', $outcome, '' );
	}

	/**
	 * What became of everything, from one reading of all keys after the last COMMIT. A change whose key is not applied was
	 * not made; its key is given back.
	 *
	 * @param array<int,array<string,mixed>> $results What was tried.
	 * @return array<int,array<string,mixed>>
	 */
	private function as_the_keys_say( array $results ): array {
		$states = Keys::states( array_map( 'strval', array_keys( $this->moved ) ) );
		foreach ( $results as $at => $result ) {
			$key = $result['key'];
			if ( 'applied' !== $result['status'] || ! isset( $this->moved[ $key ] ) ) {
				continue;
			}
			if ( Keys::APPLIED === ( $states[ $key ] ?? null ) ) {
				$results[ $at ]['level'] = $result['level'] ?? level_now( $this->moved[ $key ] )[1];
				continue;
			}
			Keys::release( $key );
			$level          = level_now( $this->moved[ $key ] )[1];
			$results[ $at ] = self::result( $key, 'error', $level, __( 'The database did not carry it out; nothing was changed.', 'tillbridge' ) );
		}
		$this->moved = array_filter(
			$this->moved,
			static function ( $key ) use ( $states ): bool {
				return Keys::APPLIED === ( $states[ $key ] ?? null );
			},
			ARRAY_FILTER_USE_KEY
		);
		return $results;
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
		return self::result( $key, Keys::APPLIED === $state ? 'duplicate' : 'voided', level_now( $product_id )[1], '' );
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
