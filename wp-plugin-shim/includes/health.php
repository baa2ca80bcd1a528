<?php
/**
 * What this shop says of itself: versions, and whether it can keep our promises.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * GET /health: the one route that a copy of a shop answers too.
 *
 * @param \WP_REST_Request $request    The request.
 * @param Connection       $connection The connection.
 * @return array<string,mixed>
 */
function answer_health( \WP_REST_Request $request, Connection $connection ): array {
	global $wp_version;
	$orders  = '\\Automattic\\WooCommerce\\Utilities\\OrderUtil';
	$waiting = Outbox::waiting();
	$tables  = Status::tables();
	return array(
		'plugin'      => VERSION,
		'wordpress'   => (string) $wp_version,
		'woocommerce' => defined( 'WC_VERSION' ) ? (string) constant( 'WC_VERSION' ) : '',
		'php'         => PHP_VERSION,
		'limits'      => array(
			'memory'       => (string) ini_get( 'memory_limit' ),
			'seconds'      => (int) ini_get( 'max_execution_time' ),
			'request_body' => (string) ini_get( 'post_max_size' ),
		),
		'fastcgi'     => Forward::can_release_customer(),
		'zone'        => wp_timezone_string(),
		'hpos'        => class_exists( $orders ) && $orders::custom_orders_table_usage_is_enabled(),
		'multisite'   => is_multisite(),
		'innodb'      => keeps_transactions( $tables ),
		'tables'      => $tables,
		'outbox'      => array(
			'unacked'        => $waiting['count'],
			'oldest_seconds' => $waiting['oldest_seconds'],
			'bytes'          => $tables['outbox']['bytes'],
		),
		'time'        => gmdate( 'Y-m-d\TH:i:s\Z' ),
		'address'     => (string) get_option( 'home' ),
		'rest_url'    => rest_url(),
		'elsewhere'   => $connection->is_elsewhere(),
		'door'        => '' !== $connection->door,
		'site'        => $connection->site,
	) + where_we_are();
}

/**
 * Whether our tables and the one with the levels know transactions, without which nothing can be done exactly once.
 *
 * @param array<string,array{rows:int|null,bytes:int|null,engine:string|null}> $tables Our tables.
 */
function keeps_transactions( array $tables ): bool {
	global $wpdb;
	$sql     = 'SELECT ENGINE FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = %s';
	$engines = array_column( $tables, 'engine' );
	array_push( $engines, $wpdb->get_var( $wpdb->prepare( $sql, $wpdb->postmeta ) ) ); // phpcs:ignore WordPress.DB
	return array( 'innodb' ) === array_unique( array_map( 'strtolower', array_map( 'strval', $engines ) ) );
}
