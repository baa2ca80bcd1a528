<?php
/**
 * The place of our one page in wp-admin: WooCommerce > Tillbridge. Everything behind it is read only where it is used.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

const ADMIN_PAGE       = 'tillbridge';
const ADMIN_CAPABILITY = 'manage_woocommerce';

/**
 * What the page's buttons may ask for, each with the function in actions.php that does it.
 */
const ADMIN_ACTIONS = array(
	'connect'    => 'do_connect',
	'disconnect' => 'do_disconnect',
	'forget'     => 'do_forget',
	'moved'      => 'do_moved',
	'copy'       => 'do_copy',
	'retry'      => 'do_retry',
	'sync'       => 'do_sync',
	'check'      => 'do_check',
);

/**
 * Take our place in a request to wp-admin.
 */
function watch_admin(): void {
	add_action( 'admin_menu', __NAMESPACE__ . '\\add_admin_page', 70 );
	add_action( 'admin_notices', Guard::wrap( __NAMESPACE__ . '\\warn_elsewhere' ) );
	foreach ( array_keys( ADMIN_ACTIONS ) as $action ) {
		add_action( 'admin_post_' . admin_action( $action ), __NAMESPACE__ . '\\answer_admin_post' );
	}
}

/**
 * Put the page into WooCommerce's menu.
 */
function add_admin_page(): void {
	$hook = add_submenu_page( 'woocommerce', 'Tillbridge', 'Tillbridge', ADMIN_CAPABILITY, ADMIN_PAGE, __NAMESPACE__ . '\\answer_admin_page' );
	if ( is_string( $hook ) ) {
		add_action( 'admin_print_styles-' . $hook, __NAMESPACE__ . '\\add_admin_styles' );
	}
}

/**
 * The page's few lines of CSS.
 */
function add_admin_styles(): void {
	wp_enqueue_style( 'tillbridge-admin', plugins_url( 'assets/admin.css', dirname( __DIR__ ) ), array( 'dashicons' ), VERSION );
}

/**
 * Show the page.
 */
function answer_admin_page(): void {
	require_admin();
	render_page();
}

/**
 * One of the page's buttons was pressed.
 */
function answer_admin_post(): void {
	require_admin();
	run_admin_action( substr( (string) current_action(), strlen( 'admin_post_' . admin_action( '' ) ) ) );
}

/**
 * Say on WooCommerce's screens that this shop does nothing until somebody answers a question. Our own page says it itself.
 */
function warn_elsewhere(): void {
	$screen = get_current_screen();
	if ( null === $screen || ! current_user_can( ADMIN_CAPABILITY ) || ! is_shop_screen( $screen ) ) {
		return;
	}
	$connection = Connection::read();
	if ( null !== $connection && $connection->is_elsewhere() ) {
		require_admin();
		render_elsewhere_notice();
	}
}

/**
 * Whether this is one of WooCommerce's screens, and not ours.
 *
 * @param \WP_Screen $screen The screen.
 */
function is_shop_screen( \WP_Screen $screen ): bool {
	if ( '_page_' . ADMIN_PAGE === substr( $screen->id, - strlen( '_page_' . ADMIN_PAGE ) ) ) {
		return false;
	}
	return function_exists( 'wc_get_screen_ids' ) && in_array( $screen->id, wc_get_screen_ids(), true );
}

/**
 * The name under which WordPress knows one of our actions; its nonce has the same.
 *
 * @param string $action One of ADMIN_ACTIONS.
 */
function admin_action( string $action ): string {
	return 'tillbridge_' . $action;
}

/**
 * Where the page is.
 *
 * @param string $question Which confirmation it shows; "" for none.
 */
function admin_page_url( string $question = '' ): string {
	$query = array( 'page' => ADMIN_PAGE ) + ( '' === $question ? array() : array( 'ask' => $question ) );
	return add_query_arg( $query, admin_url( 'admin.php' ) );
}

/**
 * Read the files behind the page.
 */
function require_admin(): void {
	load_controls();
	require_once __DIR__ . '/reading.php';
	require_once __DIR__ . '/phrases.php';
	require_once __DIR__ . '/overview.php';
	require_once __DIR__ . '/standing.php';
	require_once __DIR__ . '/note.php';
	require_once __DIR__ . '/notices.php';
	require_once __DIR__ . '/forms.php';
	require_once __DIR__ . '/needs.php';
	require_once __DIR__ . '/facts.php';
	require_once __DIR__ . '/page.php';
	require_once __DIR__ . '/actions.php';
}
