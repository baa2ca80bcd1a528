<?php
/**
 * One command: a method and what its docblock promises.
 *
 * @package Tillbridge
 */

namespace WP_CLI\Double;

/**
 * Checks what was typed against the docblock, then calls the method.
 */
final class Command {

	/**
	 * Its full name.
	 *
	 * @var string
	 */
	private $name;

	/**
	 * The method.
	 *
	 * @var \ReflectionMethod
	 */
	private $method;

	/**
	 * Whose method it is.
	 *
	 * @var object
	 */
	private $owner;

	/**
	 * A command.
	 *
	 * @param string            $name   Its full name.
	 * @param \ReflectionMethod $method The method.
	 * @param object            $owner  Whose method it is.
	 */
	public function __construct( string $name, \ReflectionMethod $method, object $owner ) {
		$this->name   = $name;
		$this->method = $method;
		$this->owner  = $owner;
	}

	/**
	 * The last word of a method's command: its tag @subcommand, else its own name.
	 *
	 * @param \ReflectionMethod $method The method.
	 */
	public static function name_of( \ReflectionMethod $method ): string {
		return preg_match( '/@subcommand\s+([a-z_-]+)/', (string) $method->getDocComment(), $found ) ? $found[1] : $method->getName();
	}

	/**
	 * A command as `wp cli cmd-dump` tells it.
	 *
	 * @param self $command The command.
	 * @return array<string,mixed>
	 */
	public static function described( self $command ): array {
		$docblock = (string) $command->method->getDocComment();
		preg_match( '/^\/\*\*\s+\* (.+)$/m', $docblock, $first );
		return array(
			'name'        => $command->name,
			'description' => $first[1] ?? '',
			'examples'    => substr_count( $docblock, '$ wp tillbridge ' ),
			'arguments'   => $command->synopsis()->arguments(),
			'strange'     => $command->synopsis()->strange,
		);
	}

	/**
	 * What its docblock promises.
	 */
	public function synopsis(): Synopsis {
		return new Synopsis( (string) $this->method->getDocComment() );
	}

	/**
	 * Run it, or refuse as WP-CLI does.
	 *
	 * @param string[]            $words   Positional arguments.
	 * @param array<string,mixed> $options Options.
	 */
	public function run( array $words, array $options ): void {
		$synopsis = $this->synopsis();
		if ( ! $synopsis->is_empty() ) {
			$positionals = $synopsis->of_kind( Synopsis::POSITIONAL );
			$needed      = array_filter( $positionals, array( Synopsis::class, 'is_needed' ) );
			if ( count( $words ) < count( $needed ) ) {
				\WP_CLI::line( 'usage: wp ' . $this->name );
				\WP_CLI::halt( 1 );
			}
			if ( count( $words ) > count( $positionals ) ) {
				\WP_CLI::error( 'Too many positional arguments: ' . implode( ' ', array_slice( $words, count( $positionals ) ) ) );
			}
			$words   = self::positional( $positionals, $words );
			$options = self::named( $synopsis, $options );
		}
		\WP_CLI::do_hook( 'before_invoke:' . substr( $this->name, 0, (int) strrpos( $this->name, ' ' ) ) );
		$this->method->invoke( $this->owner, $words, $options );
	}

	/**
	 * Positional arguments with their defaults.
	 *
	 * @param array<int,array<string,mixed>> $promised What the docblock promises.
	 * @param string[]                       $words    What was typed.
	 * @return string[]
	 */
	private static function positional( array $promised, array $words ): array {
		foreach ( $promised as $at => $one ) {
			if ( ! isset( $words[ $at ] ) && null !== $one['default'] ) {
				$words[ $at ] = $one['default'];
			}
			if ( isset( $words[ $at ] ) && array() !== $one['options'] && ! in_array( $words[ $at ], $one['options'], true ) ) {
				\WP_CLI::error( 'Invalid value specified for positional arg.' );
			}
		}
		return $words;
	}

	/**
	 * Options with their defaults.
	 *
	 * @param Synopsis            $synopsis What the docblock promises.
	 * @param array<string,mixed> $options  What was typed.
	 * @return array<string,mixed>
	 */
	private static function named( Synopsis $synopsis, array $options ): array {
		$wrong = array();
		$known = array_column( $synopsis->of_kind( Synopsis::FLAG ), 'name' );
		foreach ( $synopsis->of_kind( Synopsis::OPTION ) as $one ) {
			$known[] = $one['name'];
			$given   = $options[ $one['name'] ] ?? $one['default'];
			if ( null === $given ) {
				$wrong = array_merge( $wrong, Synopsis::is_needed( $one ) ? array( "missing --{$one['name']} parameter" ) : array() );
				continue;
			}
			$options[ $one['name'] ] = $given;
			if ( true === $given && Synopsis::is_needed( $one ) ) {
				$wrong[] = "--{$one['name']} parameter needs a value";
			} elseif ( true === $given ) {
				\WP_CLI::warning( "--{$one['name']} parameter needs a value" );
				unset( $options[ $one['name'] ] );
			} elseif ( array() !== $one['options'] && ! in_array( $given, $one['options'], true ) ) {
				$wrong[] = "Invalid value specified for '{$one['name']}'";
			}
		}
		foreach ( array_diff( array_keys( $options ), $known ) as $stray ) {
			$wrong[] = "unknown --{$stray} parameter";
		}
		if ( array() !== $wrong ) {
			\WP_CLI::error( "Parameter errors:\n " . implode( "\n ", $wrong ) );
		}
		return $options;
	}
}
