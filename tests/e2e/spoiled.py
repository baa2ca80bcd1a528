"""Five thousand products, a hundred levels spoiled by SQL on each side: one plan lists exactly those, a run mends them
while orders keep coming, an undo takes back what was carried over, and `why` explains one of them."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.bench.goods import stock_up
from tests.e2e.report import Checks, Tell
from tests.e2e.rest import OwnersApi
from tests.e2e.stage import SHELF, Stage, set_up
from tests.e2e.wordpress import RealShop

PRODUCTS = 5000
SPOILED = 100
SETTLE = {"stock.settle": "5s"}
PAUSE = 0.3
"""Seconds between two customers at each side: a brisk trade. What is sold every second never rests long enough to be
compared, and is left to the next run."""

IN_SHOP = range(1, SPOILED + 1)
AT_TILL = range(SPOILED // 2 + 1, SPOILED // 2 + SPOILED + 1)
"""The numbers of the spoiled products: half of them are spoiled on both sides."""


def sku(number: int) -> str:
    return f"BENCH-{number}"


def by(number: int) -> int:
    """By how much a level is spoiled: up and down, never by nothing and never to zero."""
    return 1 + number % 9 if number % 2 else -1 - number % 9


def run(shop: RealShop, tell: Tell) -> int:
    """Play it and publish what was found."""
    checks = Checks(tell)
    products = stock_up(shop, PRODUCTS, SHELF)
    goods = {sku(number): product for number, product in enumerate(products, 1)}
    tell(f"{len(goods)} products are made")
    with set_up(shop, goods, SETTLE) as stage:
        stage.await_rest("first contact")
        in_step(stage, checks)
        spoil(stage)
        plan_lists_exactly_those(stage, checks)
        with customers(stage) as sold:
            mended = a_run_mends_them(stage, sold, checks)
        agree(stage, sold, checks)
        one_is_explained(stage, checks)
        undone(stage, mended, sold, checks)
    checks.expect("PHP has nothing to say about the plugin", found=shop.complaints(), wanted=[])
    promise = "what SQL spoiled is planned, mended while orders come, explained, and undone"
    return checks.publish("e2e spoiled", promise, 1)


def in_step(stage: Stage, checks: Checks) -> None:
    """A shop in step costs two counts."""
    began = time.monotonic()
    found = reconcile(stage)
    checks.figures["in_step_ms"] = round((time.monotonic() - began) * 1000, 1)
    checks.expect("a shop in step has no findings", found=found["rows"], wanted=[])
    checks.expect("and every level was looked at", found=found["looked"], wanted=2 * PRODUCTS)


def spoil(stage: Stage) -> None:
    """As an import does that writes the tables itself."""
    for number in IN_SHOP:
        stage.shop.sql(
            f"UPDATE wp_postmeta SET meta_value = meta_value + {by(number)}"
            f" WHERE meta_key = '_stock' AND post_id = {stage.products[sku(number)]}"
        )
    with closing(sqlite3.connect(stage.shop.folder / "till.sqlite3", timeout=10)) as till, till:
        for number in AT_TILL:
            item = int(stage.items[sku(number)])
            till.execute("UPDATE level SET quantity = quantity + ? WHERE item = ?", (1000 * by(number), item))


def spoiled() -> list[tuple[str, str, float]]:
    """What was done: side, SKU, by how much."""
    shop = [("store", sku(number), float(by(number))) for number in IN_SHOP]
    return sorted([*shop, *(("pos", sku(number), float(by(number))) for number in AT_TILL)])


def listed(found: dict[str, Any]) -> list[tuple[str, str, float]]:
    """What a run or plan lists."""
    return sorted((str(row["side"]), str(row["sku"]), float(row["difference"])) for row in found["rows"])


def plan_lists_exactly_those(stage: Stage, checks: Checks) -> None:
    before = stage.at_till(), stage.in_shop()
    plan = reconcile(stage, "--dry-run")
    checks.expect("the plan lists exactly what was spoiled", found=listed(plan), wanted=spoiled())
    checks.expect("and nothing was written", found=(stage.at_till(), stage.in_shop()), wanted=before)
    said = stage.wp("reconcile", "--dry-run", "--format=csv")
    # WP-CLI itself puts an apostrophe before what a spreadsheet might take for a formula.
    rows = sorted((row["side"], row["sku"], float(row["difference"].lstrip("'"))) for row in said.csv)
    checks.expect("wp tillbridge reconcile --dry-run lists the same", found=(said.status, rows), wanted=(1, spoiled()))


@dataclass(slots=True)
class Sold:
    """How many of each were sold meanwhile."""

    pieces: Counter[str] = field(default_factory=Counter)
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def customers(stage: Stage) -> Iterator[Sold]:
    """Orders over REST and sales at the till of spoiled and other products, until the end."""
    api, sold = OwnersApi(stage.shop), Sold()

    def buy(first: int, step: int, *, at_till: bool) -> None:
        number = first
        while not sold.over.is_set():
            name = sku(number)
            if at_till:
                stage.till.record("sales", stage.items[name], 1, author="till")
            else:
                api.order([{"product_id": stage.products[name], "quantity": 1}])
            sold.pieces[name] += 1
            number = 1 + (number + step) % 300
            sold.over.wait(PAUSE)

    threads = [
        threading.Thread(target=buy, args=(1, 1), kwargs={"at_till": False}),
        threading.Thread(target=buy, args=(150, 6), kwargs={"at_till": True}),
    ]
    for thread in threads:
        thread.start()
    try:
        yield sold
    finally:
        sold.over.set()
        for thread in threads:
            thread.join()


def a_run_mends_them(stage: Stage, sold: Sold, checks: Checks) -> int:
    """Its number."""
    began = time.monotonic()
    found = reconcile(stage)
    checks.figures["mended_seconds"] = round(time.monotonic() - began, 1)
    sold.over.set()
    checks.expect("the run enters exactly what was spoiled", found=listed(found), wanted=spoiled())
    checks.expect("the run is done", found=found["state"], wanted="done")
    return int(found["run"])


def agree(stage: Stage, sold: Sold, checks: Checks) -> None:
    """Both sides show what was spoiled on either of them, and every sale once."""
    stage.await_rest("after the run")
    checks.figures["sold_meanwhile"] = sum(sold.pieces.values())
    wanted = {name: float(SHELF) - sold.pieces[name] for name in stage.products}
    for _, name, amount in spoiled():
        wanted[name] += amount
    checks.expect("sales went on meanwhile", found=sum(sold.pieces.values()) >= 20, wanted=True)
    checks.expect("the shop shows every change once", found=different(stage.in_shop(), wanted), wanted={})
    checks.expect("so does the till", found=different(stage.at_till(), wanted), wanted={})
    checks.expect("and the next run finds nothing", found=reconcile(stage)["rows"], wanted=[])


def different(found: dict[str, float], wanted: dict[str, float]) -> dict[str, tuple[float, float]]:
    """Only where they differ: found and wanted."""
    return {name: (found[name], level) for name, level in wanted.items() if found[name] != level}


def one_is_explained(stage: Stage, checks: Checks) -> None:
    """One that was spoiled on both sides."""
    name = sku(AT_TILL[0])
    said = stage.daemon.command("why", name, "--format", "json")
    text = said.out
    checks.expect(f"why {name} answers", found=said.status, wanted=0)
    checks.expect("it names the run's entries", found=text.count("unexplained") >= 2, wanted=True)
    through_shop = stage.wp("why", name, "--format=json")
    checks.expect(
        "wp tillbridge why says the same", found=(through_shop.status, bool(through_shop.json)), wanted=(0, True)
    )


def undone(stage: Stage, run: int, sold: Sold, checks: Checks) -> None:
    """Each side keeps what happened there, and gets back what was carried over from the other."""
    said = stage.wp("undo", str(run))
    checks.expect("wp tillbridge undo is obeyed", found=said.status, wanted=0)
    stage.await_rest("after the undo")
    shop = {name: float(SHELF) - sold.pieces[name] for name in stage.products}
    till = dict(shop)
    for side, name, amount in spoiled():
        (shop if side == "store" else till)[name] += amount
    checks.expect("the shop keeps its own", found=different(stage.in_shop(), shop), wanted={})
    checks.expect("the till keeps its own", found=different(stage.at_till(), till), wanted={})
    checks.expect("and no later run repeats it", found=reconcile(stage)["rows"], wanted=[])
    again = stage.daemon.command("undo", str(run))
    checks.expect("a run is undone once", found=again.status != 0, wanted=True)


def reconcile(stage: Stage, *words: str) -> dict[str, Any]:
    """On the host's command line, to its end."""
    said = stage.daemon.command("reconcile", *words, "--format", "json")
    if said.json is None:
        raise RuntimeError(f"tillbridge reconcile: {said.status} {said.out[-800:]} {said.err[-800:]}")
    found: dict[str, Any] = said.json
    return found
