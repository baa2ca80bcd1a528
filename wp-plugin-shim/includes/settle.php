<?php
/**
 * Finds out what became of changes whose request died while they were being written.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

// phpcs:disable WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL

/**
 * Settle the open rows of dead requests, product by product.
 */
function settle_dead_rows(): void {
	global $wpdb;
	$table = Schema::table( 'outbox' );
	$sql   = "SELECT DISTINCT object_id FROM {$table} WHERE state = %d AND happened_at < UTC_TIMESTAMP(6) - INTERVAL %d SECOND LIMIT 200";
	foreach ( read_column( $wpdb->prepare( $sql, Outbox::OPEN, Outbox::DEAD_AFTER ) ) as $product_id ) {
		settle_product( (int) $product_id );
	}
}

/**
 * Settle one product, from one consistent reading of its rows, our own writes and its level.
 *
 * @param int $product_id Who holds the stock.
 */
function settle_product( int $product_id ): void {
	global $wpdb;
	$wpdb->query( 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ' );
	$wpdb->query( 'START TRANSACTION WITH CONSISTENT SNAPSHOT' );
	try {
		$open  = open_rows_of( $product_id );
		$known = array() === $open ? array() : known_changes_since( $product_id, (string) $open[0]['happened_at'] );
		$read  = level_now( $product_id );
	} finally {
		$wpdb->query( 'COMMIT' ); // Also where something could not be read: what the request writes after this is no part of it.
	}
	foreach ( $open as $row ) {
		if ( ! $row['is_dead'] ) {
			return; // Somebody is writing this product right now: next time.
		}
	}
	foreach ( settled_amounts( $open, $known, $read[0], $read[1] ) as $id => $delta ) {
		if ( '0' === $delta ) {
			Outbox::drop( $id );
		} else {
			Outbox::measure( $id, $delta );
			Outbox::seal( array( $id ) );
		}
	}
}

/**
 * How much each dead change has moved its level. Pure.
 *
 * From one dead change to the next (from the last one to now) the level moved by something; less what others are known
 * to have moved in that time, it is what this change did: all of its amount, or nothing. Where sales at the same
 * instant blur that, the nearer of the two. Where the amount was not known, what was measured. Something unknown at
 * either end moves nothing.
 *
 * @param array<int,array<string,mixed>>      $open   Dead rows of one product, oldest first: id, happened_at, before_level, delta.
 * @param array<int,array{0:string,1:string}> $known  Known changes: when, how much.
 * @param string                              $moment When the level was read.
 * @param string|null                         $level  The level now.
 * @return array<int,string> Amounts by row.
 */
function settled_amounts( array $open, array $known, string $moment, ?string $level ): array {
	$settled = array();
	foreach ( $open as $at => $row ) {
		$next   = $open[ $at + 1 ] ?? null;
		$until  = null === $next ? $moment : (string) $next['happened_at'];
		$after  = null === $next ? $level : spell_quantity( $next['before_level'] );
		$before = spell_quantity( $row['before_level'] );
		$amount = spell_quantity( $row['delta'] );
		$moved  = (float) told_between( (string) $before, (string) $after );
		foreach ( $known as $change ) {
			if ( $change[0] > (string) $row['happened_at'] && $change[0] <= $until ) {
				$moved -= (float) $change[1];
			}
		}
		if ( null === $after || null === $before ) {
			$moved = 0.0;
		} elseif ( null !== $amount ) {
			$moved = abs( $moved - (float) $amount ) < abs( $moved ) ? (float) $amount : 0.0;
		}
		$settled[ (int) $row['id'] ] = (string) spell_quantity( $moved );
	}
	return $settled;
}

/**
 * Open rows of a product, oldest first.
 *
 * @param int $product_id Who holds the stock.
 * @return array<int,array<string,mixed>>
 */
function open_rows_of( int $product_id ): array {
	global $wpdb;
	$table = Schema::table( 'outbox' );
	$sql   = "SELECT id, happened_at, before_level, delta, happened_at < UTC_TIMESTAMP(6) - INTERVAL %d SECOND AS is_dead
		FROM {$table} WHERE object_id = %d AND state = %d AND topic = 'stock.changed' ORDER BY happened_at, id";
	return read_rows( $wpdb->prepare( $sql, Outbox::DEAD_AFTER, $product_id, Outbox::OPEN ), ARRAY_A );
}

/**
 * What is known to have moved a product since a moment: rows of requests that ended, and the writes of our own, which
 * leave no rows.
 *
 * @param int    $product_id Who holds the stock.
 * @param string $since      A moment of the database.
 * @return array<int,array{0:string,1:string}> When, how much.
 */
function known_changes_since( int $product_id, string $since ): array {
	global $wpdb;
	$outbox = Schema::table( 'outbox' );
	$keys   = Schema::table( 'keys' );
	$sql    = "SELECT happened_at, delta FROM {$outbox} WHERE object_id = %d AND topic = 'stock.changed' AND state > %d AND happened_at > %s
		UNION ALL SELECT applied_at, delta FROM {$keys} WHERE product_id = %d AND applied_at > %s";
	return read_rows( $wpdb->prepare( $sql, $product_id, Outbox::OPEN, $since, $product_id, $since ) );
}
