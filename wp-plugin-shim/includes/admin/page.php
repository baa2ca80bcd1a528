<?php
/**
 * The page WooCommerce > Tillbridge, from what was gathered. Works without JavaScript, and opens with the daemon away.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * All of it.
 */
function render_page(): void {
	?>
	<div class="wrap tillbridge">
		<h1>Tillbridge</h1>
		<hr class="wp-header-end">
		<?php
		try {
			render_contents( Overview::gather(), Note::take() );
		} catch ( \Throwable $trouble ) {
			Guard::note( $trouble );
			render_notice( 'error', broken_words() );
		}
		?>
	</div>
	<?php
}

/**
 * What stands below the title.
 *
 * @param Overview  $seen What was gathered.
 * @param Note|null $note What became of the last button.
 */
function render_contents( Overview $seen, ?Note $note ): void {
	if ( null !== $note ) {
		render_note( $note );
	}
	$asks = asked_question( $seen->state );
	if ( '' !== $asks ) {
		render_confirmation( $asks, $seen, $note );
	} else {
		render_overview( $seen, $note );
	}
}

/**
 * The question that the address names and that makes sense now; "" for none. It only chooses what is shown.
 *
 * @param string $state Whether the shop is paired.
 */
function asked_question( string $state ): string {
	$asked = isset( $_GET['ask'] ) ? sanitize_key( wp_unslash( $_GET['ask'] ) ) : ''; // phpcs:ignore WordPress.Security.NonceVerification.Recommended
	$fits  = array(
		'moved'      => 'elsewhere' === $state,
		'copy'       => 'elsewhere' === $state,
		'disconnect' => 'paired' === $state && ! Connection::is_in_a_file(),
	);
	return $fits[ $asked ] ?? false ? $asked : '';
}

/**
 * How things stand, and what can be done.
 *
 * @param Overview  $seen What was gathered.
 * @param Note|null $note What became of the last button.
 */
function render_overview( Overview $seen, ?Note $note ): void {
	render_standing( Standing::of( $seen, time() ) );
	if ( null !== $note && array() !== $note->hops() ) {
		render_hops( $note->hops() );
	}
	if ( 'unpaired' === $seen->state ) {
		render_connect_form( $note );
		return;
	}
	if ( 'elsewhere' === $seen->state ) {
		render_elsewhere_choice();
	} elseif ( null !== $seen->daemon ) {
		render_needs( $seen );
	}
	render_facts( $seen, time() );
	if ( 'paired' === $seen->state ) {
		render_paired_buttons();
	}
}

/**
 * The first sentence.
 *
 * @param Standing $standing How things stand.
 */
function render_standing( Standing $standing ): void {
	$icons = array(
		Standing::WELL    => 'yes-alt',
		Standing::BUSY    => 'clock',
		Standing::TROUBLE => 'warning',
		Standing::ASKS    => 'editor-help',
	);
	?>
	<div class="tillbridge-standing tillbridge-<?php echo esc_attr( $standing->tone ); ?>">
		<span class="dashicons dashicons-<?php echo esc_attr( $icons[ $standing->tone ] ); ?>" aria-hidden="true"></span>
		<div>
			<p class="tillbridge-sentence" dir="auto"><?php echo esc_html( $standing->sentence ); ?></p>
			<?php if ( '' !== $standing->advice ) : ?>
				<p dir="auto"><?php echo esc_html( $standing->advice ); ?></p>
			<?php endif; ?>
		</div>
	</div>
	<?php
}

/**
 * Each step from the shop to the till, as it was tried.
 *
 * @param array<int,array<string,mixed>> $hops The daemon's list.
 */
function render_hops( array $hops ): void {
	$words = array(
		'well'    => array( 'yes-alt', __( 'Works', 'tillbridge' ) ),
		'problem' => array( 'warning', __( 'Needs you', 'tillbridge' ) ),
		'unknown' => array( 'editor-help', __( 'Unknown', 'tillbridge' ) ),
	);
	?>
	<h2><?php esc_html_e( 'Step by step', 'tillbridge' ); ?></h2>
	<ul class="tillbridge-needs">
		<?php foreach ( $hops as $hop ) : ?>
			<?php $state = text_in( $hop, 'state' ); ?>
			<?php list( $icon, $word ) = $words[ $state ] ?? $words['unknown']; ?>
			<li class="tillbridge-hop tillbridge-hop-<?php echo esc_attr( isset( $words[ $state ] ) ? $state : 'unknown' ); ?>">
				<span class="dashicons dashicons-<?php echo esc_attr( $icon ); ?>" aria-hidden="true"></span>
				<strong dir="auto"><?php echo esc_html( text_in( $hop, 'name' ) ); ?></strong>
				<em><?php echo esc_html( $word ); ?></em>
				<?php foreach ( array_filter( array( text_in( $hop, 'detail' ), 'well' === $state ? '' : text_in( $hop, 'fix' ) ) ) as $words_of_hop ) : ?>
					<span class="tillbridge-why" dir="auto"><?php echo esc_html( $words_of_hop ); ?></span>
				<?php endforeach; ?>
			</li>
		<?php endforeach; ?>
	</ul>
	<?php
}
