<?php
/**
 * The short list of how things stand, and the buttons that are always there. What nobody knows is called unknown.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * The list.
 *
 * @param Overview $seen What was gathered.
 * @param int      $now  Unix seconds.
 */
function render_facts( Overview $seen, int $now ): void {
	?>
	<h2><?php esc_html_e( 'How things stand', 'tillbridge' ); ?></h2>
	<table class="widefat striped tillbridge-facts">
		<tbody>
			<?php foreach ( facts_of( $seen, $now ) as list( $name, $value ) ) : ?>
				<tr>
					<th scope="row"><?php echo esc_html( $name ); ?></th>
					<td dir="auto"><?php echo esc_html( $value ); ?></td>
				</tr>
			<?php endforeach; ?>
		</tbody>
	</table>
	<?php
}

/**
 * Its lines. A shop in the safe mode asks nobody, so it has fewer.
 *
 * @param Overview $seen What was gathered.
 * @param int      $now  Unix seconds.
 * @return array<int,array{0:string,1:string}>
 */
function facts_of( Overview $seen, int $now ): array {
	$facts = array(
		array( __( 'Connected since', 'tillbridge' ), null === $seen->paired_at ? unknown() : moment( $seen->paired_at, $now ) ),
		array( __( 'Site id', 'tillbridge' ), text_in( $seen->local, 'site' ) ),
		array( __( 'Plugin', 'tillbridge' ), version_words( VERSION ) ),
		array( __( 'Last contact', 'tillbridge' ), contact_words( $seen, $now ) ),
		array( __( 'Waiting here', 'tillbridge' ), waiting_words( $seen->known( 'unacknowledged' ), $seen->known( 'oldest_unacknowledged' ), $now ) ),
	);
	if ( 'paired' !== $seen->state ) {
		return $facts;
	}
	return array_merge(
		$facts,
		array(
			array( __( 'Program on the server', 'tillbridge' ), daemon_words( $seen ) ),
			array( __( 'Waiting there', 'tillbridge' ), waiting_words( $seen->told( 'waiting' ), $seen->told( 'oldest_waiting_seconds' ), $now ) ),
			array( __( 'It reaches the till', 'tillbridge' ), side_words( $seen->side( 'pos' ), $now ) ),
			array( __( 'It reaches this shop', 'tillbridge' ), side_words( $seen->side( 'store' ), $now ) ),
			array( __( 'Linked products', 'tillbridge' ), number_words( $seen->told( 'links' ) ) ),
		)
	);
}

/**
 * Whether the daemon is there.
 *
 * @param Overview $seen What was gathered.
 */
function daemon_words( Overview $seen ): string {
	$where = text_in( $seen->local, 'listener' );
	if ( null !== $seen->daemon ) {
		$version = text_in( $seen->daemon, 'version' );
		/* translators: 1: an address such as http://127.0.0.1:8642, 2: "version 1.2.3" or "version unknown". */
		return sprintf( __( 'Answers at %1$s, %2$s', 'tillbridge' ), $where, version_words( $version ) );
	}
	if ( null !== $seen->trouble && 'tillbridge_unreachable' !== $seen->trouble->get_error_code() ) {
		/* translators: %s: an address such as http://127.0.0.1:8642. */
		return sprintf( __( 'Does not answer as it should, at %s', 'tillbridge' ), $where );
	}
	/* translators: %s: an address such as http://127.0.0.1:8642. */
	return sprintf( __( 'Does not answer at %s', 'tillbridge' ), $where );
}

/**
 * When shop and daemon last heard of each other: the page itself has just asked.
 *
 * @param Overview $seen What was gathered.
 * @param int      $now  Unix seconds.
 */
function contact_words( Overview $seen, int $now ): string {
	if ( null !== $seen->daemon ) {
		return __( 'just now', 'tillbridge' );
	}
	$contact = $seen->known( 'last_contact' );
	/* translators: %s: a span of time, such as "2 minutes". */
	return null === $contact ? unknown() : sprintf( __( '%s ago', 'tillbridge' ), human_time_diff( min( $contact, $now ), $now ) );
}

/**
 * Whether the daemon reaches a side.
 *
 * @param array<string,mixed> $side What it says of it.
 * @param int                 $now  Unix seconds.
 */
function side_words( array $side, int $now ): string {
	$reachable = $side['reachable'] ?? null;
	if ( true === $reachable ) {
		return __( 'Yes', 'tillbridge' );
	}
	if ( false !== $reachable ) {
		return unknown();
	}
	$away = count_in( $side, 'away_seconds' );
	/* translators: %s: a time, such as 10:12. */
	$since = null === $away ? __( 'No', 'tillbridge' ) : sprintf( __( 'No, not since %s', 'tillbridge' ), moment( $now - $away, $now ) );
	return implode( ': ', array_filter( array( $since, text_in( $side, 'trouble' ) ) ) );
}

/**
 * How much waits, and for how long.
 *
 * @param int|null $count  How many changes.
 * @param int|null $oldest For how many seconds the oldest of them does.
 * @param int      $now    Unix seconds.
 */
function waiting_words( ?int $count, ?int $oldest, int $now ): string {
	if ( null === $count || 0 === $count || null === $oldest ) {
		return number_words( $count );
	}
	/* translators: 1: a number, 2: a span of time, such as "2 minutes". */
	return sprintf( _n( '%1$s, for %2$s', '%1$s, the oldest for %2$s', $count, 'tillbridge' ), number_format_i18n( $count ), human_time_diff( $now - $oldest, $now ) );
}

/**
 * What can be asked of a shop that is connected.
 */
function render_paired_buttons(): void {
	?>
	<div class="tillbridge-buttons">
		<?php
		render_button( 'sync', __( 'Look now', 'tillbridge' ), 'button-primary' );
		render_button( 'check', __( 'Test every step', 'tillbridge' ) );
		if ( ! Connection::is_in_a_file() ) :
			?>
			<a class="button button-link-delete" href="<?php echo esc_url( admin_page_url( 'disconnect' ) ); ?>"><?php esc_html_e( 'Disconnect this shop …', 'tillbridge' ); ?></a>
		<?php endif; ?>
	</div>
	<p class="description">
		<?php esc_html_e( '“Look now” reads shop and till at once instead of in a moment, and tries again what failed. “Test every step” tries each part of the way from here to the till, and says how to mend it.', 'tillbridge' ); ?>
		<?php if ( Connection::is_in_a_file() ) : ?>
			<?php esc_html_e( 'The connection stands in wp-config.php (TILLBRIDGE_CONNECTION), so only there can it be ended.', 'tillbridge' ); ?>
		<?php endif; ?>
	</p>
	<?php
}
