<?php
/**
 * Reading what others told: the daemon's answers and what was stored, of which nothing is taken on trust.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * A whole number from zero, null where there is none.
 *
 * @param array<string,mixed> $from Where it is.
 * @param string              $name Its name.
 */
function count_in( array $from, string $name ): ?int {
	$value = $from[ $name ] ?? null;
	return is_numeric( $value ) && $value >= 0 ? (int) $value : null;
}

/**
 * A text, "" where there is none.
 *
 * @param array<string,mixed> $from Where it is.
 * @param string              $name Its name.
 */
function text_in( array $from, string $name ): string {
	$value = $from[ $name ] ?? '';
	return is_scalar( $value ) ? trim( (string) $value ) : '';
}

/**
 * A list of records; what is none is passed over.
 *
 * @param array<string,mixed> $from Where it is.
 * @param string              $name Its name.
 * @return array<int,array<string,mixed>>
 */
function records_in( array $from, string $name ): array {
	$value = $from[ $name ] ?? array();
	return is_array( $value ) ? array_values( array_filter( $value, 'is_array' ) ) : array();
}
