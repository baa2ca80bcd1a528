<?php
/**
 * How things stand between shop and till, put into words. Pure but for the address of the shop.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

defined( 'ABSPATH' ) || exit;

/**
 * Where names stand for values in what the daemon says of how things stand.
 */
const STANDING_MAPS = array( array( 'held_out' ), array( 'stopped' ) );

/**
 * What this shop knows of itself; what a missing table does not tell is unknown.
 *
 * @return array<string,mixed>
 */
function known_here(): array {
	$known = \Tillbridge\Status::read();
	if ( ! isset( $known['tables']['outbox']['rows'] ) ) {
		$known['unacknowledged']        = null;
		$known['oldest_unacknowledged'] = null;
	}
	return $known;
}

/**
 * What a copy says of itself, before anything else.
 */
function elsewhere_words(): string {
	return 'this shop answers at ' . get_option( 'home' ) . ', but it was paired at another address. Until you say whether it has moved or is a copy, it records what happens, tells nobody, and lets nobody move its stock';
}

/**
 * The sentence with which a person's question is answered.
 *
 * @param Answer $said What the daemon says.
 */
function verdict( Answer $said ): string {
	$is_in_step = $said->flag( 'in_step' );
	if ( null === $is_in_step ) {
		return 'The daemon does not say whether shop and till are in step.';
	}
	if ( 0 === $said->count( 'links' ) ) {
		return 'No product of this shop is linked with one of the till yet: they are linked by their SKU.';
	}
	$stopped = stopped_words( $said );
	if ( null !== $stopped && 'no' !== $stopped ) {
		return 'Nothing is written, to be safe: ' . $stopped;
	}
	return $is_in_step ? 'Shop and till are in step.' : 'Shop and till are not in step yet.';
}

/**
 * Whether nothing is left to be looked at: in step, both sides there, nothing that waits for a person's word.
 *
 * @param Answer $said What the daemon says.
 */
function is_well( Answer $said ): bool {
	$is_there   = false !== $said->flag( 'sides', 'store', 'reachable' ) && false !== $said->flag( 'sides', 'pos', 'reachable' );
	$is_counted = '' === ( $said->text( 'reconcile', 'failed' ) ?? '' );
	return true === $said->flag( 'in_step' ) && $is_there && $is_counted && 0 === ( $said->count( 'decisions' ) ?? 0 ) && 0 === ( $said->count( 'alerts_total' ) ?? 0 );
}

/**
 * What this shop knows of itself.
 *
 * @param array<string,mixed> $known What known_here() says.
 * @return array<string,mixed>
 */
function shop_fields( array $known ): array {
	$oldest  = $known['oldest_unacknowledged'];
	$contact = $known['last_contact'];
	return array(
		'this shop'       => $known['state'],
		'address'         => $known['address'],
		'daemon'          => '' === $known['listener'] ? 'none' : $known['listener'],
		'last contact'    => null === $contact ? 'never, as far as is known' : stretch( max( 0, time() - $contact ) ) . ' ago',
		'events not told' => null === $oldest ? $known['unacknowledged'] : $known['unacknowledged'] . ', the oldest for ' . stretch( $oldest ),
		'told at once'    => $known['breaker_open'] ? 'no: the daemon did not answer a moment ago' : 'yes',
	);
}

/**
 * What the daemon says.
 *
 * @param Answer $said Its answer.
 * @return array<string,mixed>
 */
function daemon_fields( Answer $said ): array {
	$fields = array(
		'in step'         => $said->flag( 'in_step' ),
		'in step since'   => false === $said->flag( 'in_step' ) ? 'not now' : $said->text( 'in_step_since' ),
		'compared well'   => compared_words( $said ),
		'products linked' => $said->count( 'links' ),
		'changes waiting' => $said->count( 'waiting' ),
		'under way'       => $said->count( 'under_way' ),
		'parked'          => $said->count( 'parked' ),
		'given up'        => $said->count( 'dead' ),
		'held out'        => held_out_words( $said->named( 'held_out' ) ),
		'waits for you'   => $said->count( 'decisions' ),
		'alerts'          => alerts_words( $said ),
		'paused'          => listed_words( $said->texts( 'paused' ) ),
		'stopped'         => stopped_words( $said ),
	);
	foreach ( array( 'store', 'pos' ) as $side ) {
		$fields[ $side ] = side_words( $said, $side );
	}
	return $fields;
}

/**
 * When both sides were last compared from end to end, and why not since.
 *
 * @param Answer $said What the daemon says.
 */
function compared_words( Answer $said ): ?string {
	if ( null === $said->named( 'reconcile' ) ) {
		return null;
	}
	$failed = $said->text( 'reconcile', 'failed' ) ?? '';
	$ended  = $said->text( 'reconcile', 'ended_well' ) ?? 'not yet';
	return '' === $failed ? $ended : $ended . '; THE LAST COMPARISON FAILED at ' . ( $said->text( 'reconcile', 'failed_at' ) ?? UNKNOWN ) . ': ' . $failed;
}

/**
 * What the daemon has told and is not over.
 *
 * @param Answer $said Its answer.
 */
function alerts_words( Answer $said ): ?string {
	$alerts = $said->records( 'alerts' );
	if ( null === $alerts ) {
		return null;
	}
	$words = array();
	foreach ( $alerts as $alert ) {
		$words[] = $alert->text( 'words' ) ?? UNKNOWN;
	}
	$more = ( $said->count( 'alerts_total' ) ?? 0 ) - count( $words );
	if ( 0 < $more ) {
		$words[] = 'and ' . $more . ' more';
	}
	return array() === $words ? 'none' : implode( '; ', $words );
}

/**
 * Why the daemon itself has stopped writing, "no" where it has not.
 *
 * @param Answer $said Its answer.
 */
function stopped_words( Answer $said ): ?string {
	$reasons = $said->texts( 'stopped' );
	if ( null === $reasons ) {
		return null;
	}
	return array() === $reasons ? 'no' : implode( '; ', array_unique( $reasons ) );
}

/**
 * How the daemon sees one side.
 *
 * @param Answer $said Its answer.
 * @param string $side store or pos.
 */
function side_words( Answer $said, string $side ): string {
	$is_there = $said->flag( 'sides', $side, 'reachable' );
	if ( null === $is_there ) {
		return UNKNOWN;
	}
	if ( ! $is_there ) {
		$trouble = $said->text( 'sides', $side, 'trouble' );
		return 'AWAY for ' . stretch( $said->number( 'sides', $side, 'away_seconds' ) ) . ( null === $trouble ? '' : ': ' . $trouble );
	}
	$heard = $said->number( 'sides', $side, 'feed_read_seconds_ago' );
	return 'reachable, ' . ( null === $heard ? 'not heard yet' : 'heard ' . stretch( $heard ) . ' ago' );
}

/**
 * How many products are held out, by reason.
 *
 * @param array<int|string,mixed>|null $reasons Numbers by reason.
 */
function held_out_words( ?array $reasons ): ?string {
	if ( null === $reasons ) {
		return null;
	}
	$words = array();
	foreach ( $reasons as $reason => $number ) {
		$words[] = $reason . ' ' . ( is_int( $number ) ? $number : UNKNOWN );
	}
	return listed_words( $words );
}

/**
 * Words in a row, "none" for none of them.
 *
 * @param string[]|null $words The words; null where they are unknown.
 */
function listed_words( ?array $words ): ?string {
	if ( null === $words ) {
		return null;
	}
	return array() === $words ? 'none' : implode( ', ', $words );
}
