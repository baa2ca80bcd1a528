<?php
/**
 * What needs a person: changes that could not be made, and products that are left out, each with why and where to mend it.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * The part of the page that lists it; nothing where there is nothing.
 *
 * @param Overview $seen What was gathered.
 */
function render_needs( Overview $seen ): void {
	$stuck    = $seen->stuck();
	$left_out = $seen->held_out_in_all();
	if ( 0 === $stuck && 0 === $left_out ) {
		return;
	}
	?>
	<h2><?php esc_html_e( 'Needs you', 'tillbridge' ); ?></h2>
	<?php
	if ( null === $seen->rows || null === $seen->held_out ) {
		?>
		<p><?php esc_html_e( 'What it is, is unknown: the program on the server did not say in time. Load this page again, or run "tillbridge queue" on the server.', 'tillbridge' ); ?></p>
		<?php
		return;
	}
	if ( array() !== $seen->rows ) {
		?>
		<h3><?php esc_html_e( 'Changes that could not be made', 'tillbridge' ); ?></h3>
		<?php
		render_need_list( array_map( __NAMESPACE__ . '\\need_of_row', $seen->rows ), $stuck );
		render_button( 'retry', __( 'Try again', 'tillbridge' ) );
	}
	if ( array() !== $seen->held_out ) {
		?>
		<h3><?php esc_html_e( 'Products that are left out', 'tillbridge' ); ?></h3>
		<p><?php esc_html_e( 'Their stock is not kept in step, because it would be a guess. Everything else goes on.', 'tillbridge' ); ?></p>
		<?php
		render_need_list( array_map( __NAMESPACE__ . '\\need_of_item', $seen->held_out ), $left_out );
	}
}

/**
 * A list of them.
 *
 * @param array<int,array{what:string,why:string,url:string,label:string}> $needs Them.
 * @param int|null                                                         $total How many there are in all.
 */
function render_need_list( array $needs, ?int $total ): void {
	?>
	<ul class="tillbridge-needs">
		<?php foreach ( $needs as $need ) : ?>
			<li>
				<strong dir="auto"><?php echo esc_html( $need['what'] ); ?></strong>
				<span class="tillbridge-why" dir="auto"><?php echo esc_html( $need['why'] ); ?></span>
				<?php if ( '' !== $need['url'] ) : ?>
					<a href="<?php echo esc_url( $need['url'] ); ?>"><?php echo esc_html( $need['label'] ); ?> <span class="screen-reader-text">(<?php echo esc_html( $need['what'] ); ?>)</span></a>
				<?php endif; ?>
			</li>
		<?php endforeach; ?>
	</ul>
	<?php if ( null !== $total && $total > count( $needs ) ) : ?>
		<?php $more = $total - count( $needs ); ?>
		<?php /* translators: %s: a number. */ ?>
		<p><?php echo esc_html( sprintf( _n( 'And %s more: "tillbridge queue" on the server lists them all.', 'And %s more: "tillbridge queue" on the server lists them all.', $more, 'tillbridge' ), number_format_i18n( $more ) ) ); ?></p>
	<?php endif; ?>
	<?php
}

/**
 * A change that could not be made, as it is shown.
 *
 * @param array<string,mixed> $row A row of the daemon's queue.
 * @return array{what:string,why:string,url:string,label:string}
 */
function need_of_row( array $row ): array {
	$sku  = text_in( $row, 'sku' );
	$name = text_in( $row, 'name' );
	$what = array_filter( array( $sku, $name ) );
	$side = text_in( $row, 'side' );
	$told = array(
		'store' => __( 'A change for this shop', 'tillbridge' ),
		'pos'   => __( 'A change for the till', 'tillbridge' ),
	);
	return array(
		'what' => array() === $what ? ( $told[ $side ] ?? __( 'A message', 'tillbridge' ) ) . ' (' . text_in( $row, 'key' ) . ')' : implode( ' – ', $what ),
		'why'  => text_in( $row, 'sentence' ),
	) + link_of( text_in( $row, 'store_ref' ), $sku );
}

/**
 * A product that is left out, as it is shown.
 *
 * @param array<string,mixed> $item A product of either side.
 * @return array{what:string,why:string,url:string,label:string}
 */
function need_of_item( array $item ): array {
	$sku   = text_in( $item, 'sku' );
	$side  = text_in( $item, 'side' );
	$where = array(
		'store' => __( 'in the shop', 'tillbridge' ),
		'pos'   => __( 'at the till', 'tillbridge' ),
	);
	$names = implode( ' – ', array_filter( array( $sku, text_in( $item, 'name' ) ) ) );
	/* translators: 1: SKU and name of a product, 2: "in the shop" or "at the till". */
	$what = isset( $where[ $side ] ) ? sprintf( __( '%1$s (%2$s)', 'tillbridge' ), $names, $where[ $side ] ) : $names;
	return array(
		'what' => $what,
		'why'  => text_in( $item, 'sentence' ),
	) + link_of( 'store' === $side ? text_in( $item, 'ref' ) : '', $sku );
}

/**
 * Where in wp-admin it can be mended: the product, else those with that SKU.
 *
 * @param string $ref The product's or variation's id in this shop, "" where it is unknown.
 * @param string $sku The SKU, "" where there is none.
 * @return array{url:string,label:string}
 */
function link_of( string $ref, string $sku ): array {
	$product = ctype_digit( $ref ) ? (int) $ref : 0;
	$parent  = 0 === $product ? 0 : (int) wp_get_post_parent_id( $product );
	$url     = 0 === $product ? null : get_edit_post_link( 0 === $parent ? $product : $parent, 'raw' );
	if ( is_string( $url ) && '' !== $url ) {
		return array(
			'url'   => $url,
			'label' => __( 'Edit product', 'tillbridge' ),
		);
	}
	if ( '' === $sku ) {
		return array(
			'url'   => '',
			'label' => '',
		);
	}
	$query = array(
		'post_type' => 'product',
		's'         => rawurlencode( $sku ),
	);
	return array(
		'url'   => add_query_arg( $query, admin_url( 'edit.php' ) ),
		'label' => __( 'Find in the shop', 'tillbridge' ),
	);
}
