<?php
/**
 * How things stand, in one plain sentence, and what to do about it. Decides only; others print.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * The page's first words.
 */
final class Standing {

	public const WELL    = 'well';
	public const BUSY    = 'busy';
	public const TROUBLE = 'trouble';
	public const ASKS    = 'asks';

	/**
	 * One of the four above: how it is coloured. The words say it all without.
	 *
	 * @var string
	 */
	public $tone;

	/**
	 * The sentence.
	 *
	 * @var string
	 */
	public $sentence;

	/**
	 * What to do, or what happens by itself; "" where there is nothing to add.
	 *
	 * @var string
	 */
	public $advice;

	/**
	 * Put together what the page says first.
	 *
	 * @param string $tone     How it is coloured.
	 * @param string $sentence How things stand.
	 * @param string $advice   What to do.
	 */
	private function __construct( string $tone, string $sentence, string $advice = '' ) {
		$this->tone     = $tone;
		$this->sentence = $sentence;
		$this->advice   = $advice;
	}

	/**
	 * The most serious thing that is to be said.
	 *
	 * @param Overview $seen What was gathered.
	 * @param int      $now  Unix seconds.
	 */
	public static function of( Overview $seen, int $now ): self {
		if ( 'unpaired' === $seen->state ) {
			return new self( self::BUSY, __( 'Not connected yet.', 'tillbridge' ), __( 'Changes of stock are not recorded, and nothing is sent.', 'tillbridge' ) );
		}
		if ( 'elsewhere' === $seen->state ) {
			return new self( self::ASKS, elsewhere_sentence( text_in( $seen->local, 'address' ) ), __( 'Nothing is sent and no stock is changed until you say which it is. What happens here meanwhile is recorded.', 'tillbridge' ) );
		}
		if ( null !== $seen->trouble ) {
			return self::without_daemon( $seen, $seen->trouble, $now );
		}
		return self::with_daemon( $seen, $now );
	}

	/**
	 * The daemon did not answer, or refused.
	 *
	 * @param Overview  $seen    What was gathered.
	 * @param \WP_Error $trouble Why it did not.
	 * @param int       $now     Unix seconds.
	 */
	private static function without_daemon( Overview $seen, \WP_Error $trouble, int $now ): self {
		if ( 'tillbridge_unreachable' !== $trouble->get_error_code() ) {
			/* translators: %s: a sentence, perhaps in the words of another program. */
			$refusal = sprintf( __( 'The Tillbridge program on the server did not say how things stand: %s', 'tillbridge' ), $trouble->get_error_message() );
			return new self( self::TROUBLE, $refusal, __( 'Sales go on, and nothing is lost: what happens is kept here. If these words do not help, disconnect, and connect again with a new code.', 'tillbridge' ) );
		}
		$waiting = $seen->known( 'unacknowledged' );
		$since   = $seen->known( 'last_contact' );
		$advice  = __( 'Sales go on, and nothing is lost: what happens is kept here and sent when the program answers. Start it on the server ("tillbridge run"), or ask whoever looks after the server to do so.', 'tillbridge' );
		if ( null === $since ) {
			return new self( self::TROUBLE, __( 'The Tillbridge program on the server does not answer.', 'tillbridge' ), $advice );
		}
		$time = moment( $since, $now );
		if ( null === $waiting || 0 === $waiting ) {
			/* translators: %s: a time, such as 10:12. */
			return new self( self::TROUBLE, sprintf( __( 'The Tillbridge program on the server does not answer; it was last heard at %s.', 'tillbridge' ), $time ), $advice );
		}
		/* translators: 1: a number, 2: a time, such as 10:12. */
		$words = _n( '%1$s change waits for the Tillbridge program on the server, which does not answer; it was last heard at %2$s.', '%1$s changes wait for the Tillbridge program on the server, which does not answer; it was last heard at %2$s.', $waiting, 'tillbridge' );
		return new self( self::TROUBLE, sprintf( $words, number_format_i18n( $waiting ), $time ), $advice );
	}

