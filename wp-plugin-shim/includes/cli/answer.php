<?php
/**
 * What somebody else said, read without trusting that all of it is there. Pure.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

defined( 'ABSPATH' ) || exit;

/**
 * An answer of the daemon, which may be older or newer than this plugin. What is missing, or not of the kind that was
 * expected, reads as null.
 */
final class Answer {

	/**
	 * The answer as it came.
	 *
	 * @var array<int|string,mixed>
	 */
	private $said;

	/**
	 * Read this.
	 *
	 * @param array<int|string,mixed> $said The answer as it came.
	 */
	public function __construct( array $said ) {
		$this->said = $said;
	}

	/**
	 * All of it, for those who asked for JSON.
	 *
	 * @param array<int,string[]> $maps Where names stand for values; PHP cannot tell an empty one of these from a list.
	 * @return array<int|string,mixed>
	 */
	public function all( array $maps = array() ): array {
		$all = $this->said;
		foreach ( $maps as $path ) {
			if ( array() === $this->value( $path ) ) {
				$place = &$all;
				foreach ( $path as $name ) {
					$place = &$place[ $name ];
				}
				$place = new \stdClass();
				unset( $place );
			}
		}
		return $all;
	}

	/**
	 * A text or a number, as text.
	 *
	 * @param string ...$path Where it is.
	 */
	public function text( string ...$path ): ?string {
		$value = $this->value( $path );
		return is_string( $value ) || is_int( $value ) || is_float( $value ) ? (string) $value : null;
	}

	/**
	 * A number.
	 *
	 * @param string ...$path Where it is.
	 */
	public function number( string ...$path ): ?float {
		$value = $this->value( $path );
		return is_int( $value ) || is_float( $value ) || ( is_string( $value ) && is_numeric( $value ) ) ? (float) $value : null;
	}

	/**
	 * A whole number from zero.
	 *
	 * @param string ...$path Where it is.
	 */
	public function count( string ...$path ): ?int {
		$value = $this->number( ...$path );
		return null === $value || $value < 0 ? null : (int) $value;
	}

	/**
	 * Yes or no.
	 *
	 * @param string ...$path Where it is.
	 */
	public function flag( string ...$path ): ?bool {
		$value = $this->value( $path );
		return is_bool( $value ) ? $value : null;
	}

	/**
	 * A list of texts; null where there is no list.
	 *
	 * @param string ...$path Where it is.
	 * @return string[]|null
	 */
	public function texts( string ...$path ): ?array {
		$value = $this->value( $path );
		return is_array( $value ) ? array_map( 'strval', array_values( array_filter( $value, 'is_scalar' ) ) ) : null;
	}

	/**
	 * Named words, as they came; null where there are none to speak of.
	 *
	 * @param string ...$path Where they are.
	 * @return array<int|string,mixed>|null
	 */
	public function named( string ...$path ): ?array {
		$value = $this->value( $path );
		return is_array( $value ) ? $value : null;
	}

	/**
	 * A list of records, each to be read like an answer; null where there is no list.
	 *
	 * @param string ...$path Where it is.
	 * @return self[]|null
	 */
	public function records( string ...$path ): ?array {
		$value = $this->value( $path );
		if ( ! is_array( $value ) ) {
			return null;
		}
		$records = array();
		foreach ( array_filter( $value, 'is_array' ) as $record ) {
			$records[] = new self( $record );
		}
		return $records;
	}

	/**
	 * Whatever is at that place.
	 *
	 * @param string[] $path Where it is.
	 * @return mixed
	 */
	private function value( array $path ) {
		$value = $this->said;
		foreach ( $path as $name ) {
			if ( ! is_array( $value ) || ! isset( $value[ $name ] ) ) {
				return null;
			}
			$value = $value[ $name ];
		}
		return $value;
	}
}
