"""P6: 1,000 changes of stock at a real shop, beside WooCommerce's own wc/v3/products/batch; and exactly once.

Both move the same products of the same shop, by turns. Ours goes as the daemon goes (`StoreSide.apply`, in calls of its
size); theirs takes batches of 100, which is all that it may. After each turn the levels in the database must be what
they were, plus the change; and our keys are sent once more, which must change nothing.
"""

from __future__ import annotations

import secrets
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from tests.bench import goods, store
from tests.bench.metering import Arm, Meter, asked
from tests.bench.paired import turns
from tests.bench.report import Result
from tests.bench.wc_v3 import WcV3
from tests.e2e.report import Tell
from tests.e2e.wordpress import RealShop
from tillbridge.core.actions import AdjustStock, Status
from tillbridge.sides.woocommerce.side import StoreSide

PROMISED = 5.0
WARM_UP = 100
SOLD_OUT = 100
"""So many products are sold out at the end, since that costs more: their status must change, too."""


@dataclass(frozen=True, slots=True)
class Calls:
    """How one of the two is called: its route, so many changes at once, and in which shop. Theirs is not to be
    slowed by our plugin, which would write each of their changes down."""

    route: str
    size: int
    arm: Arm


OURS = Calls("/stock/apply", StoreSide.abilities.batch, Arm.TILLBRIDGE)
THEIRS = Calls("/wc/v3/products/batch", 100, Arm.BARE)


@dataclass(frozen=True, slots=True)
class Done:
    """What a turn of one of the two came to; `queries` of its own requests only, whatever else the shop does."""

    seconds: float
    queries: int
    peak_mb: float
    is_right: bool


class Bench:
    """The two, on one shop with one set of products."""

    def __init__(self, shop: RealShop, meter: Meter, products: Sequence[int]) -> None:
        self._shop = shop
        self._meter = meter
        self._products = list(products)
        self._side: StoreSide = store.side_of(shop)
        self._api = WcV3(shop)
        self._actions: list[AdjustStock] = []

    def ours(self, delta: int, number: int) -> Done:
        """stock/apply."""
        self._actions = [
            AdjustStock(secrets.token_hex(16), str(product), "", Decimal(delta), "bench")
            for product in self._products[:number]
        ]
        return self._measured(OURS, delta, number, lambda: self._send() == {Status.APPLIED})

    def repeat(self) -> Done:
        """The same keys once more."""
        return self._measured(OURS, 0, len(self._actions), lambda: self._send() == {Status.DUPLICATE})

    def theirs(self, delta: int, number: int) -> Done:
        """wc/v3/products/batch, which knows no change but only a new level: read beforehand, which costs it nothing."""
        before = goods.levels_in_database(self._shop, self._products)
        products = self._products[:number]
        wanted = [{"id": product, "stock_quantity": int(before[product] + delta)} for product in products]

        def send() -> bool:
            rows = [
                row
                for start in range(0, number, THEIRS.size)
                for row in self._api.post("products/batch", {"update": wanted[start : start + THEIRS.size]})["update"]
            ]
            return [row.get("stock_quantity") for row in rows] == [one["stock_quantity"] for one in wanted]

        return self._measured(THEIRS, delta, number, send)

    def _send(self) -> set[Status]:
        return {outcome.status for outcome in self._side.apply(self._actions)}

    def _measured(self, calls: Calls, delta: int, number: int, send: Callable[[], bool]) -> Done:
        before = goods.levels_in_database(self._shop, self._products)
        self._meter.forget()
        self._meter.choose(calls.arm)
        began = time.perf_counter()
        is_right = send()
        seconds = time.perf_counter() - began
        requests = self._meter.await_requests(asked("POST", calls.route), -(-number // calls.size), calls.route)
        changed = set(self._products[:number])
        wanted = {product: level + (delta if product in changed else 0) for product, level in before.items()}
        is_right &= goods.levels_in_database(self._shop, self._products) == wanted
        queries, peak = sum(one.queries for one in requests), max(one.peak_mb for one in requests)
        return Done(seconds, queries, peak, is_right)


def main(argv: list[str]) -> int:
    """Measure and publish."""
    parser = store.parser("apply")
    parser.add_argument("--changes", type=int, default=1000, help="products, each changed once in each turn")
    parser.add_argument("--runs", type=int, default=4, help="turns of ours and theirs (at least 2)")
    chosen = parser.parse_args(argv)
    return store.on_a_real_store(chosen, partial(measure, changes=chosen.changes, runs=max(2, chosen.runs)))


def measure(shop: RealShop, tell: Tell, changes: int, runs: int) -> Result:
    """All turns on one shop."""
    shop.connect("")
    meter = Meter(shop)
    bench = Bench(shop, meter, goods.stock_up(shop, changes))
    bench.ours(-1, WARM_UP)
    bench.theirs(-1, WARM_UP)
    tell(f"{changes} products are made, and both were tried")
    found: dict[str, list[Done]] = {"ours": [], "theirs": []}
    repeats: list[Done] = []
    for number, order in enumerate(turns(("ours", "theirs"), runs), start=1):
        for kind in order:
            found[kind].append(getattr(bench, kind)(-1, changes))
            if kind == "ours":
                repeats.append(bench.repeat())
        ours, theirs, again = found["ours"][-1], found["theirs"][-1], repeats[-1]
        tell(
            f"turn {number}: {ours.seconds:.2f} s and {ours.queries} queries; wc/v3 {theirs.seconds:.2f} s and"
            f" {theirs.queries}; the same keys again {again.seconds:.2f} s; {_words([ours, theirs, again])}"
        )
    sold_out = bench.ours(-(1000 - 1 - 1 - 2 * runs), min(SOLD_OUT, changes))
    back = bench.theirs(1, min(SOLD_OUT, changes))
    tell(f"{SOLD_OUT} sold out: {sold_out.seconds:.2f} s; wc/v3 brings them back in {back.seconds:.2f} s")
    return judge(found["ours"], found["theirs"], [*repeats, sold_out, back], changes)


def judge(ours: list[Done], theirs: list[Done], others: list[Done], changes: int) -> Result:
    """The promise, by the median turn; and every single change."""
    ratios = [their.seconds / our.seconds for our, their in zip(ours, theirs, strict=True)]
    ratio = statistics.median(ratios)
    is_right = all(done.is_right for done in [*ours, *theirs, *others])
    figures = {
        "ratio_to_wc_v3": round(ratio, 2),
        "ratio_lowest": round(min(ratios), 2),
        "ms_a_change": round(statistics.median(done.seconds for done in ours) * 1000 / changes, 3),
        "wc_v3_ms_a_change": round(statistics.median(done.seconds for done in theirs) * 1000 / changes, 3),
        "queries_a_change": round(statistics.median(done.queries for done in ours) / changes, 2),
        "wc_v3_queries_a_change": round(statistics.median(done.queries for done in theirs) / changes, 2),
        "ms_a_change_sold_out": round(others[-2].seconds * 1000 / min(SOLD_OUT, changes), 3),
        "ms_a_repeat": round(statistics.median(done.seconds for done in others[:-2]) * 1000 / changes, 3),
        "php_peak_mb": round(max(done.peak_mb for done in ours), 1),
        "wc_v3_php_peak_mb": round(max(done.peak_mb for done in theirs), 1),
        "exactly_once": is_right,
        "changes": changes,
    }
    return Result("apply", "P6", ratio >= PROMISED and is_right, figures, len(ours))


def _words(done: list[Done]) -> str:
    return "levels are right" if all(one.is_right for one in done) else "LEVELS ARE WRONG"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
