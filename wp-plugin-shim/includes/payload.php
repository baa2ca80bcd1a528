<?php
/**
 * What an event looks like on its way to the daemon. Pure: rows in, arrays out.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * One row of the outbox as an event.
 *
 * @param array<string,mixed> $row A row, with its SKU where it is about stock.
 * @return array<string,mixed>
 */
function event_of( array $row ): array {
	$event = array(
		'id'     => (string) $row['uid'],
		'n'      => (int) $row['id'],
		'topic'  => (string) $row['topic'],
		'at'     => rfc3339( (string) $row['happened_at'] ),
		'origin' => 'store',
	);
	if ( 'stock.changed' === $row['topic'] ) {
		$event['data'] = movement_of( $row );
	} else {
		$event['data'] = json_decode( (string) $row['data'], true );
		if ( 'tillbridge' === $row['cause'] ) {
			$event['origin'] = 'tillbridge';
		}
	}
	return $event;
}

/**
 * What a stock event says.
 *
 * @param array<string,mixed> $row A row.
 * @return array<string,mixed>
 */
function movement_of( array $row ): array {
	$cause = array( 'type' => (string) $row['cause'] );
	foreach ( array( 'order_id', 'line_id' ) as $field ) {
		if ( null !== $row[ $field ] ) {
			$cause[ $field ] = (int) $row[ $field ];
		}
	}
	return array(
		'product_id' => (int) $row['object_id'],
		'sku'        => (string) ( $row['sku'] ?? '' ),
		'before'     => null === $row['before_level'] ? null : (string) $row['before_level'],
		'delta'      => (string) $row['delta'],
		'path'       => (string) $row['path'],
		'cause'      => $cause,
	);
}

/**
 * A page of events as the daemon's listener takes it.
 *
 * @param array<string,mixed>            $shop   site, plugin, address, counter, incarnation.
 * @param array<int,array<string,mixed>> $events The events.
 * @return array<string,mixed>
 */
function page_of( array $shop, array $events ): array {
	return $shop + array( 'events' => $events );
}

/**
 * A moment of the database (UTC) as RFC 3339 with milliseconds.
 *
 * @param string $moment "2026-11-22 10:11:12.345678".
 */
function rfc3339( string $moment ): string {
	return str_replace( ' ', 'T', substr( $moment . '.000', 0, 23 ) ) . 'Z';
}
