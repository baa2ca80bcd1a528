<?php
/**
 * Reads what the daemon asks for: orders and refunds to be made, complete and adding up, or a word on what is wrong.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * A body of a request as a draft. Everything is checked before anything is made.
 */
final class Drafts {

	private const KEY      = '/^[0-9a-f]{32}\z/';
	private const AMOUNT   = '/^-?[0-9]{1,12}(\.[0-9]{1,6})?\z/';
	private const QUANTITY = '/^[0-9]{1,12}(\.[0-9]{1,6})?\z/';
	private const ADDRESS  = array( 'first_name', 'last_name', 'company', 'address_1', 'address_2', 'city', 'state', 'postcode', 'country', 'email', 'phone' );
	private const KINDS    = array( 'item', 'shipping', 'fee' );

	/**
	 * The most lines of a draft.
	 */
	private const MOST_LINES = 500;

	/**
	 * An order to be.
	 *
	 * @param array<int|string,mixed> $body The request's body.
	 * @return array<string,mixed>
	 * @throws \InvalidArgumentException With the field that is wrong.
	 */
	public static function order( array $body ): array {
		$draft  = self::head( $body, 'total' );
		$status = self::text( $body, 'status' );
		self::demand( isset( wc_get_order_statuses()[ 'wc-' . $status ] ), 'status', 'a status of this shop' );
		$draft += array(
			'status'       => $status,
			'paid'         => isset( $body['paid'] ) ? self::time( $body, 'paid' ) : null,
			'currency'     => self::text( $body, 'currency' ),
			'method'       => self::text( $body, 'method' ),
			'method_title' => self::text( $body, 'method_title' ),
			'customer_id'  => self::whole( $body, 'customer_id', 0 ),
			'billing'      => self::address( $body, 'billing' ),
			'shipping'     => self::address( $body, 'shipping' ),
			'note'         => self::text( $body, 'note' ),
			'payments'     => array_map( array( self::class, 'payment' ), self::rows( $body, 'payments' ) ),
			'lines'        => array_map( array( self::class, 'line' ), self::rows( $body, 'lines' ) ),
		);
		self::demand( 1 === preg_match( '/^[A-Z]{3}\z/', $draft['currency'] ), 'currency', 'three letters' );
		self::demand( array() !== $draft['lines'], 'lines', 'at least one: an order is never empty' );
		self::demand( self::is_sum( $draft['total'], $draft['lines'] ), 'total', 'the sum of the lines and their taxes' );
		return $draft;
	}

	/**
	 * A refund to be.
	 *
	 * @param array<int|string,mixed> $body The request's body.
	 * @return array<string,mixed>
	 * @throws \InvalidArgumentException With the field that is wrong.
	 */
	public static function refund( array $body ): array {
		$draft = self::head( $body, 'amount' ) + array(
			'order_id' => self::whole( $body, 'order_id', 1 ),
			'reason'   => self::text( $body, 'reason' ),
			'lines'    => array_map( array( self::class, 'returned' ), self::rows( $body, 'lines' ) ),
		);
		self::demand( (float) $draft['amount'] >= 0, 'amount', 'an amount of at least 0' );
		return $draft;
	}

	/**
	 * What an order and a refund have in common.
	 *
	 * @param array<int|string,mixed> $body The request's body.
	 * @param string                  $sum  The name of its sum.
	 * @return array<string,mixed>
	 */
	private static function head( array $body, string $sum ): array {
		$key = self::text( $body, 'key' );
		self::demand( 1 === preg_match( self::KEY, $key ), 'key', '32 hex digits' );
		$document = self::text( $body, 'document' );
		self::demand( '' !== $document, 'document', "the POS's name of it" );
		return array(
			'key'      => $key,
			'document' => $document,
			'at'       => self::time( $body, 'at' ),
			'mail'     => true === ( $body['mail'] ?? false ),
			$sum       => self::amount( $body, $sum ),
		);
	}

	/**
	 * A line of an order.
	 *
	 * @param array<int|string,mixed> $row As it came.
	 * @return array<string,mixed>
	 */
	private static function line( array $row ): array {
		$line = array(
			'line'       => self::text( $row, 'line' ),
			'kind'       => self::text( $row, 'kind' ),
			'product_id' => self::whole( $row, 'product_id', 0 ),
			'name'       => self::text( $row, 'name' ),
			'quantity'   => self::quantity( $row, 'quantity' ),
			'net'        => self::amount( $row, 'net' ),
			'tax_class'  => self::text( $row, 'tax_class' ),
			'method'     => self::text( $row, 'method' ),
			'held'       => self::quantity( $row, 'held' ),
			'taxes'      => self::taxes( $row ),
		);
		self::demand( in_array( $line['kind'], self::KINDS, true ), 'kind', implode( ', ', self::KINDS ) );
		self::demand( '' !== $line['line'] && '' !== $line['name'], 'line and name', 'texts that say something' );
		return $line;
	}

	/**
	 * A line of a refund.
	 *
	 * @param array<int|string,mixed> $row As it came.
	 * @return array<string,mixed>
	 */
	private static function returned( array $row ): array {
		return array(
			'line_id'   => self::whole( $row, 'line_id', 1 ),
			'quantity'  => self::quantity( $row, 'quantity' ),
			'net'       => self::amount( $row, 'net' ),
			'taxes'     => self::taxes( $row ),
			'restocked' => self::quantity( $row, 'restocked' ),
		);
	}

