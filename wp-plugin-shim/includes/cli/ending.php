<?php
/**
 * How a command ends where it could not do what it was asked: in words, and with a status that a script can trust.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

use Tillbridge\Connection;

defined( 'ABSPATH' ) || exit;

/**
 * The one place that knows exit statuses.
 */
final class Ending {

	public const WELL        = 0;
	public const FOUND       = 1;
	public const WRONG_USE   = 2;
	public const UNREACHABLE = 3;
	public const REFUSED     = 4;

	/**
	 * Errors whose status does not follow from that of HTTP.
	 */
	private const STATUSES = array(
		'unreachable'   => self::UNREACHABLE,
		'not_back'      => self::UNREACHABLE,
		'stranger'      => self::UNREACHABLE,
		'unwell'        => self::FOUND,
		'not_connected' => self::WRONG_USE,
		'in_a_file'     => self::WRONG_USE,
		'no_innodb'     => self::WRONG_USE,
		'bad_code'      => self::WRONG_USE,
		'no_pairing'    => self::WRONG_USE,
		'side_trouble'  => self::UNREACHABLE,
		'no_such_route' => self::REFUSED,
	);

	/**
	 * Errors in this plugin's own words, which name their place; all others are the daemon's.
	 */
	private const OURS = array( 'unreachable', 'not_back', 'stranger', 'unwell', 'not_connected', 'in_a_file', 'no_innodb', 'bad_code', 'wrong_code', 'elsewhere', 'not_stored', 'not_recorded', 'no_user', 'no_rest_key', 'no_copy', 'trouble_here' );

	/**
	 * What to do about refusals whose own words do not say it.
	 */
	private const FIXES = array(
		'not_connected'   => 'run "tillbridge init" on the server, then "wp tillbridge connect CODE" with the code that it prints',
		'elsewhere'       => '"wp tillbridge site moved" where the shop has moved here, "wp tillbridge site copy" where this is a copy of it',
		'no_such_route'   => 'the daemon is older than this plugin: update it, then restart it',
		'bad_signature'   => 'pair again: "tillbridge init" on the server, then "wp tillbridge connect CODE"',
		'stale'           => 'set the clocks of this server and of the daemon (see "timedatectl")',
		'wrong_address'   => '"wp tillbridge site moved" where the shop has moved, "wp tillbridge site copy" where this is a copy',
		'wrong_site'      => 'pair again: "tillbridge init" on the server, then "wp tillbridge connect CODE"',
		'other_shop'      => 'give each shop a daemon and a database of its own',
		'unknown_sku'     => 'compare the SKU with the one in the shop; "wp tillbridge check" lists what is held out, and why',
		'unknown_run'     => 'see "wp tillbridge runs" for what there was',
		'unknown_message' => 'see "wp tillbridge queue list" for what is there',
		'trouble_here'    => '"wp tillbridge doctor" looks at the tables; WooCommerce > Status > Logs has the details',
		'too_fast'        => 'try again in a few seconds',
		'side_trouble'    => '"wp tillbridge doctor" looks at every hop; "wp tillbridge status" says which side is away',
		'storage'         => 'see whether the disk of the daemon is full, then try again',
		'internal_error'  => 'see the log of the daemon on the server',
	);

	/**
	 * End for this reason: what, where, and how to mend it.
	 *
	 * @param \WP_Error $error The reason.
	 */
	public static function because( \WP_Error $error ): void {
		$code       = self::code( $error );
		$lines      = array_map( __NAMESPACE__ . '\\printable', array_values( $error->get_error_messages() ) );
		$connection = Connection::read();
		if ( null !== $connection && ! in_array( $code, self::OURS, true ) ) {
			$lines[] = '  where: the daemon at ' . printable( $connection->listener );
		}
		if ( isset( self::FIXES[ $code ] ) ) {
			$lines[] = '  fix: ' . self::FIXES[ $code ];
		}
		\WP_CLI::error( implode( "\n", $lines ), false );
		\WP_CLI::halt( self::status_of( $error ) );
	}

	/**
	 * From now on, what nobody expected ends the command in words as well: a database that refuses, say. Its errors are
	 * told by us, and not printed by WordPress into the output.
	 */
	public static function explain_all(): void {
		global $wpdb;
		$wpdb->suppress_errors( true );
		set_exception_handler(
			static function ( \Throwable $trouble ): void {
				\Tillbridge\Guard::note( $trouble );
				self::because( \Tillbridge\refusal( 'trouble_here', 'Something broke in this shop: ' . $trouble->getMessage(), 500 ) );
			}
		);
	}

	/**
	 * End because of how the command was used.
	 *
	 * @param string $message What is wrong, and what would be right.
	 */
	public static function wrong_use( string $message ): void {
		\WP_CLI::error( printable( $message ), false );
		\WP_CLI::halt( self::WRONG_USE );
	}

	/**
	 * End after everything was said.
	 *
	 * @param int $status One of the above.
	 */
	public static function with( int $status ): void {
		if ( self::WELL !== $status ) {
			\WP_CLI::halt( $status );
		}
	}

	/**
	 * Ask a person before something that cannot be taken back. Nobody there to answer is a no.
	 *
	 * @param string              $question The question.
	 * @param array<string,mixed> $options  The command's options: --yes answers it.
	 */
	public static function unless_confirmed( string $question, array $options ): void {
		if ( \WP_CLI\Utils\get_flag_value( $options, 'yes', false ) ) {
			return;
		}
		fwrite( STDERR, $question . ' [y/n] ' ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- a terminal, not a file.
		if ( 'y' !== strtolower( trim( (string) fgets( STDIN ) ) ) ) {
			self::wrong_use( 'Not confirmed, so nothing was changed. Answer y, or say --yes.' );
		}
	}

	/**
	 * The status that goes with an error.
	 *
	 * @param \WP_Error $error The error.
	 */
	public static function status_of( \WP_Error $error ): int {
		$code = self::code( $error );
		if ( isset( self::STATUSES[ $code ] ) ) {
			return self::STATUSES[ $code ];
		}
		return in_array( self::http( $error ), array( 400, 404, 405, 413 ), true ) ? self::WRONG_USE : self::REFUSED;
	}

	/**
	 * The error's code without our prefix.
	 *
	 * @param \WP_Error $error The error.
	 */
	public static function code( \WP_Error $error ): string {
		return (string) preg_replace( '/^tillbridge_/', '', (string) $error->get_error_code() );
	}

	/**
	 * The HTTP status that came with it, 0 for none.
	 *
	 * @param \WP_Error $error The error.
	 */
	private static function http( \WP_Error $error ): int {
		$about = $error->get_error_data();
		return is_array( $about ) && is_numeric( $about['status'] ?? null ) ? (int) $about['status'] : 0;
	}
}
