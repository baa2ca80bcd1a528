<?php
/**
 * A bank that does what its customer says in the field `e2e`: a must-use plugin of a flow's shop.
 *
 * pays (at once) · later (sends the customer away; the bank calls back when the money is there) · refuses (the order stays
 * unpaid) · declines (the order fails) · breaks (an exception). It notes how much the shop had reserved when it was asked.
 *
 * @package Tillbridge
 */

defined( 'ABSPATH' ) || exit;

add_filter(
	'woocommerce_payment_gateways',
	static function ( $gateways ) {
		$gateways[] = new class() extends WC_Payment_Gateway {

			public function __construct() {
				$this->id       = 'e2e_bank';
				$this->title    = 'Bank';
				$this->enabled  = 'yes';
				$this->supports = array( 'products', 'refunds' );
			}

			public function process_payment( $order_id ) {
				$order = wc_get_order( $order_id );
				$how   = sanitize_key( $_POST['e2e'] ?? '' );
				$total = 'SELECT COALESCE( SUM( stock_quantity ), 0 ) FROM ' . $GLOBALS['wpdb']->wc_reserved_stock . ' WHERE order_id = ' . (int) $order_id;
				update_option( 'e2e_reserved', (int) $GLOBALS['wpdb']->get_var( $total ) );
				if ( 'breaks' === $how ) {
					throw new Exception( 'The bank is broken.' );
				}
				if ( 'pays' === $how ) {
					$order->payment_complete( 'e2e-' . $order_id );
				}
				if ( 'declines' === $how ) {
					$order->update_status( 'failed' );
				}
				if ( 'pays' === $how || 'later' === $how ) {
					WC()->cart->empty_cart();
					return array(
						'result'   => 'success',
						'redirect' => $this->get_return_url( $order ),
					);
				}
				wc_add_notice( 'The bank says no.', 'error' );
				return array(
					'result'   => 'failure',
					'redirect' => '',
				);
			}

			public function process_refund( $order_id, $amount = null, $reason = '' ) {
				return true;
			}
		};
		return $gateways;
	}
);

add_action(
	'woocommerce_api_e2e_bank',
	static function () {
		wc_get_order( (int) $_GET['order'] )->payment_complete( 'e2e-' . (int) $_GET['order'] );
		exit( 'heard' );
	}
);
