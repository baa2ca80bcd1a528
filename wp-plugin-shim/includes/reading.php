<?php
/**
 * Reads from the database where an empty answer must mean that there is nothing.
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
