"""Thousands of products in a real shop within seconds: copies of one that WooCommerce itself has made, row for row."""

from __future__ import annotations

from tests.e2e.wordpress import RealShop

COPY = """
SET @template = {template};
SET @last = (SELECT MAX(ID) FROM wp_posts);
CREATE TEMPORARY TABLE copies AS
    SELECT p.*, s.seq AS n FROM wp_posts p JOIN seq_1_to_{number} s WHERE p.ID = @template;
UPDATE copies SET ID = @last + n, post_name = CONCAT('bench-', n), post_title = CONCAT('Bench ', n),
    guid = CONCAT(guid, '&n=', n);
ALTER TABLE copies DROP n;
INSERT INTO wp_posts SELECT * FROM copies;
DROP TEMPORARY TABLE copies;
INSERT INTO wp_postmeta (post_id, meta_key, meta_value)
    SELECT @last + s.seq, m.meta_key, IF(m.meta_key = '_sku', CONCAT('BENCH-', s.seq), m.meta_value)
    FROM seq_1_to_{number} s JOIN wp_postmeta m ON m.post_id = @template ORDER BY s.seq, m.meta_id;
CREATE TEMPORARY TABLE copies AS
    SELECT l.*, s.seq AS n FROM wp_wc_product_meta_lookup l JOIN seq_1_to_{number} s WHERE l.product_id = @template;
UPDATE copies SET product_id = @last + n, sku = CONCAT('BENCH-', n);
ALTER TABLE copies DROP n;
INSERT INTO wp_wc_product_meta_lookup SELECT * FROM copies;
DROP TEMPORARY TABLE copies;
INSERT INTO wp_term_relationships
    SELECT @last + s.seq, r.term_taxonomy_id, r.term_order FROM wp_term_relationships r JOIN seq_1_to_{number} s
    WHERE r.object_id = @template;
UPDATE wp_term_taxonomy SET count = count + {number}
    WHERE term_taxonomy_id IN (SELECT term_taxonomy_id FROM wp_term_relationships WHERE object_id = @template);
ANALYZE TABLE wp_posts, wp_postmeta, wp_wc_product_meta_lookup, wp_term_relationships;
SELECT 'first', @last + 1;
"""


def stock_up(shop: RealShop, number: int, level: int = 1000) -> list[int]:
    """So many simple products that manage their stock, each at that level; their ids."""
    template = shop.add_product("BENCH-0", level, "Bench")
    rows = shop.sql(COPY.format(template=template, number=number))
    first = next(int(row[1]) for row in rows if row[0] == "first")
    return list(range(first, first + number))


def levels_in_database(shop: RealShop, products: list[int]) -> dict[int, float]:
    """`_stock` of a run of products."""
    rows = shop.sql(
        "SELECT post_id, meta_value FROM wp_postmeta WHERE meta_key = '_stock'"
        f" AND post_id BETWEEN {products[0]} AND {products[-1]}"
    )
    return {int(product): float(level) for product, level in rows}
