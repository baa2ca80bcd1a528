"""P1: what the plugin adds to a checkout of a real shop, with the daemon up and down, beside WooCommerce's webhooks.

1. Arms go by turns on one shop, each a whole block checkout of three lines: without anything, with Tillbridge (daemon
   and till are real and running), with WooCommerce's webhooks on the same topics.
2. Inside each request the plugin's own time is summed: its callbacks, by its own word, and its loading, measured around
   it. This is what is promised. Beside it the paired difference of whole requests, as the customer sees them.
3. The daemon is killed, and Tillbridge and nothing go by turns again.
4. The requests that could be the worst are made, and a visitor's page, for their queries.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import median

from tests.bench import goods, store, weight
from tests.bench.metering import Arm, Meter, Request, asked
from tests.bench.paired import Middle, differences, middle, turns
from tests.bench.report import Result
from tests.bench.wc_v3 import WcV3
from tests.bench.worst import worst_requests
from tests.e2e import servers
from tests.e2e.neighbours import RealDaemon, RealTill
from tests.e2e.report import Tell
from tests.e2e.wordpress import RealShop

PROMISED_MS = 2.0
PRODUCTS = 120
LINES = 3
SPELLS = 3
"""Times that the daemon goes down and comes back, so that a machine that gets slower meanwhile slows both alike."""
QUIET = 0.15
"""Seconds between two checkouts: what follows the one must not slow the next, in whichever arm."""

TOPICS = ("order.created", "order.updated", "product.updated")
FORGET_DELIVERIES = "DELETE FROM wp_actionscheduler_actions WHERE hook = 'woocommerce_deliver_webhook_async'"
"""As if they were delivered: while one waits, WooCommerce spares itself the next about the same object."""


@dataclass(slots=True)
class Sample:
    """The checkouts of one arm: as the customer saw them, and from inside."""

    whole_ms: list[float] = field(default_factory=list)
    inside: list[Request] = field(default_factory=list)

    def own_ms(self) -> Middle:
        return middle([one.own_ms for one in self.inside])

    def added_ms(self, bare: Sample) -> Middle:
        """To the whole request, pair by pair."""
        return middle(differences(self.whole_ms, bare.whole_ms))

    def added_cpu_ms(self, bare: Sample) -> Middle:
        """Processor time of PHP until the customer can have the answer: it hardly knows how busy the machine is."""
        return middle(differences([o.customer_cpu_ms for o in self.inside], [b.customer_cpu_ms for b in bare.inside]))

    def added_queries(self, bare: Sample) -> float:
        """Until the customer can have the answer."""
        mine, theirs = ([float(one.customer_queries) for one in arm.inside] for arm in (self, bare))
        return median(differences(mine, theirs))


class Samples(defaultdict[Arm, Sample]):
    """By arm, what was measured so far."""

    def __init__(self) -> None:
        super().__init__(Sample)


class Customers:
    """They buy three things at a time, never the same ones as the customer before."""

    def __init__(self, shop: RealShop, meter: Meter, products: Sequence[int]) -> None:
        self._shop = shop
        self._meter = meter
        self._products = list(products)
        self._next = 0

    def rounds(self, samples: Samples, arms: Sequence[Arm], number: int) -> None:
        """So many checkouts in each arm, by turns; added to the samples."""
        for order in turns(arms, number):
            self._shop.sql(FORGET_DELIVERIES)
            for arm in order:
                self._buy(arm, samples[arm])

    def _buy(self, arm: Arm, sample: Sample) -> None:
        self._meter.choose(arm)
        self._meter.forget()
        lines = [(self._products[(self._next + at) % len(self._products)], 1) for at in range(LINES)]
        self._next += LINES
        time.sleep(QUIET)
        sale = self._shop.checkout(lines)
        sample.whole_ms.append(sale.seconds * 1000)
        sample.inside.append(self._meter.await_request(asked("POST", "/store/v1/checkout"), "a checkout"))


def main(argv: list[str]) -> int:
    """Measure and publish."""
    parser = store.parser("checkout")
    parser.add_argument("--runs", type=int, default=36, help="checkouts in each arm (at least 6)")
    chosen = parser.parse_args(argv)
    return store.on_a_real_store(chosen, partial(measure, runs=max(6, chosen.runs)))


def measure(shop: RealShop, tell: Tell, runs: int) -> Result:
    """Everything, on one shop."""
    meter = Meter(shop)
    meter.choose(Arm.ALL)
    products = goods.stock_up(shop, PRODUCTS)
    with RealTill(shop.folder) as till:
        for number in range(1, PRODUCTS + 1):
            till.add_item(f"BENCH-{number}", 1000)
        daemon = RealDaemon(
            shop.folder / "daemon",
            {"url": shop.url, "site": shop.site, "secret": shop.secret},
            {"url": till.address, "token": f"file:{till.token_file}"},
        )
        shop.connect(daemon.address)
        with daemon:
            servers.wait_until(lambda: daemon.status()["links"] == PRODUCTS, "all products are linked", 90, 0.1)
            api = add_webhooks(shop)
            customers = Customers(shop, meter, products)
            customers.rounds(Samples(), (Arm.BARE, Arm.TILLBRIDGE, Arm.WEBHOOKS), 3)
            tell(f"all is linked and warm; {runs} checkouts of {LINES} lines in each arm follow")
            up, down = Samples(), Samples()
            for _ in range(SPELLS):
                customers.rounds(up, (Arm.BARE, Arm.TILLBRIDGE, Arm.WEBHOOKS), -(-runs // SPELLS))
                daemon.kill()
                customers.rounds(down, (Arm.BARE, Arm.TILLBRIDGE), -(-runs // SPELLS))
                daemon.start()
            tell_of(up, tell)
            tell("while the daemon was killed:")
            tell_of(down, tell)
            meter.choose(Arm.TILLBRIDGE)
            requests = worst_requests(shop, meter, api, products, tell)
    return judge(up, down, requests, tell, runs)


def add_webhooks(shop: RealShop) -> WcV3:
    """WooCommerce's own, on what we tell as well. The shop itself hears them, on a port that it may call."""
    api = WcV3(shop)
    for topic in TOPICS:
        webhook = {"name": topic, "topic": topic, "delivery_url": f"{shop.url}/", "secret": "bench", "status": "active"}
        found = api.post("webhooks", webhook)
        if found["status"] != "active":
            raise RuntimeError(f"the webhook {topic} is {found['status']}")
    return api


