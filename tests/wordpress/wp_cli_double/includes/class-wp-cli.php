<?php
/**
 * The class with which commands register and speak.
 *
 * @package Tillbridge
 */

use WP_CLI\Double\Command;

/**
 * Same names and same exit statuses as WP-CLI's own.
 */
final class WP_CLI {

	/**
	 * Commands by their full name.
	 *
	 * @var array<string,Command>
	 */
	private static $commands = array();

	/**
	 * What to do, by moment.
	 *
	 * @var array<string,callable[]>
	 */
	private static $hooks = array();

	/**
	 * Register a command, or all commands that are methods of a class.
	 *
	 * @param string       $name     Its name: words with spaces.
	 * @param string|array $callable A class, or an object with a method.
	 */
	public static function add_command( string $name, $callable ): void {
		if ( is_array( $callable ) ) {
			self::$commands[ $name ] = new Command( $name, new ReflectionMethod( $callable[0], $callable[1] ), $callable[0] );
			return;
		}
		$class = new ReflectionClass( $callable );
		if ( $class->isSubclassOf( 'WP_CLI\\Dispatcher\\CommandNamespace' ) ) {
			return;
		}
		if ( $class->hasMethod( '__invoke' ) ) {
			self::$commands[ $name ] = new Command( $name, $class->getMethod( '__invoke' ), $class->newInstance() );
			return;
		}
		foreach ( $class->getMethods( ReflectionMethod::IS_PUBLIC ) as $method ) {
			if ( ! $method->isStatic() && 0 !== strpos( $method->getName(), '__' ) ) {
				$full = $name . ' ' . Command::name_of( $method );

				self::$commands[ $full ] = new Command( $full, $method, $class->newInstance() );
			}
		}
	}

	/**
	 * Do something at a moment.
	 *
	 * @param string   $moment   Its name.
	 * @param callable $callback What to do.
	 */
	public static function add_hook( string $moment, callable $callback ): void {
		self::$hooks[ $moment ][] = $callback;
	}

	/**
	 * A moment has come.
	 *
	 * @param string $moment Its name.
	 */
	public static function do_hook( string $moment ): void {
		foreach ( self::$hooks[ $moment ] ?? array() as $callback ) {
			$callback();
		}
	}

	/**
	 * Run the command that these words name.
	 *
	 * @param string[]            $words   Its name, and its positional arguments.
	 * @param array<string,mixed> $options Its options.
	 */
	public static function dispatch( array $words, array $options ): void {
		for ( $length = count( $words ); $length > 0; $length-- ) {
			$name = implode( ' ', array_slice( $words, 0, $length ) );
			if ( isset( self::$commands[ $name ] ) ) {
				self::$commands[ $name ]->run( array_slice( $words, $length ), $options );
				return;
			}
		}
		self::error( "'" . implode( ' ', $words ) . "' is not a registered wp command. See 'wp help' for available commands." );
	}

	/**
	 * Every registered command.
	 *
	 * @return array<string,Command>
	 */
	public static function commands(): array {
		return self::$commands;
	}

	/**
	 * Complain, and end unless told otherwise.
	 *
	 * @param string   $message What is wrong.
	 * @param bool|int $exit    False to go on, else the exit status (true is 1).
	 */
	public static function error( string $message, $exit = true ): void {
		fwrite( STDERR, "Error: {$message}\n" );
		if ( false !== $exit ) {
			self::halt( (int) $exit );
		}
	}

	/**
	 * End.
	 *
	 * @param int $status The exit status.
	 */
	public static function halt( int $status ): void {
		exit( $status );
	}

	/**
	 * A remark on stderr.
	 *
	 * @param string $message The remark.
	 */
	public static function warning( string $message ): void {
		fwrite( STDERR, "Warning: {$message}\n" );
	}

	/**
	 * It worked.
	 *
	 * @param string $message What worked.
	 */
	public static function success( string $message ): void {
		self::line( "Success: {$message}" );
	}

	/**
	 * Information, which --quiet would keep back.
	 *
	 * @param string $message The information.
	 */
	public static function log( string $message ): void {
		self::line( $message );
	}

	/**
	 * Output.
	 *
	 * @param string $message The output.
	 */
	public static function line( string $message = '' ): void {
		fwrite( STDOUT, "{$message}\n" );
	}

	/**
	 * Print a value in a format.
	 *
	 * @param mixed               $value   The value.
	 * @param array<string,mixed> $options format.
	 */
	public static function print_value( $value, array $options = array() ): void {
		if ( 'yaml' === ( $options['format'] ?? '' ) ) {
			$value = WP_CLI\Double\yaml( $value );
		} elseif ( 'json' === ( $options['format'] ?? '' ) ) {
			$value = json_encode( $value );
		}
		self::line( (string) $value );
	}
}
