<?php
/**
 * What a docblock in WP-CLI's format promises of a command's arguments.
 *
 * @package Tillbridge
 */

namespace WP_CLI\Double;

/**
 * Reads the part under "## OPTIONS".
 */
final class Synopsis {

	public const POSITIONAL = 'positional';
	public const OPTION     = 'option';
	public const FLAG       = 'flag';

	/**
	 * Lines that name an argument, by kind.
	 */
	private const SHAPES = array(
		self::POSITIONAL => '/^(\[?)<([a-z-]+)>\]?\z/',
		self::OPTION     => '/^(\[?)--([a-z-]+)=<[a-z-]+>\]?\z/',
		self::FLAG       => '/^(\[)--([a-z-]+)\]\z/',
	);

	/**
	 * The arguments: kind, name, is_optional, about, default, options.
	 *
	 * @var array<int,array<string,mixed>>
	 */
	private $arguments = array();

	/**
	 * Lines of that part which are none of what WP-CLI knows.
	 *
	 * @var string[]
	 */
	public $strange = array();

	/**
	 * Read a docblock.
	 *
	 * @param string $docblock The docblock.
	 */
	public function __construct( string $docblock ) {
		$lines = array_map(
			static function ( string $line ): string {
				return (string) preg_replace( '/^\s*\* ?/', '', $line );
			},
			explode( "\n", $docblock )
		);
		$begin = array_search( '## OPTIONS', $lines, true );
		if ( false === $begin ) {
			return;
		}
		$is_aside = false;
		foreach ( array_slice( $lines, $begin + 1 ) as $line ) {
			if ( 0 === strpos( $line, '## ' ) || 0 === strpos( $line, '@' ) || '/' === $line ) {
				return;
			}
			if ( '---' === $line ) {
				$is_aside = ! $is_aside;
			} elseif ( '' !== $line ) {
				$is_aside ? $this->read_aside( $line ) : $this->read_line( $line );
			}
		}
	}

	/**
	 * Whether nothing is promised; then WP-CLI takes anything.
	 */
	public function is_empty(): bool {
		return array() === $this->arguments;
	}

	/**
	 * The arguments of a kind.
	 *
	 * @param string $kind One of the three.
	 * @return array<int,array<string,mixed>>
	 */
	public function of_kind( string $kind ): array {
		return array_values(
			array_filter(
				$this->arguments,
				static function ( array $one ) use ( $kind ): bool {
					return $kind === $one['kind'];
				}
			)
		);
	}

	/**
	 * All of them.
	 *
	 * @return array<int,array<string,mixed>>
	 */
	public function arguments(): array {
		return $this->arguments;
	}

	/**
	 * Whether it must be there.
	 *
	 * @param array<string,mixed> $argument The argument.
	 */
	public static function is_needed( array $argument ): bool {
		return ! $argument['is_optional'];
	}

	/**
	 * A line that names an argument, or describes the last one.
	 *
	 * @param string $line The line.
	 */
	private function read_line( string $line ): void {
		$last = count( $this->arguments ) - 1;
		if ( 0 === strpos( $line, ': ' ) && $last >= 0 ) {
			$this->arguments[ $last ]['about'] = substr( $line, 2 );
			return;
		}
		foreach ( self::SHAPES as $kind => $shape ) {
			if ( preg_match( $shape, $line, $found ) ) {
				$this->arguments[] = array(
					'kind'        => $kind,
					'name'        => $found[2],
					'is_optional' => '[' === $found[1],
					'about'       => '',
					'default'     => null,
					'options'     => array(),
				);
				return;
			}
		}
		$this->strange[] = $line;
	}

	/**
	 * A line between two `---`.
	 *
	 * @param string $line The line.
	 */
	private function read_aside( string $line ): void {
		$last = count( $this->arguments ) - 1;
		if ( preg_match( '/^default: (.+)\z/', $line, $found ) ) {
			$this->arguments[ $last ]['default'] = $found[1];
		} elseif ( preg_match( '/^  - (.+)\z/', $line, $found ) ) {
			$this->arguments[ $last ]['options'][] = $found[1];
		} elseif ( 'options:' !== $line ) {
			$this->strange[] = $line;
		}
	}
}
