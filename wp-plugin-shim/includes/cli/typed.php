<?php
/**
 * Reads what a person typed.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

defined( 'ABSPATH' ) || exit;

/**
 * A whole number from 1, as it was typed. Anything else ends the command.
 *
 * @param mixed $typed As it was typed.
 * @param int   $most  The most allowed.
 */
function whole_number( $typed, int $most ): int {
	if ( 1 !== preg_match( '/^[1-9][0-9]{0,17}\z/', (string) $typed ) || (int) $typed > $most ) {
		$bound = PHP_INT_MAX === $most ? '' : ' to ' . $most;
		Ending::wrong_use( 'Found ' . ( is_scalar( $typed ) ? '"' . $typed . '"' : 'nothing' ) . ', allowed is a whole number from 1' . $bound . '.' );
	}
	return (int) $typed;
}
