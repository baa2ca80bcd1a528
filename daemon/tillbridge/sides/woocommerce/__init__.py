"""The web shop: WooCommerce, reached through our plugin in WordPress."""
