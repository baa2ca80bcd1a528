"""The plugin in Debian's WordPress, on a MariaDB of its own under php-fpm and nginx, beside a double of WooCommerce."""