	/**
	 * A part of the payment.
	 *
	 * @param array<int|string,mixed> $row As it came.
	 * @return array{method:string,amount:string}
	 */
	private static function payment( array $row ): array {
		return array(
			'method' => self::text( $row, 'method' ),
			'amount' => self::amount( $row, 'amount' ),
		);
	}

	/**
	 * The taxes of a line, each of a rate that this shop has.
	 *
	 * @param array<int|string,mixed> $row The line.
	 * @return array<int,string> Amounts by rate.
	 */
	private static function taxes( array $row ): array {
		$taxes = array();
		foreach ( self::rows( $row, 'taxes' ) as $tax ) {
			$rate = self::whole( $tax, 'rate_id', 1 );
			self::demand( (bool) \WC_Tax::_get_tax_rate( $rate ), 'rate_id', 'a tax rate of this shop' );
			$taxes[ $rate ] = self::amount( $tax, 'amount' );
		}
		return $taxes;
	}

	/**
	 * Whether lines and taxes come to the total.
	 *
	 * @param string                         $total The total.
	 * @param array<int,array<string,mixed>> $lines The lines.
	 */
	private static function is_sum( string $total, array $lines ): bool {
		$sum = 0.0;
		foreach ( $lines as $line ) {
			$sum += (float) $line['net'] + array_sum( array_map( 'floatval', $line['taxes'] ) );
		}
		return abs( $sum - (float) $total ) < 0.000001;
	}

	/**
	 * A list of objects.
	 *
	 * @param array<int|string,mixed> $from Where it is.
	 * @param string                  $name Its name.
	 * @return array<int,array<int|string,mixed>>
	 */
	private static function rows( array $from, string $name ): array {
		$rows = $from[ $name ] ?? null;
		self::demand( is_list_of( $rows, 'is_array' ) && count( $rows ) <= self::MOST_LINES, $name, 'a list of objects, at most ' . self::MOST_LINES );
		return $rows;
	}

	/**
	 * An address.
	 *
	 * @param array<int|string,mixed> $from Where it is.
	 * @param string                  $name Its name.
	 * @return array<string,string>
	 */
	private static function address( array $from, string $name ): array {
		self::demand( is_array( $from[ $name ] ?? null ), $name, 'an object' );
		$address = array();
		foreach ( self::ADDRESS as $part ) {
			$address[ $part ] = self::text( $from[ $name ], $part );
		}
		return $address;
	}

	/**
	 * A text without tags; "" where it is missing.
	 *
	 * @param array<int|string,mixed> $from Where it is.
	 * @param string                  $name Its name.
	 */
	private static function text( array $from, string $name ): string {
		$text = $from[ $name ] ?? '';
		self::demand( is_string( $text ), $name, 'a text' );
		return sanitize_text_field( $text );
	}

	/**
	 * A whole number.
	 *
	 * @param array<int|string,mixed> $from  Where it is.
	 * @param string                  $name  Its name.
	 * @param int                     $least The least allowed.
	 */
	private static function whole( array $from, string $name, int $least ): int {
		self::demand( is_int( $from[ $name ] ?? null ) && $from[ $name ] >= $least, $name, 'a whole number from ' . $least );
		return $from[ $name ];
	}

	/**
	 * An amount of money.
	 *
	 * @param array<int|string,mixed> $from Where it is.
	 * @param string                  $name Its name.
	 */
	private static function amount( array $from, string $name ): string {
		return self::fitting( $from, $name, self::AMOUNT, 'an amount such as "12.50"' );
	}

	/**
	 * A quantity.
	 *
	 * @param array<int|string,mixed> $from Where it is.
	 * @param string                  $name Its name.
	 */
	private static function quantity( array $from, string $name ): string {
		return self::fitting( $from, $name, self::QUANTITY, 'a quantity such as "2"' );
	}

	/**
	 * A time, in seconds since 1970.
	 *
	 * @param array<int|string,mixed> $from Where it is.
	 * @param string                  $name Its name.
	 */
	private static function time( array $from, string $name ): int {
		return (int) strtotime( self::fitting( $from, $name, '/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\z/', 'a time such as "2026-11-28T10:00:00Z"' ) );
	}

	/**
	 * A text of a certain shape.
	 *
	 * @param array<int|string,mixed> $from   Where it is.
	 * @param string                  $name   Its name.
	 * @param string                  $shape  The shape.
	 * @param string                  $wanted What it is called.
	 */
	private static function fitting( array $from, string $name, string $shape, string $wanted ): string {
		$text = $from[ $name ] ?? null;
		self::demand( is_string( $text ) && 1 === preg_match( $shape, $text ), $name, $wanted );
		return $text;
	}

	/**
	 * Refuse what is not as it must be.
	 *
	 * @param bool   $holds  Whether it is.
	 * @param string $name   The field.
	 * @param string $wanted What was expected there.
	 * @throws \InvalidArgumentException Where it is not.
	 */
	private static function demand( bool $holds, string $name, string $wanted ): void {
		if ( ! $holds ) {
			throw new \InvalidArgumentException( "{$name}: expected {$wanted}." ); // phpcs:ignore WordPress.Security.EscapeOutput -- told in JSON.
		}
	}
}
