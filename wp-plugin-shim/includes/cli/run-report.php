<?php
/**
 * What a run came to, as a person or a program reads it.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

defined( 'ABSPATH' ) || exit;

/**
 * One run of the daemon, waited for and told.
 */
final class Run_Report {

	private const FIELDS    = array( 'side', 'sku', 'outlet', 'level', 'known', 'difference', 'verdict', 'words' );
	private const HEAD      = array( 'run', 'kind', 'scope', 'state', 'started', 'words' );
	private const MOST_ROWS = 100000;

	/**
	 * States in which a run is not over.
	 */
	private const UNDER_WAY = array( 'looking', 'waiting', 'undoing' );

	/**
	 * Where names stand for values.
	 */
	private const MAPS = array( array( 'figures' ), array( 'totals', 'by_side' ) );

	/**
	 * Seconds between two looks at a run that is waited for.
	 */
	private const LOOKS_EVERY = 1;

	/**
	 * The number of the run in an answer.
	 *
	 * @param Answer $answer What the daemon says.
	 */
	public static function number_of( Answer $answer ): int {
		$number = $answer->count( 'run' );
		if ( null === $number || 0 === $number ) {
			Ending::because( \Tillbridge\refusal( 'stranger', 'The daemon answered without the run that was asked for.', 502 ) );
		}
		return (int) $number;
	}

	/**
	 * Wait until a run is over. A bar shows how far it has come.
	 *
	 * @param int $number The run.
	 */
	public static function await( int $number ): void {
		$bar  = null;
		$done = 0;
		while ( true ) {
			$answer = Call::get(
				'/v1/control/run',
				array(
					'id'   => (string) $number,
					'rows' => '0',
				)
			);
			if ( ! in_array( $answer->text( 'state' ), self::UNDER_WAY, true ) ) {
				break;
			}
			$bar     = $bar ?? \WP_CLI\Utils\make_progress_bar( "Run {$number}", 100 );
			$percent = min( 100, $answer->count( 'progress', 'percent' ) ?? 0 );
			$bar->tick( max( 0, $percent - $done ) );
			$done = max( $done, $percent );
			sleep( self::LOOKS_EVERY );
		}
		if ( null !== $bar ) {
			$bar->tick( 100 - $done );
			$bar->finish();
		}
	}

	/**
	 * Tell that a run has begun, for whoever does not wait for it.
	 *
	 * @param array<string,mixed> $options The command's options.
	 * @param Answer              $begun   What the daemon says.
	 */
	public static function begun( array $options, Answer $begun ): void {
		$number = self::number_of( $begun );
		if ( 'json' === ( $options['format'] ?? '' ) ) {
			Output::record( $options, array(), $begun->all( self::MAPS ) );
		} elseif ( Output::is_for_people( $options ) ) {
			\WP_CLI::success( "Run {$number} has begun. \"wp tillbridge runs {$number}\" shows what it comes to." );
		} else {
			Output::rows( $options, texts_of( array( $begun ), self::HEAD ), self::HEAD );
		}
	}

	/**
	 * Tell a run with everything that it found, and end: with 1 where it found something, 3 where it could not look.
	 *
	 * @param array<string,mixed> $options The command's options.
	 * @param int                 $number  The run.
	 */
	public static function tell( array $options, int $number ): void {
		$answer   = Call::get_slowly(
			'/v1/control/run',
			array(
				'id'   => (string) $number,
				'rows' => (string) self::MOST_ROWS,
			)
		);
		$findings = $answer->count( 'totals', 'findings' );
		if ( 'json' === ( $options['format'] ?? '' ) ) {
			Output::record( $options, array(), $answer->all( self::MAPS ) );
		} else {
			Output::say( $options, "Run {$number}: " . ( $answer->text( 'words' ) ?? 'the daemon does not say what it came to' ) . '.' );
			Output::rows( $options, texts_of( $answer->records( 'rows' ), self::FIELDS ), self::FIELDS );
			Output::say( $options, self::totals( $answer ) );
		}
		if ( true === $answer->flag( 'unreachable' ) ) {
			Ending::with( Ending::UNREACHABLE );
		}
		$is_well = 'done' === $answer->text( 'state' ) && 0 === $findings && 0 === ( $answer->count( 'moving' ) ?? 0 );
		Ending::with( $is_well ? Ending::WELL : Ending::FOUND );
	}

	/**
	 * What it comes to in all.
	 *
	 * @param Answer $answer What the daemon says.
	 */
	private static function totals( Answer $answer ): string {
		$said = array();
		foreach ( array(
			'levels compared' => array( 'looked' ),
			'items'           => array( 'links' ),
			'still moving'    => array( 'moving' ),
			'differ'          => array( 'totals', 'findings' ),
			'in the shop'     => array( 'totals', 'by_side', 'store' ),
			'at the till'     => array( 'totals', 'by_side', 'pos' ),
			'rises'           => array( 'totals', 'rises' ),
			'falls'           => array( 'totals', 'falls' ),
			'seconds'         => array( 'seconds' ),
		) as $name => $path ) {
			$value = $answer->text( ...$path );
			if ( null !== $value ) {
				$said[] = $name . ' ' . $value;
			}
		}
		return implode( ', ', $said );
	}
}
