<?php
/**
 * Everything on the page that changes something: each a form of its own with its own nonce, none of it by a mere link.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * The beginning of a form for one action; the caller closes it.
 *
 * `wp_nonce_field()` would give every form on the page an element of the same id.
 *
 * @param string $action One of ADMIN_ACTIONS.
 */
function open_form( string $action ): void {
	?>
	<form method="post" action="<?php echo esc_url( admin_url( 'admin-post.php' ) ); ?>">
		<input type="hidden" name="action" value="<?php echo esc_attr( admin_action( $action ) ); ?>">
		<input type="hidden" name="_wpnonce" value="<?php echo esc_attr( wp_create_nonce( admin_action( $action ) ) ); ?>">
	<?php
}

/**
 * A button with its form.
 *
 * @param string $action One of ADMIN_ACTIONS.
 * @param string $label  What stands on it.
 * @param string $style  More classes, such as button-primary.
 */
function render_button( string $action, string $label, string $style = '' ): void {
	open_form( $action );
	?>
		<button type="submit" class="button <?php echo esc_attr( $style ); ?>"><?php echo esc_html( $label ); ?></button>
	</form>
	<?php
}

/**
 * The field for the one-time code, with what was wrong with the last one.
 *
 * @param Note|null $note What became of the last try.
 */
function render_connect_form( ?Note $note ): void {
	$complaint = null !== $note && 'connect' === $note->action ? $note->complaint : '';
	$described = '' === $complaint ? 'tillbridge-code-help' : 'tillbridge-code-error tillbridge-code-help';
	?>
	<h2><?php esc_html_e( 'Connect this shop', 'tillbridge' ); ?></h2>
	<p><?php esc_html_e( 'Tillbridge is a program on the server of this shop. It shows a code that is good for one connection; put that code here.', 'tillbridge' ); ?></p>
	<ol>
		<li><?php echo wp_kses( __( 'On the server, run <code>tillbridge init</code>, or ask whoever looks after the server to do so. It shows the code.', 'tillbridge' ), array( 'code' => array() ) ); ?></li>
		<li><?php echo wp_kses( __( 'Let <code>tillbridge run</code> run there.', 'tillbridge' ), array( 'code' => array() ) ); ?></li>
		<li><?php esc_html_e( 'Put the code into the field, and connect. That takes up to half a minute.', 'tillbridge' ); ?></li>
	</ol>
	<?php open_form( 'connect' ); ?>
		<table class="form-table" role="presentation">
			<tr>
				<th scope="row"><label for="tillbridge-code"><?php esc_html_e( 'One-time code', 'tillbridge' ); ?></label></th>
				<td>
					<input type="text" id="tillbridge-code" name="code" class="large-text code" dir="ltr" required maxlength="300" autocomplete="off" autocapitalize="characters" spellcheck="false" aria-describedby="<?php echo esc_attr( $described ); ?>"<?php echo '' === $complaint ? '' : ' aria-invalid="true" autofocus'; ?>>
					<?php if ( '' !== $complaint ) : ?>
						<p class="tillbridge-complaint" id="tillbridge-code-error" role="alert" dir="auto">
							<span class="dashicons dashicons-warning" aria-hidden="true"></span>
							<?php echo esc_html( $complaint ); ?>
						</p>
					<?php endif; ?>
					<p class="description" id="tillbridge-code-help"><?php echo wp_kses( __( 'All of the line, such as <code dir="ltr">7F3KQ-9QMD2-…@127.0.0.1:8642</code>. Small letters and spaces do no harm.', 'tillbridge' ), array( 'code' => array( 'dir' => true ) ) ); ?></p>
				</td>
			</tr>
		</table>
		<p class="submit"><button type="submit" class="button button-primary"><?php esc_html_e( 'Connect', 'tillbridge' ); ?></button></p>
	</form>
	<?php
}

/**
 * The two answers to the question that a shop at another address asks.
 */
function render_elsewhere_choice(): void {
	?>
	<h2><?php esc_html_e( 'Which is it?', 'tillbridge' ); ?></h2>
	<div class="tillbridge-choices">
		<?php foreach ( array( 'moved', 'copy' ) as $question ) : ?>
			<?php $asks = question_words( $question, null ); ?>
			<div class="card">
				<h3><?php echo esc_html( $asks['title'] ); ?></h3>
				<p><?php echo esc_html( $asks['meaning'] ); ?></p>
				<p><a class="button" href="<?php echo esc_url( admin_page_url( $question ) ); ?>"><?php echo esc_html( $asks['title'] ); ?></a></p>
			</div>
		<?php endforeach; ?>
	</div>
	<?php
}

