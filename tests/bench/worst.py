"""The requests of a real shop in which the plugin has the most to do, and those in which it must do nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tests.bench.metering import Meter, Request, asked
from tests.bench.wc_v3 import WcV3
from tests.e2e import calls
from tests.e2e.people import Staff
from tests.e2e.report import Tell
from tests.e2e.wordpress import RealShop

Kind = tuple[Callable[[], object], Callable[[Request], bool]]


def worst_requests(
    shop: RealShop, meter: Meter, api: WcV3, products: Sequence[int], tell: Tell
) -> Mapping[str, Request]:
    """Each kind once to warm it, then once more."""
    staff = Staff(shop)
    hundred = list(products[:100])
    levels = iter(range(2000, 3000))

    def edit_hundred() -> None:
        level = next(levels)
        api.post("products/batch", {"update": [{"id": one, "stock_quantity": level} for one in hundred]})

    def rename_hundred() -> None:
        api.post("products/batch", {"update": [{"id": one, "name": f"Bench {next(levels)}"} for one in hundred]})

    def order(lines: int) -> None:
        line_items = [{"product_id": one, "quantity": 1} for one in products[:lines]]
        api.post("orders", {"status": "processing", "line_items": line_items})

    def visit(path: str) -> None:
        with calls.session() as visitor:
            visitor.get(shop.url + path, timeout=60).raise_for_status()

    product = f"/product/{shop.wp('post', 'get', str(products[0]), '--field=post_name')}/"
    kinds: Mapping[str, Kind] = {
        "100 products' stock in one batch": (edit_hundred, asked("POST", "/wc/v3/products/batch")),
        "100 products' names in one batch": (rename_hundred, asked("POST", "/wc/v3/products/batch")),
        "an order of 20 lines": (lambda: order(20), asked("POST", "/wc/v3/orders")),
        "an order of 100 lines": (lambda: order(100), asked("POST", "/wc/v3/orders")),
        "a product saved in wp-admin": (
            lambda: staff.edit_stock(products[0], next(levels)),
            asked("POST", "/wp-admin/post.php"),
        ),
        "visitor: home": (lambda: visit("/"), asked("GET", "/")),
        "visitor: product": (lambda: visit(product), asked("GET", product)),
        "visitor: cart": (lambda: visit("/wp-json/wc/store/v1/cart"), asked("GET", "/store/v1/cart")),
    }
    found: dict[str, Request] = {}
    for name, (do, is_it) in kinds.items():
        for _ in range(2):
            meter.forget()
            do()
            found[name] = meter.await_request(is_it, name)
        one = found[name]
        tell(
            f"  {name}: {one.own_queries} of {one.customer_queries} queries, {one.own_ms:.2f} of"
            f" {one.customer_ms:.0f} ms (loading {one.loading_ms:.2f});"
            f" after the answer {one.after_queries} and {one.after_ms:.1f} ms"
        )
    return found
