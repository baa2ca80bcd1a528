<?php
/**
 * What the daemon needs of this shop's web server and accounts, tried from here.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

use Tillbridge\Connection;

defined( 'ABSPATH' ) || exit;

/**
 * The hops that the daemon takes to come in.
 */
final class Web_Hops {

	/**
	 * Look at all of them.
	 *
	 * @param Connection|null $connection The connection.
	 * @return Hop[]
	 */
	public static function look( ?Connection $connection ): array {
		$hops = array( self::route() );
		if ( null !== $connection ) {
			$hops[] = self::account( $connection );
		}
		return $hops;
	}

	/**
	 * Whether our routes answer over HTTP. Asked without a signature: the refusal in our own words is the proof, and a
	 * signed call of our own would look like one of the daemon.
	 */
	private static function route(): Hop {
		$url    = rest_url( 'wc-tillbridge/v1/health' );
		$links  = '' === (string) get_option( 'permalink_structure' ) ? 'plain permalinks' : 'pretty permalinks';
		$answer = wp_remote_get(
			$url,
			array(
				'timeout'     => 10,
				'redirection' => 0,
				'sslverify'   => apply_filters( 'https_local_ssl_verify', false ), // phpcs:ignore WordPress.NamingConventions -- WordPress' own.
			)
		);
		if ( is_wp_error( $answer ) ) {
			return Hop::problem( 'REST route', $url . ' cannot be reached from this server: ' . $answer->get_error_message(), 'see whether the web server runs and its name leads to this server; else give the daemon [store] connect_to' );
		}
		$status = (int) wp_remote_retrieve_response_code( $answer );
		$said   = json_decode( (string) wp_remote_retrieve_body( $answer ), true );
		$code   = is_array( $said ) && is_string( $said['code'] ?? null ) ? $said['code'] : '';
		if ( 0 === strpos( $code, 'tillbridge_' ) ) {
			return Hop::well( 'REST route', $url . ' answers (' . $links . ')' );
		}
		if ( 'rest_no_route' === $code ) {
			return Hop::problem( 'REST route', $url . ' has no route of ours', 'activate WooCommerce and this plugin for the site with that address' );
		}
		return Hop::problem( 'REST route', $url . ' answers with status ' . $status . ' and not in our words (' . $links . ')', 'save Settings > Permalinks once; then look for a firewall, a cache, a password or a maintenance page before /wp-json/' );
	}

	/**
	 * Whether the user and the REST key of the pairing are still there.
	 *
	 * @param Connection $connection The connection.
	 */
	private static function account( Connection $connection ): Hop {
		global $wpdb;
		$name = 'REST key';
		$fix  = 'pair again: tillbridge init on the server, then wp tillbridge connect CODE';
		if ( 0 === $connection->user_id ) {
			return Hop::unknown( $name, 'the connection was made by hand, so no user and no key of ours belong to it' );
		}
		$user = get_userdata( $connection->user_id );
		if ( false === $user ) {
			return Hop::problem( $name, 'the user made at pairing (number ' . $connection->user_id . ') is gone', $fix );
		}
		if ( ! user_can( $user, 'manage_woocommerce' ) ) { // phpcs:ignore WordPress.WP.Capabilities -- WooCommerce's own.
			return Hop::problem( $name, 'the user ' . $user->user_login . ' may no longer manage the shop', 'give it the role Shop manager again' );
		}
		$sql   = "SELECT COUNT(*) FROM {$wpdb->prefix}woocommerce_api_keys WHERE user_id = %d AND permissions = 'read_write'";
		$shown = $wpdb->suppress_errors( true );
		$keys  = $wpdb->get_var( $wpdb->prepare( $sql, $connection->user_id ) ); // phpcs:ignore WordPress.DB -- WooCommerce has no function for its keys.
		$wpdb->suppress_errors( $shown );
		if ( null === $keys ) {
			return Hop::unknown( $name, "WooCommerce's table of keys cannot be read", 'look under WooCommerce > Status for missing tables' );
		}
		return Hop::must( (int) $keys > 0, $name, 'user ' . $user->user_login . ', ' . number_of( (int) $keys, 'key', 'keys' ) . ' to read and write', $fix );
	}
}
