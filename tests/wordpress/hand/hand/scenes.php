<?php
/**
 * What people do in the shop that takes more than one call.
 *
 * @package Tillbridge
 */

namespace Tillbridge_Hand;

defined( 'ABSPATH' ) || exit;

/**
 * A simple product; null: its stock is not managed.
 *
 * @param int|float|null $level The level.
 * @param string         $sku   The SKU.
 */
function make_product( $level, string $sku = '' ): int {
	$product = new \WC_Product_Simple();
	$product->set_name( 'Cup' );
	$product->set_sku( $sku );
	$product->set_regular_price( '5' );
	if ( null !== $level ) {
		$product->set_manage_stock( true );
		$product->set_stock_quantity( $level );
	}
	return $product->save();
}

/**
 * A variable product and one variation of it: their ids. Null: the other one holds the stock.
 *
 * @param int|null $parent_level The parent's level.
 * @param int|null $own_level    The variation's.
 * @return int[]
 */
function make_variation( ?int $parent_level, ?int $own_level = null ): array {
	$parent = new \WC_Product_Variable();
	$parent->set_name( 'Hoodie' );
	$parent->set_manage_stock( null !== $parent_level );
	$parent->set_stock_quantity( $parent_level );
	$variation = new \WC_Product_Variation();
	$variation->set_name( 'Hoodie - S' );
	$variation->set_parent_id( $parent->save() );
	$variation->set_manage_stock( null !== $own_level );
	$variation->set_stock_quantity( $own_level );
	return array( $parent->get_id(), $variation->save() );
}

/**
 * Whether WooCommerce would look at the REST key of a request with this query.
 *
 * @param string $query The query.
 */
function looks_at_key( string $query ): bool {
	parse_str( $query, $_GET );
	return apply_filters( 'woocommerce_rest_is_request_to_rest_api', false );
}

/**
 * An absolute write: somebody types a level, over REST or in a form.
 *
 * @param int $product_id The product.
 * @param int $level      The level.
 */
function write_level( int $product_id, int $level ): void {
	$product = wc_get_product( $product_id );
	$product->set_stock_quantity( $level );
	$product->save();
}

/**
 * Flow i2: one request that writes many levels, as a batch or an import does.
 *
 * @param int[] $product_ids Products.
 * @param int   $level       The level.
 */
function write_levels( array $product_ids, int $level ): void {
	foreach ( $product_ids as $product_id ) {
		write_level( $product_id, $level );
	}
}

/**
 * Cancel an order.
 *
 * @param int $order_id The order.
 */
function cancel( int $order_id ): void {
	wc_get_order( $order_id )->update_status( 'cancelled' );
}

/**
 * Trash or delete an order.
 *
 * @param int  $order_id The order.
 * @param bool $for_good Whether for good.
 */
function remove_order( int $order_id, bool $for_good ): void {
	wc_get_order( $order_id )->delete( $for_good );
}

/**
 * The ids of an order's lines.
 *
 * @param int $order_id The order.
 * @return int[]
 */
function lines_of( int $order_id ): array {
	return array_keys( wc_get_order( $order_id )->get_items() );
}

/**
 * The level as WooCommerce's own objects show it in this request.
 *
 * @param int $product_id The product.
 * @return int|float|null
 */
function shown_level( int $product_id ) {
	return wc_get_product( $product_id )->get_stock_quantity();
}

/**
 * What `$wpdb` shows after a query, once the hooks of a sale ran in between: another plugin reads it there.
 *
 * @param int $product_id The product.
 * @return array<string,mixed>
 */
function traces_around_a_hook( int $product_id ): array {
	global $wpdb;
	$product = wc_get_product( $product_id );
	$wpdb->query( $wpdb->prepare( "INSERT INTO {$wpdb->options} (option_name, option_value) VALUES (%s, '')", 'hand_' . uniqid() ) );
	$before = array( $wpdb->insert_id, $wpdb->rows_affected, $wpdb->last_query );
	do_action( 'woocommerce_product_before_set_stock', $product );
	apply_filters( 'woocommerce_update_product_stock_query', "UPDATE x SET meta_value = meta_value -1.000000 WHERE 1", $product_id, 0, 'decrease' );
	$middle = array( $wpdb->insert_id, $wpdb->rows_affected, $wpdb->last_query );
	return compact( 'before', 'middle' );
}

/**
 * Send the goods.
 *
 * @param int $order_id The order.
 */
function complete( int $order_id ): void {
	wc_get_order( $order_id )->update_status( 'completed' );
}

/**
 * Give back so many of an order's first line.
 *
 * @param int  $order_id The order.
 * @param int  $quantity How many.
 * @param bool $restock  With the goods.
 */
function refund( int $order_id, int $quantity, bool $restock ): int {
	return wc_double_refund( $order_id, array( lines_of( $order_id )[0] => $quantity ), $restock );
}

