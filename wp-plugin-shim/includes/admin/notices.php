<?php
/**
 * What became of an action, as WordPress' own notices; and the one question that stands on all screens of the shop.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * What became of the button that was pressed. What is wrong with a code is said beside its field.
 *
 * @param Note $note The note.
 */
function render_note( Note $note ): void {
	if ( '' !== text_in( $note->found, 'warning' ) ) {
		render_notice( 'warning', text_in( $note->found, 'warning' ) );
	} elseif ( $note->is_well() ) {
		render_notice( $note->all_hops_work() ? 'success' : 'warning', note_words( $note ) );
	} elseif ( 'connect' !== $note->action ) {
		/* translators: %s: a sentence that says why, perhaps in the words of another program. */
		render_notice( 'error', sprintf( __( 'That did not work: %s', 'tillbridge' ), $note->complaint ) );
	}
}

/**
 * One notice. Those who hear the page rather than see it are told as well.
 *
 * @param string $kind  success, warning or error.
 * @param string $words What it says.
 */
function render_notice( string $kind, string $words ): void {
	printf(
		'<div class="notice notice-%1$s is-dismissible" role="%2$s"><p dir="auto">%3$s</p></div>',
		esc_attr( $kind ),
		esc_attr( 'success' === $kind ? 'status' : 'alert' ),
		esc_html( $words )
	);
}

/**
 * What an action that worked says.
 *
 * @param Note $note The note.
 */
function note_words( Note $note ): string {
	switch ( $note->action ) {
		case 'connect':
			return __( 'This shop is connected.', 'tillbridge' ) . ' ' . hops_words( $note );
		case 'disconnect':
			return __( 'This shop is disconnected. Its stock stays as it is.', 'tillbridge' );
		case 'forget':
			return __( 'This shop is disconnected here. The program on the server does not know it yet: stop it there.', 'tillbridge' );
		case 'moved':
			return __( 'This shop has moved here. It goes on from where it was.', 'tillbridge' );
		case 'copy':
			return __( 'This is a copy now, with a name of its own. It is not connected to anything; the shop that it was copied from goes on undisturbed.', 'tillbridge' );
		case 'retry':
			return retry_words( $note->found );
		case 'sync':
			return __( 'Tillbridge is looking at shop and till now. Load this page again in a few seconds to see what it found.', 'tillbridge' );
		default:
			return hops_words( $note );
	}
}

/**
 * How the steps from here to the till went, on the whole.
 *
 * @param Note $note The note.
 */
function hops_words( Note $note ): string {
	if ( $note->all_hops_work() ) {
		return __( 'Every step from here to the till works.', 'tillbridge' );
	}
	return __( 'Not every step from here to the till works yet: the list below says which, and how to mend it.', 'tillbridge' );
}

/**
 * What is said where our own code failed.
 */
function broken_words(): string {
	return __( 'Something broke in the plugin; WooCommerce > Status > Logs says what.', 'tillbridge' );
}

/**
 * How many are tried again.
 *
 * @param array<string,mixed> $said What the daemon answered.
 */
function retry_words( array $said ): string {
	$changed = count_in( $said, 'changed' );
	if ( null === $changed ) {
		return __( 'What failed is tried again now.', 'tillbridge' );
	}
	if ( 0 === $changed ) {
		return __( 'There was nothing to try again.', 'tillbridge' );
	}
	/* translators: %s: a number. */
	return sprintf( _n( '%s change is tried again now.', '%s changes are tried again now.', $changed, 'tillbridge' ), number_format_i18n( $changed ) );
}

/**
 * The question that a shop at another address asks, on the screens of WooCommerce.
 */
function render_elsewhere_notice(): void {
	?>
	<div class="notice notice-warning">
		<p><strong>Tillbridge:</strong> <?php echo esc_html( elsewhere_sentence( (string) get_option( 'home' ) ) ); ?></p>
		<p>
			<?php esc_html_e( 'Nothing is sent and no stock is changed until you say which it is.', 'tillbridge' ); ?>
			<a href="<?php echo esc_url( admin_page_url() ); ?>"><?php esc_html_e( 'Say which it is', 'tillbridge' ); ?></a>
		</p>
	</div>
	<?php
}
