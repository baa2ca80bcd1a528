<?php
/**
 * Small phrases that several parts of the page use.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * What is said wherever the shop answers at another address than the one it was connected at. That one is kept only as
 * a keyed hash, which no search-and-replace can rewrite, and which nobody can read back.
 *
 * @param string $address Where it answers now.
 */
function elsewhere_sentence( string $address ): string {
	/* translators: %s: the address of this shop, such as https://shop.example. */
	return sprintf( __( 'This shop answers at %s, but it was connected to the till at another address: has it moved, or is this a copy?', 'tillbridge' ), $address );
}

/**
 * A moment as a person says it: the time today, with the date before.
 *
 * @param int $at  Unix seconds.
 * @param int $now Unix seconds.
 */
function moment( int $at, int $now ): string {
	$time = (string) wp_date( (string) get_option( 'time_format', 'H:i' ), $at );
	if ( wp_date( 'Y-m-d', $at ) === wp_date( 'Y-m-d', $now ) ) {
		return $time;
	}
	return wp_date( (string) get_option( 'date_format', 'Y-m-d' ), $at ) . ', ' . $time;
}

/**
 * A number, or that it is unknown.
 *
 * @param int|null $number The number.
 */
function number_words( ?int $number ): string {
	return null === $number ? unknown() : number_format_i18n( $number );
}

/**
 * A version, or that it is unknown.
 *
 * @param string $version The version, "" where nobody said.
 */
function version_words( string $version ): string {
	/* translators: %s: a version such as 1.2.3, or the word "unknown". */
	return sprintf( __( 'version %s', 'tillbridge' ), '' === $version ? unknown() : $version );
}

/**
 * What stands in place of a figure that nobody knows.
 */
function unknown(): string {
	return __( 'unknown', 'tillbridge' );
}
