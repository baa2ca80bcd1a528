<?php
/**
 * One thing that must work between a sale and the other side's books, and how it was found.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

defined( 'ABSPATH' ) || exit;

/**
 * A hop: well, a problem with its fix, or unknown.
 */
final class Hop {

	public const WELL    = 'well';
	public const PROBLEM = 'problem';
	public const UNKNOWN = 'unknown';
	public const FIELDS  = array( 'seen_from', 'hop', 'state', 'detail', 'fix' );

	/**
	 * What it looks like as a row.
	 *
	 * @var array<string,string>
	 */
	private $row;

	/**
	 * What was found.
	 *
	 * @param string $seen_from shop or daemon.
	 * @param string $hop       What was tried.
	 * @param string $state     One of the above.
	 * @param string $detail    What was found.
	 * @param string $fix       What to do about it.
	 */
	private function __construct( string $seen_from, string $hop, string $state, string $detail, string $fix ) {
		$this->row = array_combine( self::FIELDS, array( $seen_from, $hop, $state, $detail, $fix ) );
	}

	/**
	 * It works.
	 *
	 * @param string $hop    What was tried.
	 * @param string $detail What was found.
	 */
	public static function well( string $hop, string $detail ): self {
		return new self( 'shop', $hop, self::WELL, $detail, '' );
	}

	/**
	 * It does not work.
	 *
	 * @param string $hop    What was tried.
	 * @param string $detail What was found.
	 * @param string $fix    What to do about it.
	 */
	public static function problem( string $hop, string $detail, string $fix ): self {
		return new self( 'shop', $hop, self::PROBLEM, $detail, $fix );
	}

	/**
	 * Nobody can say.
	 *
	 * @param string $hop    What would have been tried.
	 * @param string $detail Why nobody can say.
	 * @param string $fix    How it could be found out.
	 */
	public static function unknown( string $hop, string $detail, string $fix = '' ): self {
		return new self( 'shop', $hop, self::UNKNOWN, $detail, $fix );
	}

	/**
	 * It must hold, else there is this to do.
	 *
	 * @param bool   $holds  Whether it does.
	 * @param string $hop    What was tried.
	 * @param string $detail What was found.
	 * @param string $fix    What to do where it does not hold.
	 */
	public static function must( bool $holds, string $hop, string $detail, string $fix ): self {
		return $holds ? self::well( $hop, $detail ) : self::problem( $hop, $detail, $fix );
	}

	/**
	 * A hop that the daemon looked at.
	 *
	 * @param Answer $said What it says about it.
	 */
	public static function told( Answer $said ): self {
		$state = $said->text( 'state' );
		$state = in_array( $state, array( self::WELL, self::PROBLEM ), true ) ? $state : self::UNKNOWN;
		return new self( 'daemon', $said->text( 'name' ) ?? UNKNOWN, $state, $said->text( 'detail' ) ?? UNKNOWN, $said->text( 'fix' ) ?? '' );
	}

	/**
	 * Whether something must be done.
	 */
	public function is_problem(): bool {
		return self::PROBLEM === $this->row['state'];
	}

	/**
	 * As a row of the doctor's table.
	 *
	 * @return array<string,string>
	 */
	public function row(): array {
		return $this->row;
	}
}