	/**
	 * The daemon said how it stands.
	 *
	 * @param Overview $seen What was gathered.
	 * @param int      $now  Unix seconds.
	 */
	private static function with_daemon( Overview $seen, int $now ): self {
		$stopped = array_filter( (array) ( $seen->daemon['stopped'] ?? array() ), 'is_string' );
		if ( array() !== $stopped ) {
			return new self( self::TROUBLE, __( 'Tillbridge has stopped writing, to be safe.', 'tillbridge' ), implode( "\n", array_unique( $stopped ) ) );
		}
		if ( false === ( $seen->side( 'pos' )['reachable'] ?? null ) ) {
			return self::till_away( $seen, $now );
		}
		if ( false === ( $seen->side( 'store' )['reachable'] ?? null ) ) {
			return new self( self::TROUBLE, __( 'Tillbridge cannot reach this shop: what the till sells is not taken off here.', 'tillbridge' ), text_in( $seen->side( 'store' ), 'trouble' ) );
		}
		$paused = array_filter( (array) ( $seen->daemon['paused'] ?? array() ), 'is_string' );
		if ( array() !== $paused ) {
			return new self( self::BUSY, __( 'Paused: somebody has stopped the sync.', 'tillbridge' ), __( 'Changes are collected, and go out after "tillbridge resume" on the server.', 'tillbridge' ) );
		}
		$stuck = $seen->stuck();
		if ( null !== $stuck && $stuck > 0 ) {
			/* translators: %s: a number. */
			$words = _n( '%s change needs you; everything else goes on.', '%s changes need you; everything else goes on.', $stuck, 'tillbridge' );
			return new self( self::TROUBLE, sprintf( $words, number_format_i18n( $stuck ) ), __( 'What it is, and how to mend it, is said below.', 'tillbridge' ) );
		}
		return self::at_work( $seen );
	}

	/**
	 * The till does not answer the daemon.
	 *
	 * @param Overview $seen What was gathered.
	 * @param int      $now  Unix seconds.
	 */
	private static function till_away( Overview $seen, int $now ): self {
		$away    = count_in( $seen->side( 'pos' ), 'away_seconds' );
		$waiting = $seen->waiting();
		$advice  = __( 'Sales go on, and nothing is lost: everything goes out when the till answers again.', 'tillbridge' );
		if ( null === $away ) {
			return new self( self::TROUBLE, __( 'The till does not answer.', 'tillbridge' ), $advice );
		}
		$time = moment( $now - $away, $now );
		if ( null === $waiting || 0 === $waiting ) {
			/* translators: %s: a time, such as 10:12. */
			return new self( self::TROUBLE, sprintf( __( 'The till does not answer since %s.', 'tillbridge' ), $time ), $advice );
		}
		/* translators: 1: a number, 2: a time, such as 10:12. */
		$words = _n( '%1$s change waits for the till, which does not answer since %2$s.', '%1$s changes wait for the till, which does not answer since %2$s.', $waiting, 'tillbridge' );
		return new self( self::TROUBLE, sprintf( $words, number_format_i18n( $waiting ), $time ), $advice );
	}

	/**
	 * Nothing is wrong.
	 *
	 * @param Overview $seen What was gathered.
	 */
	private static function at_work( Overview $seen ): self {
		$waiting = $seen->waiting();
		if ( null !== $waiting && $waiting > 0 ) {
			/* translators: %s: a number. */
			$words = _n( '%s change is on its way.', '%s changes are on their way.', $waiting, 'tillbridge' );
			return new self( self::BUSY, sprintf( $words, number_format_i18n( $waiting ) ), __( 'That is a matter of seconds. Load this page again to see how it stands.', 'tillbridge' ) );
		}
		if ( 0 === $seen->told( 'links' ) ) {
			return new self( self::BUSY, __( 'Connected, but no product of this shop is linked with one of the till yet.', 'tillbridge' ), __( 'Products are linked by their SKU: give the same thing the same SKU on both sides.', 'tillbridge' ) );
		}
		if ( true !== ( $seen->daemon['in_step'] ?? null ) || null === $waiting ) {
			return new self( self::BUSY, __( 'Connected. Shop and till are being brought in step.', 'tillbridge' ) );
		}
		$left_out = $seen->held_out_in_all();
		if ( null === $left_out || 0 === $left_out ) {
			return new self( self::WELL, __( 'Shop and till are in step.', 'tillbridge' ) );
		}
		/* translators: %s: a number. */
		$words = _n( '%s product is left out; why, is said below.', '%s products are left out; why, is said below.', $left_out, 'tillbridge' );
		return new self( self::WELL, __( 'Shop and till are in step.', 'tillbridge' ), sprintf( $words, number_format_i18n( $left_out ) ) );
	}
}
