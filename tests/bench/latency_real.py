"""P2 on a real shop, at its own rate: from the end of a checkout to the request at the till, beside WooCommerce's own
webhooks, which tell of the very same orders.

One block checkout after the other, by default one a second. Our clock and theirs start when the customer has the
answer; ours stops when the till has booked the change, theirs when the first webhook about the order arrives. The shop
is kept well: its queue runs each minute. Two series: while nobody is in wp-admin, which is how most orders find a shop,
and while somebody is, which helps webhooks.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from tests.bench import store
from tests.bench.order_webhooks import listening
from tests.bench.paired import percentile
from tests.bench.queue_runs import look_into_admin, minutely, nobody_in_admin
from tests.bench.report import Result
from tests.bench.waits import waits
from tests.e2e import stage as e2e
from tests.e2e.report import Tell
from tests.e2e.stage import Stage
from tests.e2e.wordpress import RealShop

PROMISED_P50_MS = 50.0
PROMISED_P99_MS = 250.0
SKUS = ("MUG", "CUP", "JUG", "POT")
MOST_ORDERS = len(SKUS) * (e2e.SHELF // 2 - 1)
"""In one series: the shelf must last for both, and for the warm-up."""


@dataclass(frozen=True, slots=True)
class Order:
    """A piece that a customer bought; `asked` and `ended` are seconds since the epoch."""

    number: int
    sku: str
    asked: float
    ended: float


def main(argv: list[str]) -> int:
    """Measure and publish."""
    parser = store.parser("latency --real")
    parser.add_argument("--seconds", type=float, default=60.0, help="of each series (whole minutes are fair to cron)")
    parser.add_argument(
        "--every", type=float, default=1.0, help="seconds from order to order; 0: one right after the other"
    )
    chosen = parser.parse_args(argv)
    return store.on_a_real_store(chosen, partial(measure, seconds=chosen.seconds, every=chosen.every))


def measure(shop: RealShop, tell: Tell, seconds: float, every: float) -> Result:
    """Both series on one shop."""
    goods = {sku: shop.add_product(sku, e2e.SHELF) for sku in SKUS}
    with e2e.set_up(shop, goods) as stage:
        stage.await_rest("paired")
        with listening(shop) as listener, minutely(shop) as between_runs:
            with nobody_in_admin(shop):
                buy_one_of_each(stage)
                stage.await_rest("warm")
                cursor = stage.till_cursor()
                tell(f"shop, daemon and till are paired; load of this machine {store.load()}")
                alone = sell(stage, seconds, every)
                listener.await_orders([order.number for order in alone])
            tell(f"{len(alone)} orders are told; now somebody is in wp-admin")
            with between_runs:
                warm = buy_one_of_each(stage)
                look_into_admin(shop)
            staffed = sell(stage, seconds, every)
            listener.await_orders([order.number for order in staffed])
            stage.await_rest("sold")
            names = {item: sku for sku, item in stage.items.items()}
            changes = stage.till.call("GET", f"/v1/changes?after={cursor}&limit=1000")["changes"]
            in_step = stage.at_till() == stage.in_shop()
    orders = [*alone, *warm, *staffed]
    ours = waits([(order.sku, order.ended) for order in orders], changes, names)
    return judge(orders, ours, _told_after(alone, listener.told), _told_after(staffed, listener.told), in_step, tell)


def buy_one_of_each(stage: Stage) -> list[Order]:
    """Everything is warm after that, and webhooks wait in the queue."""
    return [buy(stage, sku) for sku in SKUS]


def sell(stage: Stage, seconds: float, every: float) -> list[Order]:
    """As many as fit, of each SKU by turns."""
    orders: list[Order] = []
    began = time.monotonic()
    while time.monotonic() < began + seconds and len(orders) < MOST_ORDERS:
        orders.append(buy(stage, SKUS[len(orders) % len(SKUS)]))
        time.sleep(max(0.0, began + len(orders) * every - time.monotonic()))
    return orders


def buy(stage: Stage, sku: str) -> Order:
    """One piece."""
    sale = stage.shop.checkout([(stage.products[sku], 1)])
    ended = time.time() - (time.monotonic() - sale.ended)
    return Order(sale.order_id, sku, ended - sale.seconds, ended)


def judge(
    orders: Sequence[Order],
    ours: Sequence[float],
    webhooks: Sequence[float],
    with_staff: Sequence[float],
    in_step: bool,
    tell: Tell,
) -> Result:
    """The promise over all orders, in milliseconds; and what webhooks would have meant."""
    p50, p99 = statistics.median(ours), percentile(ours, 0.99)
    checkouts = [(order.ended - order.asked) * 1000 for order in orders]
    whole = [wait + checkout for wait, checkout in zip(ours, checkouts, strict=True)]
    figures = {
        "p50_ms": round(p50, 1),
        "p99_ms": round(p99, 1),
        "worst_ms": round(max(ours), 1),
        "webhooks_p50_ms": round(statistics.median(webhooks), 1),
        "webhooks_p99_ms": round(percentile(webhooks, 0.99), 1),
        "webhooks_staff_in_admin_p50_ms": round(statistics.median(with_staff), 1),
        "webhooks_staff_in_admin_p99_ms": round(percentile(with_staff, 0.99), 1),
        "webhooks": len(webhooks),
        "webhooks_staff_in_admin": len(with_staff),
        "ratio_of_medians": round(statistics.median(webhooks) / p50),
        "checkout_p50_ms": round(statistics.median(checkouts), 1),
        "from_the_customers_click_p50_ms": round(statistics.median(whole), 1),
        "orders": len(orders),
        "agree_at_rest": in_step,
    }
    tell(f"{len(orders)} orders, ours: {_words(ours)}")
    tell(f"webhooks, nobody in wp-admin: {_words(webhooks)}; somebody in wp-admin: {_words(with_staff)}")
    holds = p50 <= PROMISED_P50_MS and p99 <= PROMISED_P99_MS and in_step
    return Result("latency", "P2", holds, figures, 1)


def _told_after(orders: Sequence[Order], told: Mapping[int, float]) -> list[float]:
    """Milliseconds until the first webhook of each, where one came."""
    return [(told[order.number] - order.ended) * 1000 for order in orders if order.number in told]


def _words(sample: Sequence[float]) -> str:
    return (
        f"median {statistics.median(sample):.0f} ms, p99 {percentile(sample, 0.99):.0f} ms, worst {max(sample):.0f} ms"
    )
