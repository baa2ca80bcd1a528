<?php
/**
 * The command `wp tillbridge why`.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

defined( 'ABSPATH' ) || exit;

/**
 * Explains numbers.
 */
final class Why_Command {

	/**
	 * The parts of an explanation of a product: their titles and columns.
	 */
	private const PARTS = array(
		'accounts'  => array( 'What each side has, as far as is known', array( 'side', 'outlet', 'opening', 'born', 'written', 'known', 'under_way' ) ),
		'formulas'  => array( 'What each side should have', array( 'name', 'figures', 'result', 'words' ) ),
		'targets'   => array( 'What follows', array( 'side', 'target', 'known', 'next_write', 'words' ) ),
		'orders'    => array( 'Orders that hold some of it', array( 'order', 'line', 'status', 'admitted', 'gone', 'position', 'booked' ) ),
		'entries'   => array( 'The journal', array( 'side', 'outlet', 'at', 'amount', 'sum', 'cause', 'document', 'run', 'words' ) ),
		'rulings'   => array( 'What a person or an undo moved', array( 'at', 'run', 'kind', 'document', 'changes', 'words' ) ),
		'sightings' => array( 'Differences that were seen, and not acted on yet', array( 'side', 'outlet', 'level', 'difference', 'since' ) ),
		'alerts'    => array( 'What you were told', array( 'since', 'kind', 'amount', 'words' ) ),
	);

	/**
	 * The same of an order.
	 */
	private const PARTS_OF_ORDER = array(
		'lines'   => array( 'Its lines', array( 'sku', 'line', 'position', 'booked' ) ),
		'entries' => array( 'What moved for it', array( 'sku', 'side', 'at', 'amount', 'cause', 'line', 'words' ) ),
	);

	/**
	 * What the till has of an order.
	 */
	private const PARTS_OF_DOCUMENTS = array(
		'lines' => array( 'What the till has of it', array( 'line', 'item', 'quantity', 'net', 'tax', 'stock', 'name' ) ),
	);

	/**
	 * Where values may be nothing, and not unknown.
	 */
	private const MAY_BE_EMPTY = array( 'at', 'run' );

	/**
	 * Explains where every number of a product comes from, or what an order holds.
	 *
	 * ## OPTIONS
	 *
	 * <what>
	 * : A SKU, or the number of an order.
	 *
	 * [--lines=<number>]
	 * : At most so many lines of the journal for each side, from 1 to 1000.
	 * ---
	 * default: 50
	 * ---
	 *
	 * [--format=<format>]
	 * : How to print it.
	 * ---
	 * default: table
	 * options:
	 *   - table
	 *   - json
	 *   - yaml
	 * ---
	 *
	 * ## EXAMPLES
	 *
	 *     $ wp tillbridge why CUP-BLUE
	 *
	 *     $ wp tillbridge why 9001
	 *
	 * @param string[]            $words   The SKU or the number.
	 * @param array<string,mixed> $options The options.
	 */
	public function __invoke( array $words, array $options ): void {
		$asked  = array(
			'what'  => trim( $words[0] ),
			'lines' => (string) whole_number( $options['lines'] ?? '50', 1000 ),
		);
		$answer = Call::get( '/v1/control/why', $asked );
		$links  = $answer->records( 'links' ) ?? array();
		if ( Output::is_for_people( $options ) ) {
			self::tell( $options, $answer, $links );
		} else {
			Output::record( $options, array(), $answer->all() );
		}
		if ( array() === $links && null === $answer->named( 'order' ) ) {
			Output::remark( 'The daemon does not say anything of it.' );
			Ending::with( Ending::FOUND );
		}
		foreach ( $links as $link ) {
			if ( true !== $link->flag( 'explained' ) ) {
				Output::remark( 'The journal does not add up to what is known: this is a defect of Tillbridge, please report it.' );
				Ending::with( Ending::FOUND );
			}
		}
	}

	/**
	 * Tell it to a person.
	 *
	 * @param array<string,mixed> $options The options.
	 * @param Answer              $answer  What the daemon says.
	 * @param Answer[]            $links   The products in it.
	 */
	private static function tell( array $options, Answer $answer, array $links ): void {
		foreach ( $links as $link ) {
			Output::say( $options, ( $link->text( 'sku' ) ?? UNKNOWN ) . ': product ' . ( $link->text( 'store_ref' ) ?? UNKNOWN ) . ' of the shop, item ' . ( $link->text( 'pos_ref' ) ?? UNKNOWN ) . ' of the till' );
			self::parts( $options, $link, array(), self::PARTS );
		}
		if ( null !== $answer->named( 'order' ) ) {
			Output::say( $options, ( $answer->text( 'order', 'order' ) ?? UNKNOWN ) . ': ' . ( $answer->text( 'order', 'words' ) ?? UNKNOWN ) );
			if ( null !== $answer->named( 'order', 'documents' ) ) {
				Output::say( $options, 'Documents: ' . ( $answer->text( 'order', 'documents', 'words' ) ?? UNKNOWN ) );
				self::parts( $options, $answer, array( 'order', 'documents' ), self::PARTS_OF_DOCUMENTS );
			}
			self::parts( $options, $answer, array( 'order' ), self::PARTS_OF_ORDER );
		}
	}

	/**
	 * The tables of one thing; what has no rows is left out.
	 *
	 * @param array<string,mixed>                      $options The options.
	 * @param Answer                                   $answer  What is said of it.
	 * @param string[]                                 $place   Where it is in there.
	 * @param array<string,array{0:string,1:string[]}> $parts   Titles and columns by name.
	 */
	private static function parts( array $options, Answer $answer, array $place, array $parts ): void {
		foreach ( $parts as $name => list( $title, $columns ) ) {
			$path   = array_merge( $place, array( $name ) );
			$record = $answer->records( ...$path );
			if ( array() === ( $record ?? array() ) ) {
				continue;
			}
			\WP_CLI::log( '' );
			Output::say( $options, $title . ':' );
			$rows = texts_of( $record, $columns );
			foreach ( $rows as &$row ) {
				foreach ( self::MAY_BE_EMPTY as $column ) {
					if ( array_key_exists( $column, $row ) ) {
						$row[ $column ] = $row[ $column ] ?? '';
					}
				}
			}
			unset( $row );
			Output::rows( $options, $rows, $columns );
		}
	}
}
