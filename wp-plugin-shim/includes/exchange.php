<?php
/**
 * One HTTP request to the daemon beside this shop, over loopback or a unix socket, with a hard limit of time.
 *
 * WordPress' own HTTP functions know no unix sockets, cannot send without waiting, and refuse private addresses on
 * purpose. This client never takes an address from a request: only the configured one.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * Sends, and reads the answer where there is time for it.
 */
final class Exchange {

	private const LARGEST_ANSWER = 8388608;

	/**
	 * The address for stream_socket_client.
	 *
	 * @var string
	 */
	private $address;

	/**
	 * The Host header.
	 *
	 * @var string
	 */
	private $host;

	/**
	 * Talk to this listener.
	 *
	 * @param string $listener `http://127.0.0.1:PORT` or `unix:/path/to/socket`.
	 * @throws \UnexpectedValueException Where it is neither.
	 */
	public function __construct( string $listener ) {
		if ( 1 === preg_match( '#^unix:(?://)?(/.+)\z#', $listener, $socket ) ) {
			$this->address = 'unix://' . $socket[1];
			$this->host    = 'localhost';
			return;
		}
		$parts = wp_parse_url( $listener );
		if ( ! is_array( $parts ) || 'http' !== ( $parts['scheme'] ?? '' ) || empty( $parts['host'] ) || empty( $parts['port'] ) ) {
			throw new \UnexpectedValueException( 'the listener is not of the form http://127.0.0.1:PORT or unix:/path' );
		}
		$this->host    = $parts['host'] . ':' . $parts['port'];
		$this->address = 'tcp://' . $this->host;
	}

	/**
	 * POST and wait for the answer.
	 *
	 * @param string               $path    The path.
	 * @param array<string,string> $headers More headers.
	 * @param string               $body    The body.
	 * @param float                $seconds The limit for all of it.
	 * @return array{0:int,1:string,2:string}|null Status, body and proof ("" for none); null where no whole answer came in time.
	 */
	public function post( string $path, array $headers, string $body, float $seconds ): ?array {
		return $this->request( 'POST', $path, $headers, $body, $seconds );
	}

	/**
	 * GET or POST, and wait for the answer.
	 *
	 * @param string               $method  GET or POST.
	 * @param string               $target  The path with its query.
	 * @param array<string,string> $headers More headers.
	 * @param string               $body    The body, "" for none.
	 * @param float                $seconds The limit for all of it.
	 * @return array{0:int,1:string,2:string}|null Status, body and proof ("" for none); null where no whole answer came in time.
	 */
	public function request( string $method, string $target, array $headers, string $body, float $seconds ): ?array {
		$deadline = microtime( true ) + $seconds;
		$stream   = $this->send( $method, $target, $headers, $body, $deadline );
		if ( null === $stream ) {
			return null;
		}
		$answer = self::read( $stream, $deadline );
		fclose( $stream ); // phpcs:ignore WordPress.WP.AlternativeFunctions
		return null === $answer ? null : self::parse( $answer );
	}

	/**
	 * POST and do not wait: for servers that cannot let the customer go before.
	 *
	 * @param string               $path    The path.
	 * @param array<string,string> $headers More headers.
	 * @param string               $body    The body.
	 * @param float                $seconds The limit for all of it.
	 * @return bool Whether all of it was sent.
	 */
	public function post_blind( string $path, array $headers, string $body, float $seconds ): bool {
		$stream = $this->send( 'POST', $path, $headers, $body, microtime( true ) + $seconds );
		if ( null === $stream ) {
			return false;
		}
		fclose( $stream ); // phpcs:ignore WordPress.WP.AlternativeFunctions
		return true;
	}

