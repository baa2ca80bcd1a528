"""Flows on a real WooCommerce, with the real till and the real daemon: `python -m tests.e2e first-sale`."""
