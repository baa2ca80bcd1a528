"""A make-believe web shop that behaves like a real WooCommerce, for trying Tillbridge out and for testing it."""
