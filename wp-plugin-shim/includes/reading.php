<?php
/**
 * Reads from the database: levels, and whatever else where an empty answer must mean that there is nothing.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * The rows of a SELECT. WordPress answers a statement that failed like one that found nothing: a page of the outbox would
 * be empty, and a whole shop would not manage its stock.
 *
 * @param string $sql   The statement, prepared.
 * @param string $shape ARRAY_N or ARRAY_A.
 * @return array<int,array<int|string,mixed>>
 * @throws \RuntimeException Where the database refuses.
 */
function read_rows( string $sql, string $shape = ARRAY_N ): array {
	global $wpdb;
	$rows = $wpdb->get_results( $sql, $shape ); // phpcs:ignore WordPress.DB
	if ( ! is_array( $rows ) || '' !== $wpdb->last_error ) {
		throw new \RuntimeException( 'cannot read from the database: ' . $wpdb->last_error );
	}
	return $rows;
}

/**
 * The first column of a SELECT.
 *
 * @param string $sql The statement, prepared.
 * @return array<int,mixed>
 * @throws \RuntimeException Where the database refuses.
 */
function read_column( string $sql ): array {
	return array_column( read_rows( $sql ), 0 );
}

/**
 * What the database holds for one product right now, and the moment of that reading.
 *
 * @param int $product_id The product or variation that holds the stock.
 * @return array{0:string,1:?string} Time of the reading, spelled level or null.
 * @throws \RuntimeException Where the database refuses.
 */
function level_now( int $product_id ): array {
	global $wpdb;
	$sql = "SELECT UTC_TIMESTAMP(6) AS moment, ( SELECT meta_value FROM {$wpdb->postmeta}
		WHERE post_id = %d AND meta_key = '_stock' ORDER BY meta_id LIMIT 1 ) AS level";
	$row = $wpdb->get_row( $wpdb->prepare( $sql, $product_id ), ARRAY_N ); // phpcs:ignore WordPress.DB
	if ( ! is_array( $row ) ) {
		throw new \RuntimeException( 'cannot read a stock level: ' . $wpdb->last_error );
	}
	return array( $row[0], spell_quantity( $row[1] ) );
}

/**
 * The same without a question of our own, where WooCommerce has asked for just that as its last statement, as it does
 * right before every relative UPDATE; null where the last statement was another one.
 *
 * The time is left to the row's own statement, which follows at once.
 *
 * @param int $product_id The product or variation that holds the stock.
 * @return array{0:string,1:?string}|null "" and the spelled level.
 */
function level_just_read( int $product_id ): ?array {
	global $wpdb;
	$shape = '/^\s*SELECT meta_value FROM ' . preg_quote( $wpdb->postmeta, '/' ) . '\s+WHERE post_id = ' . $product_id . " AND meta_key\s*=\s*'_stock'\s*;?\s*\z/";
	if ( 1 !== preg_match( $shape, (string) $wpdb->last_query ) || '' !== $wpdb->last_error ) {
		return null;
	}
	$row = $wpdb->last_result[0] ?? null;
	return is_object( $row ) ? array( '', spell_quantity( $row->meta_value ?? null ) ) : null;
}
