<?php
/**
 * How quantities are spelled: one plain decimal text for one amount, or nothing where the shop does not know.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

const QUANTITY_PLACES = 6;
const TOLD_PLACES     = 3;

/**
 * A quantity as WooCommerce stores it ("7", "7.000000", "9.799999999999999", "") as plain text ("7", "9.8"), or null:
 * unknown is never zero.
 *
 * @param mixed $stored What was read, or what is about to be written.
 */
function spell_quantity( $stored ): ?string {
	if ( ! is_scalar( $stored ) || is_bool( $stored ) || ! is_numeric( $stored ) || ! is_finite( (float) $stored ) ) {
		return null;
	}
	$text = number_format( (float) $stored, QUANTITY_PLACES, '.', '' );
	$text = rtrim( rtrim( $text, '0' ), '.' );
	return '-0' === $text ? '0' : $text;
}

/**
 * `$after - $before`, spelled.
 *
 * @param string $before A spelled quantity.
 * @param string $after  A spelled quantity.
 */
function quantity_between( string $before, string $after ): string {
	return (string) spell_quantity( (float) $after - (float) $before );
}

/**
 * By how much a level moved, as it is told: between both levels as the daemon keeps them, rounded to three places. So
 * what is told always adds up to the rounded level, also after a level that has more places (`8.3645` → `7`).
 *
 * @param string $before A spelled quantity.
 * @param string $after  A spelled quantity.
 */
function told_between( string $before, string $after ): string {
	return quantity_between( told_quantity( $before ), told_quantity( $after ) );
}

/**
 * A level as the daemon keeps it. It rounds a half to the even neighbour.
 *
 * @param string $spelled A spelled quantity.
 */
function told_quantity( string $spelled ): string {
	return (string) spell_quantity( round( (float) $spelled, TOLD_PLACES, PHP_ROUND_HALF_EVEN ) );
}

/**
 * The exact amount that one relative UPDATE of WooCommerce adds, read from its SQL; null where another plugin rewrote
 * the statement.
 *
 * The filter's own `$new_stock` is no use: it comes from a separate SELECT and is wrong as soon as two requests sell at
 * once.
 *
 * @param string $sql The statement that is about to run.
 */
function quantity_in_update( string $sql ): ?string {
	$shape = '/\bmeta_value\s*=\s*meta_value\s*([+-]\s*\d+(?:\.\d+)?)\s+WHERE\b/i';
	if ( 1 !== preg_match( $shape, $sql, $found ) ) {
		return null;
	}
	return spell_quantity( preg_replace( '/\s+/', '', $found[1] ) );
}
