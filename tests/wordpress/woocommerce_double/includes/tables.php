<?php
/**
 * WooCommerce's own tables, with the columns that matter here and their real types and keys.
 *
 * @package Tillbridge
 */

defined( 'ABSPATH' ) || exit;

// phpcs:disable WordPress.DB

/**
 * Create them.
 */
function wc_double_create_tables(): void {
	global $wpdb;
	$tables = array(
		'woocommerce_api_keys'       => 'key_id bigint(20) unsigned NOT NULL auto_increment, user_id bigint(20) unsigned NOT NULL,
			description varchar(200) NULL, permissions varchar(10) NOT NULL, consumer_key char(64) NOT NULL,
			consumer_secret char(43) NOT NULL, nonces longtext NULL, truncated_key char(7) NOT NULL,
			last_access datetime NULL default null, PRIMARY KEY  (key_id), KEY consumer_key (consumer_key),
			KEY consumer_secret (consumer_secret)',
		'woocommerce_order_items'    => "order_item_id bigint(20) unsigned NOT NULL auto_increment, order_item_name text NOT NULL,
			order_item_type varchar(200) NOT NULL DEFAULT '', order_id bigint(20) unsigned NOT NULL,
			PRIMARY KEY  (order_item_id), KEY order_id (order_id)",
		'woocommerce_order_itemmeta' => 'meta_id bigint(20) unsigned NOT NULL auto_increment, order_item_id bigint(20) unsigned NOT NULL,
			meta_key varchar(255) default NULL, meta_value longtext NULL, PRIMARY KEY  (meta_id),
			KEY order_item_id (order_item_id), KEY meta_key (meta_key(32))',
		'wc_product_meta_lookup'     => "`product_id` bigint(20) NOT NULL, `sku` varchar(100) NULL default '',
			`stock_quantity` double NULL default NULL, `stock_status` varchar(100) NULL default 'instock',
			PRIMARY KEY  (`product_id`), KEY `stock_status` (`stock_status`), KEY `stock_quantity` (`stock_quantity`)",
		'wc_orders'                  => 'id bigint(20) unsigned, status varchar(20) null, currency varchar(10) null, type varchar(20) null,
			tax_amount decimal(26,8) null, total_amount decimal(26,8) null, customer_id bigint(20) unsigned null,
			billing_email varchar(320) null, date_created_gmt datetime null, date_updated_gmt datetime null,
			parent_order_id bigint(20) unsigned null, PRIMARY KEY (id), KEY status (status),
			KEY type_status_date (type, status, date_created_gmt), KEY parent_order_id (parent_order_id)',
		'wc_order_operational_data'  => 'id bigint(20) unsigned auto_increment primary key, order_id bigint(20) unsigned NULL,
			order_stock_reduced tinyint(1) NULL, UNIQUE KEY order_id (order_id)',
	);
	foreach ( $tables as $name => $columns ) {
		$wpdb->query( "CREATE TABLE IF NOT EXISTS {$wpdb->prefix}{$name} ({$columns}) ENGINE=InnoDB {$wpdb->get_charset_collate()}" );
	}
}
