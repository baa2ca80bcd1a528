<?php
/**
 * The command `wp tillbridge audit`.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

defined( 'ABSPATH' ) || exit;

/**
 * For the book-keeper.
 */
final class Audit_Command {

	private const SUM     = array( 'channel', 'what', 'store', 'pos', 'difference' );
	private const PAYMENT = array( 'channel', 'payment', 'store', 'pos', 'difference' );
	private const TAX     = array( 'channel', 'tax', 'what', 'store', 'pos', 'difference' );
	private const REFUND  = array( 'side', 'order', 'document', 'at', 'line', 'quantity', 'net', 'tax', 'gross', 'name' );
	private const ORDER   = array( 'kind', 'number', 'on_the_day', 'store', 'pos', 'store_at', 'pos_at', 'reason', 'words' );
	private const COLUMNS = array( 'part', 'channel', 'name', 'what', 'store', 'pos', 'difference', 'order', 'document', 'store_at', 'pos_at', 'reason', 'words' );
	private const MAPS    = array( array( 'totals', 'by_kind' ) );

	/**
	 * Seconds between two looks at an audit that is waited for.
	 */
	private const LOOKS_EVERY = 1;

	/**
	 * Compares what this shop and the till say of a day, and lists every order on which they differ.
	 *
	 * Sums by channel, payment and tax, what came back line by line, and the differences. The shop counts a sale on the
	 * day when the order was made and a refund on its own day, the till every document by its own date. Nothing is
	 * changed anywhere. Exit status 1 where there are differences, 3 where a side could not be read.
	 *
	 * ## OPTIONS
	 *
	 * [--day=<day>]
	 * : That day, as 2026-11-28, by this shop's calendar.
	 *
	 * [--from=<day>]
	 * : The first of several days.
	 *
	 * [--to=<day>]
	 * : The last of them.
	 *
	 * [--format=<format>]
	 * : How to print it. csv and yaml are one list of all, json the daemon's whole answer, count the differences.
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
	 *     $ wp tillbridge audit --day=2026-11-28
	 *
	 *     # November, for a spreadsheet.
	 *     $ wp tillbridge audit --from=2026-11-01 --to=2026-11-30 --format=csv
	 *
	 * @param string[]            $words   Not used.
	 * @param array<string,mixed> $options The options.
	 */
	public function __invoke( array $words, array $options ): void {
		$answer = self::waited_for( Call::post( '/v1/control/audit', self::days( $options ) ) );
		if ( 'done' !== $answer->text( 'state' ) ) {
			Output::remark( $answer->text( 'words' ) ?? 'The daemon does not say what became of it.' );
			Ending::with( Ending::UNREACHABLE );
		}
		$found  = $answer->count( 'totals', 'differences' );
		$format = (string) \WP_CLI\Utils\get_flag_value( $options, 'format', 'table' );
		if ( 'json' === $format ) {
			Output::record( $options, array(), $answer->all( self::MAPS ) );
		} elseif ( 'count' === $format ) {
			\WP_CLI::line( word( $found ) );
		} elseif ( 'table' === $format ) {
			self::tell( $options, $answer );
		} else {
			Output::rows( $options, self::as_rows( $answer ), self::COLUMNS );
		}
		Ending::with( 0 === $found ? Ending::WELL : Ending::FOUND );
	}

	/**
	 * Which days were asked for.
	 *
	 * @param array<string,mixed> $options The options.
	 * @return array<string,string>
	 */
	private static function days( array $options ): array {
		$asked = array_map( 'strval', array_intersect_key( $options, array_flip( array( 'day', 'from', 'to' ) ) ) );
		if ( isset( $asked['day'] ) === isset( $asked['from'] ) || ( isset( $asked['to'] ) && ! isset( $asked['from'] ) ) ) {
			Ending::wrong_use( 'Say which days: --day=DAY, or --from=DAY --to=DAY.' );
		}
		return array(
			'from' => $asked['day'] ?? $asked['from'],
			'to'   => $asked['to'] ?? '',
		);
	}

	/**
	 * The audit once it is over: both sides are read order by order, which may take minutes.
	 *
	 * @param Answer $answer What the daemon says at first.
	 */
	private static function waited_for( Answer $answer ): Answer {
		$number = $answer->count( 'audit' );
		if ( null === $number ) {
			Ending::because( \Tillbridge\refusal( 'stranger', 'The daemon answered without the audit that was asked for.', 502 ) );
		}
		while ( 'looking' === $answer->text( 'state' ) ) {
			sleep( self::LOOKS_EVERY );
			$answer = Call::get_slowly( '/v1/control/audit', array( 'id' => (string) $number ) );
		}
		return $answer;
	}

	/**
	 * Tell it to a person.
	 *
	 * @param array<string,mixed> $options The options.
	 * @param Answer              $answer  What the daemon says.
	 */
	private static function tell( array $options, Answer $answer ): void {
		$days = array_unique( array( $answer->text( 'from' ), $answer->text( 'to' ) ) );
		Output::say( $options, implode( ' to ', $days ) . ', ' . ( $answer->text( 'zone' ) ?? UNKNOWN ) . ': ' . ( $answer->text( 'words' ) ?? UNKNOWN ) );
		self::part( $options, 'Sums', texts_of( $answer->records( 'channels' ), self::SUM ), self::SUM );
		self::part( $options, 'By payment', texts_of( $answer->records( 'payments' ), self::PAYMENT ), self::PAYMENT );
		self::part( $options, 'By tax', texts_of( $answer->records( 'taxes' ), self::TAX ), self::TAX );
		self::part( $options, 'What came back', texts_of( $answer->records( 'refunds' ), self::REFUND ), self::REFUND );
		self::part( $options, 'Differences (store and pos: the order as a whole)', self::orders( $answer, 'differences' ), self::ORDER );
		self::part( $options, 'Not the same by choice, or on two days', self::orders( $answer, 'remarks' ), self::ORDER );
		$parts = array();
		foreach ( array( 'store', 'pos', 'difference', 'differences', 'by_policy', 'other_days' ) as $name ) {
			$parts[] = $name . ' ' . ( $answer->text( 'balance', $name ) ?? UNKNOWN );
		}
		Output::say( $options, 'Web orders: ' . implode( ', ', $parts ) );
	}

