<?php
/**
 * WordPress' tools for a person's data (Tools > Export Personal Data, Erase Personal Data) reach what Tillbridge holds:
 * which person of the POS an account of this shop is. The daemon keeps that, so it is asked.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

const PRIVACY_EXPORT = '/v1/control/people/export';
const PRIVACY_ERASE  = '/v1/control/people/erase';

/**
 * Say that we hold something.
 */
function watch_privacy(): void {
	add_filter( 'wp_privacy_personal_data_exporters', __NAMESPACE__ . '\\add_exporter', 10, 1 );
	// Before WooCommerce's own, which may take the address off a guest's orders: by that address the guest is found.
	add_filter( 'wp_privacy_personal_data_erasers', __NAMESPACE__ . '\\add_eraser', 1, 1 );
}

/**
 * One more exporter.
 *
 * @param mixed $exporters Those that there are.
 * @return mixed
 */
function add_exporter( $exporters ) {
	if ( is_array( $exporters ) ) {
		$exporters['tillbridge'] = array(
			'exporter_friendly_name' => __( 'Tillbridge', 'tillbridge' ),
			'callback'               => __NAMESPACE__ . '\\export_person',
		);
	}
	return $exporters;
}

/**
 * One more eraser.
 *
 * @param mixed $erasers Those that there are.
 * @return mixed
 */
function add_eraser( $erasers ) {
	if ( is_array( $erasers ) ) {
		$erasers['tillbridge'] = array(
			'eraser_friendly_name' => __( 'Tillbridge', 'tillbridge' ),
			'callback'             => __NAMESPACE__ . '\\erase_person',
		);
	}
	return $erasers;
}

/**
 * What is held of the account with this e-mail address. Where the daemon is away the export says so: an empty one would
 * say that nothing is held.
 *
 * @param mixed $email The address.
 * @return array{data:array<int,array<string,mixed>>,done:bool}
 */
function export_person( $email ): array {
	$held = ask_about_person( PRIVACY_EXPORT, $email );
	$rows = array();
	if ( is_wp_error( $held ) ) {
		$rows[] = array(
			'name'  => __( 'Not asked', 'tillbridge' ),
			'value' => person_unasked( $held ),
		);
	} else {
		foreach ( is_list_of( $held['items'] ?? null, 'is_array' ) ? $held['items'] : array() as $item ) {
			$rows[] = array(
				'name'  => (string) ( $item['name'] ?? '' ),
				'value' => (string) ( $item['value'] ?? '' ),
			);
		}
	}
	$group = array(
		'group_id'    => 'tillbridge',
		'group_label' => __( 'Till (Tillbridge)', 'tillbridge' ),
		'item_id'     => 'tillbridge-person',
		'data'        => $rows,
	);
	return array(
		'data' => array() === $rows ? array() : array( $group ),
		'done' => true,
	);
}

/**
 * Erase it, there and where the POS can. What the daemon could not erase, and a daemon that is away, is told as kept.
 *
 * @param mixed $email The address.
 * @return array{items_removed:bool,items_retained:bool,messages:string[],done:bool}
 */
function erase_person( $email ): array {
	$done = ask_about_person( PRIVACY_ERASE, $email );
	$away = is_wp_error( $done );
	$said = $away ? array( person_unasked( $done ) ) : ( $done['messages'] ?? array() );
	return array(
		'items_removed'  => ! $away && true === ( $done['removed'] ?? false ),
		'items_retained' => $away || true === ( $done['retained'] ?? false ),
		'messages'       => is_list_of( $said, 'is_string' ) ? $said : array(),
		'done'           => true,
	);
}

/**
 * Ask the daemon about an account, or about the guest who made an order. An address without either is nobody whom
 * Tillbridge knows, and a shop that is not connected has told it of nobody.
 *
 * @param string $path  What to ask.
 * @param mixed  $email The address; it does not leave the shop here, only the number of the account or order does.
 * @return array<string,mixed>|\WP_Error
 */
function ask_about_person( string $path, $email ) {
	load_controls();
	load( 'rest' );
	$connection = Connection::read();
	$customer   = is_string( $email ) ? person_of( $email ) : '';
	if ( null === $connection || '' === $customer ) {
		return array();
	}
	return ( new Daemon( $connection ) )->post( $path, array( 'customer' => $customer ) );
}

/**
 * What the daemon calls the owner of an address: an account by its number, a guest by their latest order.
 *
 * @param string $email The address.
 */
function person_of( string $email ): string {
	$user = get_user_by( 'email', $email );
	if ( $user instanceof \WP_User ) {
		return (string) $user->ID;
	}
	if ( ! is_email( $email ) ) {
		return '';
	}
	$orders = wc_get_orders(
		array(
			'type'          => 'shop_order',
			'status'        => array_keys( wc_get_order_statuses() ),
			'customer_id'   => 0,
			'billing_email' => $email,
			'orderby'       => 'ID',
			'order'         => 'DESC',
			'limit'         => 1,
			'return'        => 'ids',
		)
	);
	return array() === $orders ? '' : 'order:' . (int) $orders[0];
}

/**
 * Why nothing is known, and what to do about it.
 *
 * @param \WP_Error $trouble What came in place of an answer.
 */
function person_unasked( \WP_Error $trouble ): string {
	/* translators: %s: a sentence that says what went wrong. */
	return sprintf( __( 'Tillbridge could not be asked what it holds of this person, so make this request again once it answers. %s', 'tillbridge' ), $trouble->get_error_message() );
}