	/**
	 * Connect and send. HTTP/1.0, so that the answer ends where the connection does.
	 *
	 * @param string               $method   GET or POST.
	 * @param string               $target   The path with its query.
	 * @param array<string,string> $headers  More headers.
	 * @param string               $body     The body.
	 * @param float                $deadline When to give up.
	 * @return resource|null
	 */
	private function send( string $method, string $target, array $headers, string $body, float $deadline ) {
		$lines = array( "{$method} {$target} HTTP/1.0", "Host: {$this->host}" );
		if ( 'GET' !== $method ) {
			array_push( $lines, 'Content-Type: application/json', 'Content-Length: ' . strlen( $body ) );
		}
		foreach ( $headers as $name => $value ) {
			$lines[] = "{$name}: {$value}";
		}
		$stream = self::silently(
			function () use ( $deadline ) {
				$left = max( 0.001, $deadline - microtime( true ) );
				return stream_socket_client( $this->address, $number, $message, $left );
			}
		);
		if ( ! is_resource( $stream ) ) {
			return null;
		}
		stream_set_blocking( $stream, false );
		if ( ! self::write( $stream, implode( "\r\n", $lines ) . "\r\n\r\n" . $body, $deadline ) ) {
			fclose( $stream ); // phpcs:ignore WordPress.WP.AlternativeFunctions
			return null;
		}
		return $stream;
	}

	/**
	 * Write all of it, or give up at the deadline.
	 *
	 * @param resource $stream   The connection.
	 * @param string   $data     What to send.
	 * @param float    $deadline When to give up.
	 */
	private static function write( $stream, string $data, float $deadline ): bool {
		while ( '' !== $data ) {
			if ( ! self::is_ready( array(), array( $stream ), $deadline ) ) {
				return false;
			}
			$sent = self::silently(
				static function () use ( $stream, $data ) {
					return fwrite( $stream, $data ); // phpcs:ignore WordPress.WP.AlternativeFunctions
				}
			);
			if ( ! is_int( $sent ) || 0 === $sent ) {
				return false;
			}
			$data = (string) substr( $data, $sent );
		}
		return true;
	}

	/**
	 * Everything until the other end closes.
	 *
	 * @param resource $stream   The connection.
	 * @param float    $deadline When to give up.
	 */
	private static function read( $stream, float $deadline ): ?string {
		$answer = '';
		$size   = 0;
		while ( $size < self::LARGEST_ANSWER ) {
			if ( ! self::is_ready( array( $stream ), array(), $deadline ) ) {
				return null;
			}
			$part = self::silently(
				static function () use ( $stream ) {
					return fread( $stream, 65536 ); // phpcs:ignore WordPress.WP.AlternativeFunctions
				}
			);
			if ( ! is_string( $part ) || ( '' === $part && feof( $stream ) ) ) {
				return $answer;
			}
			$answer .= $part;
			$size   += strlen( $part );
		}
		return null;
	}

	/**
	 * Wait until the connection can be read or written.
	 *
	 * @param resource[] $read     To be read.
	 * @param resource[] $write    To be written.
	 * @param float      $deadline When to give up.
	 */
	private static function is_ready( array $read, array $write, float $deadline ): bool {
		$left = $deadline - microtime( true );
		if ( $left <= 0 ) {
			return false;
		}
		$except = array();
		$ready  = self::silently(
			static function () use ( &$read, &$write, &$except, $left ) {
				return stream_select( $read, $write, $except, (int) $left, (int) ( fmod( $left, 1 ) * 1000000 ) );
			}
		);
		return is_int( $ready ) && $ready > 0;
	}

	/**
	 * Status and body of an answer, and the proof of who gave it.
	 *
	 * @param string $answer Everything that came.
	 * @return array{0:int,1:string,2:string}|null
	 */
	private static function parse( string $answer ): ?array {
		$parts = explode( "\r\n\r\n", $answer, 2 );
		if ( 2 !== count( $parts ) || 1 !== preg_match( '#^HTTP/1\.[01] ([1-5][0-9][0-9])#', $parts[0], $status ) ) {
			return null;
		}
		if ( 1 === preg_match( '/^content-length:\s*(\d+)/mi', $parts[0], $length ) && strlen( $parts[1] ) < (int) $length[1] ) {
			return null;
		}
		$proof = 1 === preg_match( '/^x-tillbridge-proof:\s*(v1=[0-9a-f]{64})\s*$/mi', $parts[0], $found ) ? $found[1] : '';
		return array( (int) $status[1], $parts[1], $proof );
	}

	/**
	 * PHP's sockets report ordinary trouble as warnings; a daemon that is away is no reason for one in the shop's log.
	 *
	 * @param callable $work What may warn.
	 * @return mixed What it returns.
	 */
	private static function silently( callable $work ) {
		set_error_handler( '__return_true' ); // phpcs:ignore WordPress.PHP.DevelopmentFunctions
		try {
			return $work();
		} finally {
			restore_error_handler();
		}
	}
}