def tell_of(samples: Samples, tell: Tell) -> None:
    """One line for each arm."""
    bare = samples[Arm.BARE]
    tell(f"  bare: {middle(bare.whole_ms)} ms, {median(one.customer_queries for one in bare.inside):.0f} queries")
    for arm, sample in samples.items():
        if arm is Arm.BARE:
            continue
        own = f"own time {sample.own_ms()} ms; " if arm is Arm.TILLBRIDGE else ""
        tell(
            f"  {arm}: {own}whole request {sample.added_ms(bare)} ms more,"
            f" PHP's processor time {sample.added_cpu_ms(bare)} ms more, {sample.added_queries(bare):.0f} queries more"
        )


def judge(up: Samples, down: Samples, requests: Mapping[str, Request], tell: Tell, runs: int) -> Result:
    """The promise: own time, with the daemon and without; and nothing asked for a visitor."""
    ours, theirs, dark = up[Arm.TILLBRIDGE], up[Arm.WEBHOOKS], down[Arm.TILLBRIDGE]
    own, own_down = ours.own_ms(), dark.own_ms()
    is_no_more = own_down.low <= own.high
    for_visitors = max(one.own_queries for name, one in requests.items() if name.startswith("visitor"))
    worst = max(requests.items(), key=lambda found: found[1].own_queries)
    size = weight.of_plugin()
    tell(f"the plugin: {size['files']} files, {size['lines']} lines, {size['bytes']} bytes, zipped {size['zip_bytes']}")
    figures: dict[str, object] = {
        "added_ms_median": round(own.median, 3),
        "added_ms_interval": own.rounded(),
        "added_ms_daemon_down": round(own_down.median, 3),
        "added_ms_daemon_down_interval": own_down.rounded(),
        "added_ms_lowest": round(min(one.own_ms for one in [*ours.inside, *dark.inside]), 3),
        "of_it_callbacks_ms": round(median(one.callbacks_ms for one in ours.inside), 3),
        "of_it_loading_ms": round(median(one.loading_ms for one in ours.inside), 3),
        **_differences("", ours, up[Arm.BARE]),
        **_differences("daemon_down_", dark, down[Arm.BARE]),
        **_differences("webhooks_", theirs, up[Arm.BARE]),
        "bare_ms": round(median(up[Arm.BARE].whole_ms), 1),
        "bare_php_cpu_ms": round(median(one.customer_cpu_ms for one in up[Arm.BARE].inside), 1),
        "own_queries": median(one.own_queries for one in ours.inside),
        "after_the_answer_ms": round(median(one.after_ms for one in ours.inside), 1),
        "after_the_answer_ms_daemon_down": round(median(one.after_ms for one in dark.inside), 1),
        "after_the_answer_queries": median(one.after_queries for one in ours.inside),
        "visitor_queries": for_visitors,
        "worst_request": worst[0],
        "worst_request_queries": worst[1].own_queries,
        "worst_request_ms": round(worst[1].own_ms, 2),
        **{f"plugin_{name}": value for name, value in size.items()},
    }
    holds = own.median <= PROMISED_MS and own_down.median <= PROMISED_MS and is_no_more and for_visitors == 0
    return Result("checkout", "P1", holds, figures, runs)


def _differences(name: str, sample: Sample, bare: Sample) -> dict[str, object]:
    whole, cpu = sample.added_ms(bare), sample.added_cpu_ms(bare)
    return {
        f"{name}whole_request_added_ms": round(whole.median, 2),
        f"{name}whole_request_added_ms_interval": whole.rounded(2),
        f"{name}php_cpu_added_ms": round(cpu.median, 2),
        f"{name}php_cpu_added_ms_interval": cpu.rounded(2),
        f"{name}queries_added": sample.added_queries(bare),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
