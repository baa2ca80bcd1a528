"""Orders of one flow, what is expected of each at the till, and the table of what was found."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.e2e import servers, sold_orders
from tests.e2e.order_shop import OrderShop
from tests.e2e.report import Checks
from tests.e2e.sold_orders import Json, Sold
from tests.e2e.stage import Stage

PATIENCE = 300.0
NAMES = ("Zebulon", "Quartermain", "zebulon.quartermain@", "Ostrich Lane", "Kalamazoo", "5550199", "ann@example.com")
"""What is known of the customers of these orders."""


@dataclass
class Made:
    """An order of the flow. `state` is what becomes of it: `sold`, `alone`, or the code for which it is parked;
    `kept` is what the shop showed when it was thrown away; `left_out`: a line of it has no item, and is
    not told."""

    name: str
    ref: int
    state: str = "sold"
    kept: Sold | None = None
    left_out: bool = False
    found: list[str] = field(default_factory=list)
    said: str = ""
    kinds: str = ""
    totals: tuple[Decimal, Decimal] = (Decimal(0), Decimal(0))


class Bench:
    """The orders, and comparing them."""

    def __init__(self, stage: Stage, desk: OrderShop, checks: Checks) -> None:
        self.stage, self.desk, self.checks = stage, desk, checks
        self.orders: list[Made] = []
        self._apart = self._levels_apart()
        self.doubled: set[int] = set()
        self._parked: dict[str, set[int]] = {}

    def made(self, name: str, order: Json, state: str = "sold") -> Made:
        """Note an order that was just made."""
        self.orders.append(Made(name, int(order["id"]), state))
        return self.orders[-1]

    def rest(self, what: str) -> None:
        """Until the shop has told everything and the daemon has nothing left that is due by itself."""
        servers.wait_until(lambda: self.stage.waiting_in_shop() == 0, f"{what}: everything is told", PATIENCE, 0.1)
        servers.wait_until(self._is_at_rest, f"{what}: nothing is left to do", PATIENCE, 0.3)

    def keep(self, made: Made) -> None:
        """What the shop shows of it now is what stays at the till, whatever becomes of it."""
        made.kept = self._shown(made)[0]

    def compare(self, what: str) -> None:
        """Wait, then compare every order so far."""
        self.rest(what)
        parked = self._waiting()
        for made in self.orders:
            self._compare(made, parked)
        wrong = {f"{made.name} ({made.ref})": made.found for made in self.orders if made.found}
        self.checks.expect(f"{what}: {len(self.orders)} orders, each as it must be", found=wrong, wanted={})
        self.checks.expect(f"{what}: as many on both sides", found=self._levels_apart(), wanted=self._wanted_apart())

    def count_parked(self, code: str) -> int:
        """How many orders wait for this reason."""
        found = {int(ref) for ref, (reason, _) in self._waiting().items() if reason == code}
        self._parked.setdefault(code, set()).update(found)
        return len(found)

    def documents(self, ref: int) -> list[Json]:
        """The till's, under the order's reference."""
        site = self._site()
        found: list[Json] = self.stage.till.call("GET", f"/v1/documents?reference={site}:{ref}")["documents"]
        return found

    def table(self) -> None:
        """Document by document."""
        tell = self.checks.tell
        for made in self.orders:
            shop, till = made.totals
            state = "; ".join(made.found) or made.said or made.state
            tell(f"  {made.ref:>5}  {made.name:<44.44} {made.kinds:<30.30} {shop:>9} {till:>9}  {state}")

    def finish(self) -> None:
        """The figures, and that nothing of a person is left with the daemon."""
        figures: dict[str, Any] = self.checks.figures
        sold = [made for made in self.orders if made.state == "sold"]
        figures["orders"] = len(self.orders)
        figures["documents"] = sum(len(made.kinds.split()) for made in self.orders)
        figures["equal_to_the_cent"] = sum(1 for made in sold if not made.found)
        figures["parked"] = {code: len(refs) for code, refs in sorted(self._parked.items())}
        figures["alone"] = _counted(made.said for made in self.orders if made.state == "alone")
        figures["not_yet_sent_by_send_on"] = sum(made.state == "not-yet" for made in self.orders)
        figures["doubled"] = len(self.doubled)
        figures["lost"] = sum(1 for made in sold if not made.kinds and not self._is_empty(made))
        self.checks.expect("no document twice", found=self.doubled, wanted=set())
        self.checks.expect("nothing of a person is left", found=self._traces(), wanted=[])
        self.checks.expect("PHP has nothing to say about the plugin", found=self.stage.shop.complaints(), wanted=[])

    def _levels_apart(self) -> dict[str, float]:
        """By SKU by how many the till has more than the shop: the same from the first day to the last."""
        shop = self.stage.in_shop()
        return {sku: level - shop[sku] for sku, level in self.stage.at_till().items()}

    def _wanted_apart(self) -> dict[str, float]:
        """What was apart before, and what orders hold in the shop of which the till has not heard yet."""
        skus = {product: sku for sku, product in self.desk.linked.items()}
        found = dict(self._apart)
        for made in self.orders:
            if made.state in ("sold", "alone"):
                continue
            for line in self.desk.call("GET", f"orders/{made.ref}")["line_items"]:
                held = [meta["value"] for meta in line["meta_data"] if meta["key"] == "_reduced_stock"]
                sku = skus.get(int(line["variation_id"] or line["product_id"]))
                if sku and held:
                    found[sku] += float(held[0])
        return found

    def _is_empty(self, made: Made) -> bool:
        return made.totals[0] == 0

    def _compare(self, made: Made, parked: dict[str, tuple[str, str]]) -> None:
        documents = self.documents(made.ref)
        made.kinds = " ".join(document["kind"] for document in documents)
        keys = [document["key"] for document in documents]
        kinds = made.kinds.split()
        if len(set(keys)) != len(keys) or kinds.count("sale") - kinds.count("void") > 1:
            self.doubled.add(made.ref)
        till = sold_orders.at_till(documents)
        shop, refunds = (made.kept, 1) if made.kept is not None else self._shown(made)
        made.totals = (shop.total, till.total)
        code, made.said = parked.get(str(made.ref), ("", ""))
        if code:
            self._parked.setdefault(code, set()).add(made.ref)
            self.checks.tell(f"        order {made.ref} waits, {code}: {made.said}")
        if made.left_out:
            shop = sold_orders.without(shop, till)
        if made.state == "sold":
            made.found = sold_orders.differences(shop, till, refunds) + ([f"{code}: {made.said}"] if code else [])
            if sum(till.payments.values(), Decimal(0)) != till.total:
                made.found.append(f"payments {dict(till.payments)}")
        else:
            wanted = "" if made.state in ("alone", "not-yet") else made.state
            made.found = [] if code == wanted and not documents else [f"parked {code!r}, documents {made.kinds!r}"]
            made.said = made.said or self._alone(made.ref)

    def _shown(self, made: Made) -> tuple[Sold, int]:
        order = self.desk.call("GET", f"orders/{made.ref}?dp=6")
        refunds = self.desk.call("GET", f"orders/{made.ref}/refunds?dp=6&per_page=100")
        return sold_orders.in_shop(order, refunds, self.desk.rates), len(refunds)

    def _waiting(self) -> dict[str, tuple[str, str]]:
        """By order the code and the sentence for which it is parked."""
        found = self.stage.daemon.command("queue", "list", "--format", "json").json
        return {str(row["order"]): (row["reason"], row["sentence"]) for row in found["rows"] if row.get("order")}

    def _is_at_rest(self) -> bool:
        rows = self._books("SELECT COUNT(*) FROM message WHERE state = 'ready'")
        return int(rows[0][0]) == 0 or bool(self.stage.status()["in_step"])

    def _alone(self, ref: int) -> str:
        rows = self._books("SELECT alone FROM dossier WHERE order_ref = ?", str(ref))
        return str(rows[0][0]) if rows else ""

    def _site(self) -> str:
        kept = json.loads((self.stage.shop.folder / "daemon" / "pairing.json").read_text(encoding="utf-8"))
        return str(kept["site"])

    def _books(self, statement: str, *values: str) -> list[Any]:
        with closing(sqlite3.connect(f"file:{self.stage.books}?mode=ro", uri=True, timeout=10)) as books:
            return books.execute(statement, values).fetchall()

    def _traces(self) -> list[str]:
        """Files of the daemon's that know something of a customer."""
        folder = self.stage.books.parent
        return [
            f"{path.name}: {name}"
            for path in sorted(folder.iterdir())
            if path.is_file()
            for name in NAMES
            if name.lower().encode() in path.read_bytes().lower()
        ]


def _counted(names: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in names:
        found[name] = found.get(name, 0) + 1
    return found
