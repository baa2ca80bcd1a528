<?php
/**
 * The command `wp tillbridge resync`.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

defined( 'ABSPATH' ) || exit;

/**
 * One product on both sides, or one order, now.
 */
final class Resync_Command {

	private const FIELDS = array( 'side', 'outlet', 'ref', 'level', 'known', 'difference', 'waiting', 'note' );
	private const LINES  = array( 'line', 'sku', 'ref', 'holds', 'known', 'difference', 'note' );

	/**
	 * Reads both sides of one product now, or the lines of an order, and says whether they are in step.
	 *
	 * "known" is the level by Tillbridge's books, "difference" what a side has beyond that, "waiting" the changes on their
	 * way to it. Of an order, "holds" is what the shop says that a line has taken.
	 *
	 * ## OPTIONS
	 *
	 * <what>
	 * : The product's SKU, or the number of an order.
	 *
	 * [--format=<format>]
	 * : How to print it. With json, the daemon's whole answer.
	 * ---
	 * default: table
	 * options:
	 *   - table
	 *   - json
	 *   - csv
	 *   - yaml
	 *   - count
	 * ---
	 *
	 * ## EXAMPLES
	 *
	 *     $ wp tillbridge resync CUP-BLUE
	 *
	 *     $ wp tillbridge resync 9001
	 *
	 * @param string[]            $words   The SKU or the number.
	 * @param array<string,mixed> $options The options.
	 */
	public function __invoke( array $words, array $options ): void {
		$sku = trim( $words[0] );
		if ( '' === $sku ) {
			Ending::wrong_use( 'A product is named by its SKU; products without one are held out of the sync.' );
		}
		$answer = Call::post( '/v1/control/resync', array( 'what' => $sku ) );
		$sides  = $answer->records( 'rows' );
		if ( 'json' === ( $options['format'] ?? '' ) ) {
			Output::record( $options, array(), $answer->all() );
		} elseif ( null !== $answer->named( 'order' ) ) {
			Output::say( $options, 'Order ' . ( $answer->text( 'order', 'order' ) ?? UNKNOWN ) . ': ' . ( $answer->text( 'order', 'words' ) ?? UNKNOWN ) . '.' );
			Output::rows( $options, texts_of( $answer->records( 'order', 'lines' ), self::LINES ), self::LINES );
		} else {
			$rows = array();
			foreach ( $sides ?? array() as $side ) {
				$row = array();
				foreach ( self::FIELDS as $field ) {
					$row[ $field ] = $side->text( $field );
				}
				$row['outlet'] = $row['outlet'] ?? '';
				$row['note']   = $row['note'] ?? '';
				$rows[]        = $row;
			}
			Output::rows( $options, $rows, self::FIELDS );
		}
		$is_in_step = $answer->flag( 'in_step' );
		$words_for  = null === $is_in_step ? 'The daemon does not say whether both sides are in step.' : ( $is_in_step ? 'Both sides are in step.' : 'The sides are not in step.' );
		Output::say( $options, $words_for );
		Ending::with( true === $is_in_step ? Ending::WELL : Ending::FOUND );
	}
}
