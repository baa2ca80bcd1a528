<?php
/**
 * Keeps this request from writing to customers.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * Until the request is over: no mail about orders, whether WooCommerce would send it now or later.
 */
final class Quiet {

	/**
	 * Begin.
	 */
	public static function begin(): void {
		foreach ( array_keys( $GLOBALS['wp_filter'] ) as $hook ) {
			if ( 0 === strpos( (string) $hook, 'woocommerce_' ) ) {
				remove_action( $hook, array( 'WC_Emails', 'send_transactional_email' ), 10 );
				remove_action( $hook, array( 'WC_Emails', 'queue_transactional_email' ), 10 );
			}
		}
		// What a plugin sends through WooCommerce's mailer all the same.
		add_filter( 'woocommerce_mail_callback', array( self::class, 'nobody' ), PHP_INT_MAX, 0 );
	}

	/**
	 * Who sends the mail: nobody, and all is well.
	 */
	public static function nobody(): string {
		return '__return_true';
	}

	/**
	 * WooCommerce marks the account of somebody who has bought; the accounts of those who run the shop stay as they are.
	 */
	public static function leave_accounts_alone(): void {
		remove_action( 'woocommerce_order_status_completed', 'wc_paying_customer' );
		remove_action( 'woocommerce_payment_complete', 'wc_paying_customer' );
	}
}
