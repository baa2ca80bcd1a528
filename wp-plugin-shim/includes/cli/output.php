<?php
/**
 * Puts what was found on the screen, in the form that was asked for.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

defined( 'ABSPATH' ) || exit;

/**
 * Tables are for people: what is unknown says so, and nothing steers the terminal. JSON is for programs: values as they
 * came, unknown as null, everything but ASCII escaped by JSON itself.
 */
final class Output {

	private const JSON = JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE | JSON_PARTIAL_OUTPUT_ON_ERROR;

	/**
	 * A list.
	 *
	 * @param array<string,mixed>            $options The command's options.
	 * @param array<int,array<string,mixed>> $rows    The rows.
	 * @param string[]                       $fields  The columns.
	 */
	public static function rows( array $options, array $rows, array $fields ): void {
		$format = self::format( $options );
		if ( 'json' === $format ) {
			self::json( $rows );
			return;
		}
		$shown = array();
		foreach ( $rows as $row ) {
			$line = array();
			foreach ( $fields as $field ) {
				$line[ $field ] = self::cell( $format, $row[ $field ] ?? null );
			}
			$shown[] = $line;
		}
		\WP_CLI\Utils\format_items( $format, $shown, $fields );
	}

	/**
	 * One thing: its fields one below the other; for programs as an object.
	 *
	 * @param array<string,mixed> $options The command's options.
	 * @param array<string,mixed> $fields  What a person reads, by name.
	 * @param array<string,mixed> $all     What a program reads.
	 */
	public static function record( array $options, array $fields, array $all ): void {
		$format = self::format( $options );
		if ( 'json' === $format ) {
			self::json( $all );
			return;
		}
		if ( 'yaml' === $format ) {
			\WP_CLI::print_value( self::cell( $format, $all ), array( 'format' => 'yaml' ) );
			return;
		}
		$rows = array();
		foreach ( $fields as $field => $value ) {
			$rows[] = compact( 'field', 'value' );
		}
		self::rows( $options, $rows, array( 'field', 'value' ) );
	}

	/**
	 * Whether a person reads it.
	 *
	 * @param array<string,mixed> $options The command's options.
	 */
	public static function is_for_people( array $options ): bool {
		return 'table' === self::format( $options );
	}

	/**
	 * A sentence, for people only.
	 *
	 * @param array<string,mixed> $options  The command's options.
	 * @param string              $sentence The sentence; each of its lines is made harmless.
	 */
	public static function say( array $options, string $sentence ): void {
		if ( self::is_for_people( $options ) ) {
			\WP_CLI::log( printable( $sentence ) );
		}
	}

	/**
	 * A remark beside the output proper (on stderr), so that it spoils no JSON.
	 *
	 * @param string $sentence The sentence.
	 */
	public static function remark( string $sentence ): void {
		\WP_CLI::warning( printable( $sentence ) );
	}

	/**
	 * One line of JSON.
	 *
	 * @param array<int|string,mixed> $value What to print.
	 */
	private static function json( array $value ): void {
		\WP_CLI::line( (string) wp_json_encode( $value, self::JSON ) );
	}

	/**
	 * A value as this format shows it.
	 *
	 * @param string $format The format.
	 * @param mixed  $value  The value.
	 * @return mixed
	 */
	private static function cell( string $format, $value ) {
		if ( 'yaml' !== $format ) {
			return word( $value );
		}
		if ( is_array( $value ) || is_object( $value ) ) {
			$cells = array();
			foreach ( (array) $value as $name => $item ) {
				$cells[ is_string( $name ) ? printable( $name ) : $name ] = self::cell( $format, $item );
			}
			return $cells;
		}
		return is_string( $value ) ? printable( $value ) : $value;
	}

	/**
	 * The format that was asked for.
	 *
	 * @param array<string,mixed> $options The command's options.
	 */
	private static function format( array $options ): string {
		return (string) \WP_CLI\Utils\get_flag_value( $options, 'format', 'table' );
	}
}
