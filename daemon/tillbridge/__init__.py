"""Tillbridge keeps a WooCommerce shop and the till on the counter in step."""
from __future__ import annotations

__version__ = "0.1.0"
