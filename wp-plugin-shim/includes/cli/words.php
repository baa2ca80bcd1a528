<?php
/**
 * How values read on a terminal. Pure.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

defined( 'ABSPATH' ) || exit;

/**
 * What is said of something that nobody knows: never a zero, never an empty field.
 */
const UNKNOWN = 'unknown';

/**
 * The text on one line, harmless to a terminal.
 *
 * SKUs and a till's words come from others: what could end a line, move the cursor, change colours or turn the reading
 * direction is spelled out.
 *
 * @param string $text Any text, also one that is no UTF-8.
 */
function printable( string $text ): string {
	if ( 1 !== preg_match( '//u', $text ) ) {
		$text = (string) preg_replace_callback( '/[\x80-\xff]/', __NAMESPACE__ . '\\spelled_byte', $text );
	}
	return (string) preg_replace_callback( '/[\p{C}\p{Zl}\p{Zp}]/u', __NAMESPACE__ . '\\spelled_character', $text );
}

/**
 * One byte, spelled out.
 *
 * @param string[] $found The byte.
 */
function spelled_byte( array $found ): string {
	return sprintf( '\x%02x', ord( $found[0] ) );
}

/**
 * One character, spelled out: \n, \x1b, \u202e.
 *
 * @param string[] $found The character.
 */
function spelled_character( array $found ): string {
	$short = array(
		"\n" => '\n',
		"\r" => '\r',
		"\t" => '\t',
	);
	if ( isset( $short[ $found[0] ] ) ) {
		return $short[ $found[0] ];
	}
	$json = trim( (string) wp_json_encode( $found[0] ), '"' ); // JSON knows every character by its number.
	return 1 === preg_match( '/^\\\\u00([0-9a-f]{2})\z/', $json, $number ) ? '\x' . $number[1] : ( $found[0] === $json ? spelled_byte( $found ) : $json );
}

/**
 * Any value as a word for a table.
 *
 * @param mixed $value The value; null where it is unknown.
 */
function word( $value ): string {
	if ( null === $value ) {
		return UNKNOWN;
	}
	if ( is_bool( $value ) ) {
		return $value ? 'yes' : 'no';
	}
	return printable( is_scalar( $value ) ? (string) $value : (string) wp_json_encode( $value ) );
}

/**
 * A stretch of time.
 *
 * @param int|float|null $seconds Its length.
 */
function stretch( $seconds ): string {
	if ( null === $seconds ) {
		return UNKNOWN;
	}
	foreach ( array(
		'days'  => DAY_IN_SECONDS,
		'hours' => HOUR_IN_SECONDS,
		'min'   => MINUTE_IN_SECONDS,
	) as $unit => $length ) {
		if ( $seconds >= 2 * $length ) {
			return floor( $seconds / $length ) . ' ' . $unit;
		}
	}
	return round( $seconds ) . ' s';
}

/**
 * A number with its noun.
 *
 * @param int    $number How many.
 * @param string $one    The noun for one.
 * @param string $many   The noun for none or several.
 */
function number_of( int $number, string $one, string $many ): string {
	return $number . ' ' . ( 1 === $number ? $one : $many );
}

/**
 * Records as rows of texts. What a record does not say is null; a record inside one is written as name and value.
 *
 * @param Answer[]|null $records The records; null where there are none.
 * @param string[]      $fields  Which of their fields.
 * @return array<int,array<string,mixed>>
 */
function texts_of( ?array $records, array $fields ): array {
	$rows = array();
	foreach ( $records ?? array() as $record ) {
		$row = array();
		foreach ( $fields as $field ) {
			$flag          = $record->flag( $field );
			$row[ $field ] = null === $flag ? $record->text( $field ) ?? named_words( $record->named( $field ) ) : word( $flag );
		}
		$rows[] = $row;
	}
	return $rows;
}

/**
 * Names with their values, in a row.
 *
 * @param array<int|string,mixed>|null $named The values by name; null where they are unknown.
 */
function named_words( ?array $named ): ?string {
	if ( null === $named ) {
		return null;
	}
	$words = array();
	foreach ( $named as $name => $value ) {
		$words[] = $name . ' ' . word( $value );
	}
	return implode( ', ', $words );
}