/**
 * A checkout reserves what an order asks for: the filter with the line fires, and nothing moves.
 *
 * @param int $order_id The order.
 */
function reserve( int $order_id ): void {
	$order = wc_get_order( $order_id );
	foreach ( $order->get_items() as $item ) {
		apply_filters( 'woocommerce_order_item_quantity', $item->get_quantity(), $order, $item );
	}
}

/**
 * Switch stock management on, with a first level.
 *
 * @param int $product_id The product.
 * @param int $level      The level.
 */
function manage( int $product_id, int $level ): void {
	$product = wc_get_product( $product_id );
	$product->set_manage_stock( true );
	$product->set_stock_quantity( $level );
	$product->save();
}

/**
 * What another plugin may ask in between, in WooCommerce's own words.
 *
 * @param int $product_id The product.
 */
function ask_level( int $product_id ): void {
	global $wpdb;
	$wpdb->get_var( $wpdb->prepare( "SELECT meta_value FROM {$wpdb->postmeta} WHERE post_id = %d AND meta_key='_stock';", $product_id ) );
}

/**
 * Another name; nothing about its stock.
 *
 * @param int    $product_id The product.
 * @param string $name       The name.
 */
function rename( int $product_id, string $name ): void {
	$product = wc_get_product( $product_id );
	$product->set_name( $name );
	$product->save();
}

/**
 * Remove a plugin's data, as wp-admin does when it deletes it; its files stay.
 *
 * @param string $plugin The plugin.
 */
function uninstall( string $plugin ): void {
	require_once ABSPATH . 'wp-admin/includes/plugin.php';
	uninstall_plugin( $plugin );
}

/**
 * Both plugins, as the rig installed them.
 */
function install_again(): void {
	require_once ABSPATH . 'wp-admin/includes/plugin.php';
	foreach ( array( 'woocommerce/woocommerce.php', 'tillbridge/tillbridge.php' ) as $plugin ) {
		activate_plugin( $plugin );
	}
}

/**
 * Deactivate a plugin and activate it again.
 *
 * @param string $plugin The plugin.
 */
function switch_off_and_on( string $plugin ): void {
	require_once ABSPATH . 'wp-admin/includes/plugin.php';
	deactivate_plugins( $plugin );
	activate_plugin( $plugin );
	delete_option( 'recently_activated' );
}

/**
 * A block checkout that nobody finishes: a draft with its lines, updated as often as somebody types.
 *
 * @param array<int,array{0:int,1:int}> $lines Product and quantity.
 */
function draft( array $lines ): int {
	$order = new \WC_Order();
	$order->store_draft();
	foreach ( $lines as $line ) {
		$order->add_product( wc_get_product( $line[0] ), $line[1] );
	}
	$order->save();
	return $order->get_id();
}

/**
 * Delete a user.
 *
 * @param int $user_id Who.
 */
function delete_user( int $user_id ): void {
	require_once ABSPATH . 'wp-admin/includes/user.php';
	wp_delete_user( $user_id );
}

/**
 * Another plugin fires the hooks of a shop with whatever it has at hand.
 *
 * @param string $hook  Which.
 * @param int    $count How many arguments it brings along.
 * @return string[] What PHP said about it.
 */
function fire_oddly( string $hook, int $count ): array {
	$said = array();
	set_error_handler(
		static function ( int $level, string $message, string $file ) use ( &$said ): bool {
			$said[] = basename( $file ) . ': ' . $message;
			return true;
		}
	);
	foreach ( array( null, '', false, array(), array( 1 ), new \stdClass(), 'abc', -1 ) as $odd ) {
		do_action( $hook, ...array_fill( 0, $count, $odd ) );
	}
	restore_error_handler();
	return $said;
}

/**
 * Another plugin fires a hook of the shop with the product in place of its id.
 *
 * @param int $product_id The product.
 */
function tell_with_objects( int $product_id ): void {
	do_action( 'woocommerce_update_product', wc_get_product( $product_id ) );
}

/**
 * The map of the plugin's routes.
 *
 * @return array<string,string[]> Methods by route.
 */
function routes(): array {
	$found = array();
	foreach ( rest_get_server()->get_routes( 'wc-tillbridge/v1' ) as $route => $handlers ) {
		foreach ( $handlers as $handler ) {
			$found[ $route ] = array_keys( $handler['methods'] );
		}
	}
	return $found;
}

/**
 * What WordPress' tools for a person's data get from the plugin.
 *
 * @param string $what  exporter or eraser.
 * @param string $email Whose.
 * @return array<string,mixed>
 */
function about_person( string $what, string $email ): array {
	\Tillbridge\load( 'privacy' );
	\Tillbridge\watch_privacy();
	$tools = apply_filters( "wp_privacy_personal_data_{$what}s", array() );
	return call_user_func( $tools['tillbridge']['callback'], $email, 1 );
}
