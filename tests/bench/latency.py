"""P2: from an order in the shop to the request at the till, at 50 orders a second.

Real processes: sandbox shop, daemon, till. Each order's clock starts *before* its own HTTP request to the shop, so
the shop's time for taking the order is inside the figure; it stops when the till has booked the change.

`--real` measures a real WooCommerce at its own rate instead, beside its webhooks: see `latency_real`.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue

from tests.bench import latency_real
from tests.bench.report import Result, publish
from tests.bench.waits import waits
from tillbridge.demo.stage import Stage, Voice

PROMISED_P50_MS = 50.0
PROMISED_P99_MS = 250.0
REAL = "--real"


def main(argv: list[str]) -> int:
    if REAL in argv:
        return latency_real.main([word for word in argv if word != REAL])
    parser = argparse.ArgumentParser(prog="python -m tests.bench latency")
    parser.add_argument("--json", action="store_true", help="accepted for uniformity: the closing line is always JSON")
    parser.add_argument(REAL, action="store_true", help="a real WooCommerce instead; --real --help tells more")
    parser.add_argument("--rate", type=float, default=50.0, help="orders a second")
    parser.add_argument("--seconds", type=float, default=30.0)
    chosen = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as programs:
        stage = Stage(Path(folder), programs, Voice.JSON)
        stage.wait_until_linked()
        began, orders = _sell(stage, chosen.rate, int(chosen.rate * chosen.seconds))
        rest = stage.come_to_rest()
        skus = {str(number): sku for sku, number in stage.items.items()}
        found = sorted(waits(orders, stage.changes_at_the_till(), skus))
    took = max(start for _, start in orders) - began
    p50, p99 = statistics.median(found), found[min(len(found) - 1, int(len(found) * 0.99))]
    figures: dict[str, float | int | str | None] = {
        "p50_ms": round(p50, 1),
        "p99_ms": round(p99, 1),
        "worst_ms": round(found[-1], 1),
        "orders": len(orders),
        "orders_a_second": round(len(orders) / took, 1),
        "agree_at_rest": str(rest.in_step),
    }
    holds = p50 <= PROMISED_P50_MS and p99 <= PROMISED_P99_MS and rest.in_step
    return publish(Result("latency", "P2", holds, figures, 1))


def _sell(stage: Stage, rate: float, number: int) -> tuple[float, list[tuple[str, float]]]:
    """Place orders of one piece at an even rate from four clients; SKU and start of each."""
    skus = sorted(stage.items)
    places: SimpleQueue[tuple[str, float] | None] = SimpleQueue()
    done: list[tuple[str, float]] = []
    lock = threading.Lock()
    began = time.time() + 0.2
    for place in range(number):
        places.put((skus[place % len(skus)], began + place / rate))
    failures: list[BaseException] = []

    def client() -> None:
        try:
            while (place := places.get()) is not None:
                sku, due = place
                time.sleep(max(0.0, due - time.time()))
                start = time.time()
                stage.buy(sku, 1)
                with lock:
                    done.append((sku, start))
        except BaseException as error:  # a client that fails must fail the measurement, not shorten it
            failures.append(error)

    clients = [threading.Thread(target=client) for _ in range(4)]
    for _ in clients:
        places.put(None)
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    if failures:
        raise failures[0]
    return began, done
