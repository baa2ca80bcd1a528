"""P5: reading all levels of a real shop, beside paging through WooCommerce's own wc/v3/products.

Both read the same products of the same shop, by turns. Ours goes as the daemon goes (`StoreSide.levels`); theirs takes
per_page=100, once as it comes and once with no more than the fields that are needed. What was read must agree.
"""

from __future__ import annotations

import math
import statistics
import sys
import time
from collections.abc import Mapping
from functools import partial

from tests.bench import goods, store
from tests.bench.metering import Arm, Meter, asked
from tests.bench.report import Result
from tests.bench.wc_v3 import WcV3
from tests.e2e.report import Tell
from tests.e2e.wordpress import RealShop

PROMISED = 100.0
PAGE = {"per_page": "100", "orderby": "id", "order": "asc"}
FIELDS = {"_fields": "id,sku,stock_quantity"}
RAW = "SELECT post_id, meta_value FROM wp_postmeta WHERE meta_key = '_stock'"

Levels = dict[int, float]


def main(argv: list[str]) -> int:
    """Measure and publish."""
    parser = store.parser("levels")
    parser.add_argument("--products", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=3, help="turns of ours and theirs (at least 3)")
    chosen = parser.parse_args(argv)
    return store.on_a_real_store(chosen, partial(measure, products=chosen.products, runs=max(3, chosen.runs)))


def measure(shop: RealShop, tell: Tell, products: int, runs: int) -> Result:
    """All turns on one shop."""
    shop.connect("")
    meter = Meter(shop)
    stock = goods.stock_up(shop, products)
    tell(f"{len(stock)} products are made")
    side, api = store.side_of(shop), WcV3(shop)
    ours: list[float] = []
    theirs: list[float] = []
    slim: list[float] = []
    agree = True
    for turn in range(runs):
        meter.choose(Arm.TILLBRIDGE)
        began = time.perf_counter()
        counted = {int(level.ref): float(level.quantity) for level in side.levels() if level.quantity is not None}
        ours.append(time.perf_counter() - began)
        meter.choose(Arm.BARE)
        paged, seconds = page_through(api, products, {})
        theirs.append(seconds)
        fewer, seconds = page_through(api, products, FIELDS)
        slim.append(seconds)
        agree &= counted == paged == fewer and len(counted) > products
        tell(
            f"turn {turn + 1}: {len(counted)} levels in {ours[-1] * 1000:.0f} ms; wc/v3 in {theirs[-1]:.1f} s,"
            f" with three fields in {slim[-1]:.1f} s; {'they agree' if agree else 'THEY DIFFER'}"
        )
    ratios = [their / our for our, their in zip(ours, theirs, strict=True)]
    ratio = statistics.median(ratios)
    figures = {
        "ratio_to_wc_v3": round(ratio, 1),
        "ratio_lowest": round(min(ratios), 1),
        "ratio_to_wc_v3_three_fields": round(statistics.median(s / o for s, o in zip(slim, ours, strict=True)), 1),
        "levels_ms": round(statistics.median(ours) * 1000, 1),
        "wc_v3_seconds": round(statistics.median(theirs), 2),
        "wc_v3_first_seconds": round(theirs[0], 2),
        "wc_v3_three_fields_seconds": round(statistics.median(slim), 2),
        "raw_sql_ms": round(raw_sql_ms(shop), 1),
        "php_peak_mb": round(meter.await_request(asked("GET", "/stock/levels"), "a page of levels").peak_mb, 1),
        "wc_v3_php_peak_mb": round(meter.await_request(asked("GET", "/wc/v3/products"), "a page").peak_mb, 1),
        "products": products,
        "agree": agree,
    }
    tell(f"raw SQL of the same levels {figures['raw_sql_ms']} ms; PHP's peak {figures['php_peak_mb']} MB for our page")
    return Result("levels", "P5", ratio >= PROMISED and agree, figures, runs)


def page_through(api: WcV3, products: int, more: Mapping[str, str]) -> tuple[Levels, float]:
    """All levels by wc/v3, in the only order in which no product is missed; and how long that took."""
    levels: Levels = {}
    began = time.perf_counter()
    for page in range(1, math.ceil((products + 1) / 100) + 1):
        rows = api.get("products", {**PAGE, "page": str(page), **more})
        levels |= {row["id"]: float(row["stock_quantity"]) for row in rows if row["stock_quantity"] is not None}
    return levels, time.perf_counter() - began


def raw_sql_ms(shop: RealShop) -> float:
    """What the database alone takes for it, the best of five; its own word."""
    rows = shop.sql(f"SET profiling = 1; {'; '.join([RAW] * 5)}; SHOW PROFILES;")
    return min(float(row[1]) for row in rows if len(row) == 3 and row[2] == RAW) * 1000


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
