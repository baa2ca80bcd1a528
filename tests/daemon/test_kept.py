"""What a real till tells a real daemon is kept in a shop: returns are refunds, sales are orders, each once."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from tests.daemon.programs import wait_until
from tests.daemon.rig import SITE
from tests.daemon.test_audit import SellingRig

KEEPING = {
    ("orders", "pos_sales"): "orders", ("payments", "cod"): "cash",
    ("billing", "first_name"): "Counter", ("billing", "city"): "Köln",
}  # fmt: skip


class KeepingRig(SellingRig):
    """A shop that keeps what the till tells."""

    def orders(self) -> list[dict[str, Any]]:
        """The shop's orders, the newest first."""
        found: list[dict[str, Any]] = []
        for page in count(1):
            rows = self._woo.get("orders", params={"per_page": 100, "page": page}).json()
            found += rows
            if len(rows) < 100:
                break
        return found

    def kept(self) -> list[dict[str, Any]]:
        """Those that were made of sales at the till."""
        return [order for order in self.orders() if order["created_via"] == "tillbridge"]

    def refunds(self, order: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._woo.get(f"orders/{order}/refunds").json()
        return found

    def cancel(self, order: int) -> None:
        assert self._woo.put(f"orders/{order}", {"status": "cancelled"}).status_code == 200

    def at_till(self, what: str, **body: object) -> dict[str, Any]:
        return self._at_till("POST", f"/v1/{what}", {"key": secrets.token_hex(16), "outlet": "main", **body})

    def of_order(self, order: int) -> list[dict[str, Any]]:
        found = self._at_till("GET", f"/v1/documents?reference={SITE}:{order}", {})
        documents: list[dict[str, Any]] = found["documents"]
        return documents

    def item(self, sku: str) -> str:
        return self._items[sku]


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeepingRig]:
    rig = KeepingRig(tmp_path_factory.mktemp("kept"), ("CUP", "PLATE"))
    with rig:
        rig.link(KEEPING)
        yield rig


def test_what_came_back_at_the_till_is_refunded_and_the_rest_can_be_cancelled(rig: KeepingRig) -> None:
    rig.buy("CUP", 3)
    rig.await_rest()
    (order,) = rig.orders()
    (sale,) = rig.of_order(order["id"])
    line = sale["lines"][0]["line"]
    back = {"line": line, "item_id": rig.item("CUP"), "quantity": "1", "net": "5.00", "taxes": [], "restock": True}
    rig.at_till(
        "returns", reference=f"{SITE}:{order['id']}", lines=[back], total="5.00",
        payments=[{"type": "cash", "amount": "5.00"}],
    )  # fmt: skip
    wait_until(lambda: bool(rig.refunds(order["id"])), "the shop refunded it")
    rig.expected["CUP"] += 1
    rig.await_rest()
    (refund,) = rig.refunds(order["id"])
    assert refund["amount"] == "5.00"
    rig.cancel(order["id"])
    rig.expected["CUP"] += 2
    rig.await_rest()
    kinds = [document["kind"] for document in rig.of_order(order["id"])]
    assert (kinds, len(rig.refunds(order["id"]))) == (["sale", "return", "void"], 1)


def test_an_order_that_was_collected_is_completed(rig: KeepingRig) -> None:
    rig.buy("PLATE")
    rig.await_rest()
    order = rig.orders()[0]
    rig.at_till("pickups", reference=f"{SITE}:{order['id']}")
    wait_until(lambda: rig.orders()[0]["status"] == "completed", "the shop completed it")
    rig.await_rest()


def test_a_sale_at_the_till_is_an_order_of_the_shop(rig: KeepingRig) -> None:
    rig.ring("PLATE", 2)
    wait_until(lambda: bool(rig.kept()), "the shop keeps the sale")
    rig.await_rest()
    (order,) = rig.kept()
    assert (order["status"], order["total"]) == ("completed", "10.00")
    assert [(line["sku"], line["quantity"]) for line in order["line_items"]] == [("PLATE", 2)]
    rig.cancel(order["id"])
    rig.expected["PLATE"] += 2
    rig.await_rest()


def test_a_sale_that_names_nobody_has_the_address_of_the_settings(rig: KeepingRig) -> None:
    kept = len(rig.kept())
    rig.ring("PLATE")
    wait_until(lambda: len(rig.kept()) == kept + 1, "the shop keeps the sale")
    rig.await_rest()
    order = rig.kept()[0]
    assert (order["customer_id"], order["billing"]["city"], order["billing"]["first_name"]) == (0, "Köln", "Counter")


def counted(rig: KeepingRig, day: str) -> dict[str, tuple[str, str]]:
    """What both sides say of the counter on a day, by what is counted: the shop, the till."""
    said = json.loads(rig.ask("audit", "--day", day, "--format", "json").stdout)
    return {row["what"]: (row["store"], row["pos"]) for row in said["channels"] if row["channel"] == "counter"}


def test_what_was_rung_offline_and_arrives_a_day_late_counts_on_its_own_day_on_both_sides(rig: KeepingRig) -> None:
    rung = (datetime.now(UTC) - timedelta(days=1)).replace(hour=17, minute=3, second=0, microsecond=0)
    day, today = rung.date().isoformat(), datetime.now(UTC).date().isoformat()
    before, before_today, kept = counted(rig, day), counted(rig, today), len(rig.kept())
    assert before["sold"] == ("0.00", "0.00")
    plates = [{"item_id": rig.item("PLATE"), "quantity": "2"}]
    sale = rig.at_till("sales", lines=plates, payment="cash", at=rung.isoformat())
    back = [{"item_id": rig.item("PLATE"), "quantity": "1"}]
    rig.at_till("returns", lines=back, sale=sale["document"], payment="cash", at=rung.isoformat())
    rig.expected["PLATE"] -= 1
    wait_until(lambda: len(rig.kept()) == kept + 1, "the shop keeps the sale")
    rig.await_rest()
    (order,) = (one for one in rig.kept() if one["date_created_gmt"] == rung.replace(tzinfo=None).isoformat())
    wait_until(lambda: bool(rig.refunds(order["id"])), "the shop keeps the return")
    after = counted(rig, day)
    assert (after["sold"], after["given_back"], after["total"]) == (("10.00",) * 2, ("5.00",) * 2, ("5.00",) * 2)
    assert (after["sales"], after["refunds"]) == (("1", "1"), ("1", "1"))
    assert counted(rig, today) == before_today