/**
 * The page that stands between a button with consequences and these.
 *
 * @param string    $question One of moved, copy, disconnect.
 * @param Overview  $seen     What was gathered.
 * @param Note|null $note     What became of the last try.
 */
function render_confirmation( string $question, Overview $seen, ?Note $note ): void {
	$asks = question_words( $question, $seen->known( 'unacknowledged' ) );
	?>
	<div class="card tillbridge-confirmation">
		<h2><?php echo esc_html( $asks['title'] ); ?></h2>
		<p><?php echo esc_html( $asks['meaning'] ); ?></p>
		<?php if ( '' !== $asks['price'] ) : ?>
			<p><strong><?php echo esc_html( $asks['price'] ); ?></strong></p>
		<?php endif; ?>
		<div class="tillbridge-buttons">
			<?php render_button( $question, $asks['yes'], 'button-primary' ); ?>
			<a class="button" href="<?php echo esc_url( admin_page_url() ); ?>"><?php esc_html_e( 'No, go back', 'tillbridge' ); ?></a>
		</div>
		<?php if ( 'disconnect' === $question && null !== $note && 'disconnect' === $note->action && ! $note->is_well() ) : ?>
			<p><?php esc_html_e( 'The program on the server could not be told. If it is gone for good, you can disconnect here alone.', 'tillbridge' ); ?></p>
			<?php render_button( 'forget', __( 'Disconnect here alone', 'tillbridge' ), 'button-link-delete' ); ?>
		<?php endif; ?>
	</div>
	<?php
}

/**
 * The words of a question.
 *
 * @param string   $question One of moved, copy, disconnect.
 * @param int|null $waiting  How many changes wait here.
 * @return array{title:string,meaning:string,price:string,yes:string}
 */
function question_words( string $question, ?int $waiting ): array {
	if ( 'moved' === $question ) {
		return array(
			'title'   => __( 'The shop has moved here', 'tillbridge' ),
			'meaning' => __( 'The shop lives at this address from now on, and at the old one no more. It stays connected, and what happened here meanwhile is sent to the till.', 'tillbridge' ),
			'price'   => __( 'If the old shop still runs, do not say this: two shops would sell the same shelf.', 'tillbridge' ),
			'yes'     => __( 'Yes, the shop has moved here', 'tillbridge' ),
		);
	}
	if ( 'copy' === $question ) {
		return array(
			'title'   => __( 'This is a copy', 'tillbridge' ),
			'meaning' => __( 'The real shop goes on at its own address, and this is a copy of it, for tests for example. The copy is disconnected and never moves stock; the real shop does not notice.', 'tillbridge' ),
			'price'   => dropped_words( $waiting ),
			'yes'     => __( 'Yes, this is a copy', 'tillbridge' ),
		);
	}
	return array(
		'title'   => __( 'Disconnect this shop', 'tillbridge' ),
		'meaning' => __( 'Shop and till go separate ways: a sale here no longer lowers the stock there, nor the other way round. Stock stays as it is on both sides, and you can connect again with a new code.', 'tillbridge' ),
		'price'   => unheard_words( $waiting ),
		'yes'     => __( 'Yes, disconnect', 'tillbridge' ),
	);
}

/**
 * What becomes of the changes that wait in a copy.
 *
 * @param int|null $waiting How many.
 */
function dropped_words( ?int $waiting ): string {
	if ( null === $waiting ) {
		return __( 'How many changes wait in this copy is unknown; they are dropped.', 'tillbridge' );
	}
	if ( 0 === $waiting ) {
		return __( 'No change waits in this copy, so nothing is dropped.', 'tillbridge' );
	}
	/* translators: %s: a number. */
	$words = _n( '%s change that waits in this copy is dropped.', '%s changes that wait in this copy are dropped.', $waiting, 'tillbridge' );
	return sprintf( $words, number_format_i18n( $waiting ) );
}

/**
 * What becomes of the changes that wait in a shop that is disconnected: kept, but nobody is told.
 *
 * @param int|null $waiting How many.
 */
function unheard_words( ?int $waiting ): string {
	if ( null === $waiting ) {
		return __( 'How many changes still wait here is unknown; the till would hear of them only if this shop is connected to it again.', 'tillbridge' );
	}
	if ( 0 === $waiting ) {
		return __( 'No change waits here: the till has heard of everything so far.', 'tillbridge' );
	}
	/* translators: %s: a number. */
	$words = _n( '%s change still waits here; the till would hear of it only if this shop is connected to it again.', '%s changes still wait here; the till would hear of them only if this shop is connected to it again.', $waiting, 'tillbridge' );
	return sprintf( $words, number_format_i18n( $waiting ) );
}
