"""Tillbridge keeps a WooCommerce shop and the till on the counter in step."""

__version__ = "0.1.0"
