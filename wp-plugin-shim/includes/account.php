<?php
/**
 * The user of WordPress as whom the daemon calls WooCommerce's own REST routes, and its REST key.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

// phpcs:disable WordPress.DB.DirectDatabaseQuery -- WooCommerce has no function for its keys; these are its own statements.

/**
 * One user of our own on each shop, with one key.
 *
 * What comes over wc/v3 as this user is the daemon's doing; so nobody else may share it.
 */
final class Account {

	private const MARK = 'tillbridge_account';

	/**
	 * The user.
	 *
	 * @var int
	 */
	public $user_id = 0;

	/**
	 * The key, as the daemon sends it: ck_…
	 *
	 * @var string
	 */
	public $key;

	/**
	 * Its secret: cs_…
	 *
	 * @var string
	 */
	public $secret;

	/**
	 * The key's row.
	 *
	 * @var int
	 */
	private $key_id = 0;

	/**
	 * Whether the user was not there before.
	 *
	 * @var bool
	 */
	private $is_new = false;

	/**
	 * A key for our user, who is made where there is none. The keys of before stay good until keep_only_this().
	 *
	 * @return self|\WP_Error
	 */
	public static function open() {
		$account = new self();
		$user_id = self::find();
		if ( null === $user_id ) {
			$user_id         = self::add_user();
			$account->is_new = true;
		}
		if ( is_wp_error( $user_id ) ) {
			return refusal( 'no_user', __( 'WordPress did not let us add the user for the daemon:', 'tillbridge' ) . ' ' . $user_id->get_error_message(), 500 );
		}
		$account->user_id = $user_id;
		if ( ! $account->add_key() ) {
			$account->undo();
			return refusal( 'no_rest_key', __( "WooCommerce's table of REST keys did not take one. Look under WooCommerce > Status for missing tables.", 'tillbridge' ), 500 );
		}
		return $account;
	}

	/**
	 * It came to nothing: leave no trace.
	 */
	public function undo(): void {
		global $wpdb;
		$wpdb->delete( $wpdb->prefix . 'woocommerce_api_keys', array( 'key_id' => $this->key_id ), array( '%d' ) );
		if ( $this->is_new ) {
			self::remove();
		}
	}

	/**
	 * The daemon has this key: all others of our user go.
	 */
	public function keep_only_this(): void {
		global $wpdb;
		$sql = "DELETE FROM {$wpdb->prefix}woocommerce_api_keys WHERE user_id = %d AND key_id <> %d";
		$wpdb->query( $wpdb->prepare( $sql, $this->user_id, $this->key_id ) ); // phpcs:ignore WordPress.DB.PreparedSQL.NotPrepared
	}

	/**
	 * Remove our user and its keys from this site. What it made in the shop (products, say) passes to an administrator.
	 */
	public static function remove(): void {
		global $wpdb;
		$user_id = self::find();
		if ( null === $user_id ) {
			return;
		}
		$silenced = $wpdb->suppress_errors( true ); // Without WooCommerce its table may be gone.
		$wpdb->delete( $wpdb->prefix . 'woocommerce_api_keys', array( 'user_id' => $user_id ), array( '%d' ) );
		$wpdb->suppress_errors( $silenced );
		require_once ABSPATH . 'wp-admin/includes/user.php';
		$heirs = get_users(
			array(
				'role'    => 'administrator',
				'number'  => 1,
				'orderby' => 'ID',
				'fields'  => 'ID',
				'exclude' => array( $user_id ),
			)
		);
		wp_delete_user( $user_id, array() === $heirs ? null : (int) $heirs[0] );
		if ( is_multisite() && array() === get_blogs_of_user( $user_id ) ) {
			require_once ABSPATH . 'wp-admin/includes/ms.php';
			wpmu_delete_user( $user_id );
		}
	}

	/**
	 * Our user on this site; null where there is none. Known by a mark and not by the name, which an owner may have given
	 * to somebody.
	 */
	private static function find(): ?int {
		$found = get_users(
			array(
				'meta_key'   => self::MARK, // phpcs:ignore WordPress.DB.SlowDBQuery -- at a pairing only.
				'meta_value' => '1', // phpcs:ignore WordPress.DB.SlowDBQuery
				'number'     => 1,
				'fields'     => 'ID',
			)
		);
		return array() === $found ? null : (int) $found[0];
	}

	/**
	 * Add the user: nobody knows its password, and it has no address to which a new one could be sent.
	 *
	 * @return int|\WP_Error
	 */
	private static function add_user() {
		$login = is_multisite() ? 'tillbridge' . get_current_blog_id() : 'tillbridge';
		if ( username_exists( $login ) ) {
			$login .= '-' . bin2hex( random_bytes( 4 ) );
		}
		$user_id = wp_insert_user(
			array(
				'user_login'   => $login,
				'user_pass'    => wp_generate_password( 64, true, true ),
				'display_name' => 'Tillbridge',
				'description'  => __( 'Made by the Tillbridge plugin: the daemon works in this shop as this user.', 'tillbridge' ),
				'role'         => 'shop_manager',
			)
		);
		if ( ! is_wp_error( $user_id ) ) {
			update_user_meta( $user_id, self::MARK, '1' );
		}
		return $user_id;
	}

	/**
	 * Add a key, in the form in which WooCommerce adds one.
	 */
	private function add_key(): bool {
		global $wpdb;
		$this->key    = 'ck_' . bin2hex( random_bytes( 20 ) );
		$this->secret = 'cs_' . bin2hex( random_bytes( 20 ) );
		$row          = array(
			'user_id'         => $this->user_id,
			'description'     => 'Tillbridge',
			'permissions'     => 'read_write',
			'consumer_key'    => wc_api_hash( $this->key ),
			'consumer_secret' => $this->secret,
			'truncated_key'   => substr( $this->key, -7 ),
		);
		$silenced     = $wpdb->suppress_errors( true );
		$is_added     = 1 === $wpdb->insert( $wpdb->prefix . 'woocommerce_api_keys', $row, array( '%d', '%s', '%s', '%s', '%s', '%s' ) );
		$this->key_id = $is_added ? (int) $wpdb->insert_id : 0;
		$wpdb->suppress_errors( $silenced );
		return $is_added;
	}
}
