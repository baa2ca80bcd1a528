<?php
/**
 * The two classes in WooCommerce's own namespace by which a plugin declares itself fit for orders in their own tables,
 * and asks whether they are in use.
 *
 * @package Tillbridge
 */

namespace Automattic\WooCommerce\Utilities;

defined( 'ABSPATH' ) || exit;

// phpcs:disable Generic.Files.OneObjectStructurePerFile

/**
 * Declarations of other plugins.
 */
final class FeaturesUtil {

	/**
	 * What was declared, by feature and plugin.
	 *
	 * @var array<string,array<string,bool>>
	 */
	public static $declared = array();

	/**
	 * A plugin says whether it is fit for a feature. Good only before `woocommerce_init`.
	 *
	 * @param string $feature     The feature.
	 * @param string $file        The plugin's main file.
	 * @param bool   $is_positive Whether it is.
	 */
	public static function declare_compatibility( $feature, $file, $is_positive = true ): bool {
		if ( ! doing_action( 'before_woocommerce_init' ) ) {
			return false;
		}
		self::$declared[ $feature ][ plugin_basename( $file ) ] = $is_positive;
		return true;
	}
}

/**
 * Questions about orders.
 */
final class OrderUtil {

	/**
	 * Whether orders have tables of their own.
	 */
	public static function custom_orders_table_usage_is_enabled(): bool {
		return true;
	}
}