	/**
	 * One table; none where it has no rows.
	 *
	 * @param array<string,mixed>            $options The options.
	 * @param string                         $title   Its title.
	 * @param array<int,array<string,mixed>> $rows    Its rows.
	 * @param string[]                       $columns Its columns.
	 */
	private static function part( array $options, string $title, array $rows, array $columns ): void {
		if ( array() !== $rows ) {
			\WP_CLI::log( '' );
			Output::say( $options, $title . ':' );
			Output::rows( $options, $rows, $columns );
		}
	}

	/**
	 * Orders, each in one row.
	 *
	 * @param Answer $answer What the daemon says.
	 * @param string $part   Which of them.
	 * @return array<int,array<string,mixed>>
	 */
	private static function orders( Answer $answer, string $part ): array {
		$rows = array();
		foreach ( $answer->records( $part ) ?? array() as $one ) {
			list( $row ) = texts_of( array( $one ), self::ORDER );
			$gaps        = array_map( array( self::class, 'gap' ), $one->records( 'gaps' ) ?? array() );
			$rows[]      = array(
				'pos_at' => self::joined( $one, 'at' ),
				'words'  => implode( '; ', array_merge( array( (string) $row['words'] ), $gaps ) ),
			) + $row;
		}
		return $rows;
	}

	/**
	 * Where an order differs, in words.
	 *
	 * @param Answer $gap The difference.
	 */
	private static function gap( Answer $gap ): string {
		$name = trim( $gap->text( 'what' ) . ' ' . $gap->text( 'name' ) );
		return $name . ' ' . ( $gap->text( 'store' ) ?? UNKNOWN ) . '/' . ( $gap->text( 'pos' ) ?? UNKNOWN );
	}

	/**
	 * Something of each document of an order, in a row.
	 *
	 * @param Answer $order The order.
	 * @param string $field Their number, or their date.
	 */
	private static function joined( Answer $order, string $field ): string {
		return implode( ' ', array_column( texts_of( $order->records( 'documents' ), array( $field ) ), $field ) );
	}

	/**
	 * All of it as one list.
	 *
	 * @param Answer $answer What the daemon says.
	 * @return array<int,array<string,mixed>>
	 */
	private static function as_rows( Answer $answer ): array {
		$nothing = array_fill_keys( self::COLUMNS, '' );
		$rows    = array();
		foreach ( array(
			'channel' => array( 'channels', self::SUM ),
			'payment' => array( 'payments', self::PAYMENT ),
			'tax'     => array( 'taxes', self::TAX ),
		) as $part => list( $list, $columns ) ) {
			foreach ( texts_of( $answer->records( $list ), $columns ) as $row ) {
				$rows[] = array(
					'part' => $part,
					'name' => $row[ $part ],
				) + $row + array( 'what' => 'total' ) + $nothing;
			}
		}
		foreach ( texts_of( $answer->records( 'refunds' ), array_merge( self::REFUND, array( 'channel' ) ) ) as $row ) {
			foreach ( array( 'quantity', 'net', 'tax', 'gross' ) as $what ) {
				$rows[] = array(
					'part'               => 'refund',
					'what'               => $what,
					'words'              => 'line ' . $row['line'],
					$row['side'] . '_at' => $row['at'],
					$row['side']         => $row[ $what ],
				) + array_intersect_key( $row, $nothing ) + $nothing;
			}
		}
		foreach ( array( 'differences', 'remarks' ) as $part ) {
			foreach ( $answer->records( $part ) ?? array() as $order ) {
				$rows = array_merge( $rows, self::order_rows( $order, $nothing ) );
			}
		}
		return $rows;
	}

	/**
	 * An order: what it comes to, then each thing in which the sides differ.
	 *
	 * @param Answer              $order   The order.
	 * @param array<string,mixed> $nothing A row without anything in it.
	 * @return array<int,array<string,mixed>>
	 */
	private static function order_rows( Answer $order, array $nothing ): array {
		$about = array(
			'part'     => $order->text( 'kind' ),
			'order'    => $order->text( 'number' ),
			'document' => self::joined( $order, 'document' ),
			'store_at' => $order->text( 'store_at' ),
			'pos_at'   => self::joined( $order, 'at' ),
			'reason'   => $order->text( 'reason' ),
		);
		$rows  = array(
			array(
				'what'       => 'order',
				'store'      => $order->text( 'store' ),
				'pos'        => $order->text( 'pos' ),
				'difference' => $order->text( 'on_the_day' ),
				'words'      => $order->text( 'words' ),
			) + $about + $nothing,
		);
		foreach ( texts_of( $order->records( 'gaps' ), array( 'what', 'name', 'store', 'pos', 'difference' ) ) as $gap ) {
			$rows[] = $gap + $about + $nothing;
		}
		return $rows;
	}
}
