<?php
/**
 * The functions of WP_CLI\Utils that the plugin uses, printing as WP-CLI does into a pipe.
 *
 * @package Tillbridge
 */

namespace WP_CLI\Utils {

	/**
	 * An option's value.
	 *
	 * @param array<string,mixed> $options  The options.
	 * @param string              $name     Its name.
	 * @param mixed               $fallback Where it is missing.
	 * @return mixed
	 */
	function get_flag_value( array $options, string $name, $fallback = null ) {
		return $options[ $name ] ?? $fallback;
	}

	/**
	 * A list in a format.
	 *
	 * @param string                         $format table, csv, yaml, count or json.
	 * @param array<int,array<string,mixed>> $items  The rows.
	 * @param string[]                       $fields The columns.
	 */
	function format_items( string $format, array $items, array $fields ): void {
		$rows = array();
		foreach ( $items as $item ) {
			$row = array();
			foreach ( $fields as $field ) {
				if ( ! array_key_exists( $field, $item ) ) {
					\WP_CLI::error( "Invalid field: {$field}." );
				}
				$row[ $field ] = $item[ $field ];
			}
			$rows[] = $row;
		}
		switch ( $format ) {
			case 'count':
				fwrite( STDOUT, (string) count( $rows ) );
				return;
			case 'json':
				fwrite( STDOUT, (string) json_encode( $rows ) );
				return;
			case 'yaml':
				fwrite( STDOUT, \WP_CLI\Double\yaml( $rows ) );
				return;
			case 'csv':
				foreach ( array_merge( array( $fields ), $rows ) as $row ) {
					fputcsv( STDOUT, $row );
				}
				return;
			case 'table':
				foreach ( array_merge( array( $fields ), $rows ) as $row ) {
					\WP_CLI::line( implode( "\t", $row ) );
				}
				return;
		}
		\WP_CLI::error( 'Invalid format: ' . $format );
	}

	/**
	 * A bar. WP-CLI draws none into a pipe; this one says on stderr how far it came.
	 *
	 * @param string $message What goes on.
	 * @param int    $count   How many steps there are.
	 */
	function make_progress_bar( string $message, int $count ): \WP_CLI\Double\Bar {
		return new \WP_CLI\Double\Bar( $message, $count );
	}
}

namespace WP_CLI\Double {

	/**
	 * Values as YAML: each scalar as JSON spells it, which is YAML too.
	 *
	 * @param mixed $value The value.
	 * @param int   $depth How deep it lies.
	 */
	function yaml( $value, int $depth = 0 ): string {
		if ( ! is_array( $value ) ) {
			return json_encode( $value, JSON_UNESCAPED_SLASHES ) . "\n";
		}
		if ( array() === $value ) {
			return "[]\n";
		}
		$text = 0 === $depth ? '' : "\n";
		foreach ( $value as $name => $item ) {
			$text .= str_repeat( '  ', $depth ) . ( is_int( $name ) ? '- ' : json_encode( $name ) . ': ' ) . yaml( $item, $depth + 1 );
		}
		return $text;
	}
}
