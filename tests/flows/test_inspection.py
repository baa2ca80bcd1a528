"""What both sides report before anything moves, side by side with what is held out and the policy in force."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from tests.fakes import FakeSide, VirtualClock, pos_side, store_side
from tests.flows.world import POS, STORE
from tillbridge.core.account import Gateway, StoreAccount
from tillbridge.core.links import Held
from tillbridge.core.order_policy import OrderPolicy
from tillbridge.core.pos_papers import PosTax, PosTerms
from tillbridge.core.stock import SideName
from tillbridge.errors import NotSent, Unsupported
from tillbridge.inspection import Money, inspect
from tillbridge.ports import Report, Side

ROW = {"name": "queue.lease", "value": "60s", "source": "default"}
HELD = Held(STORE, "60", "MUG", "Mug", "only_here", "The other side has no item with this SKU.")


class Reporting(FakeSide):
    """A side with a report of its own; it waits for `gate` before it tells."""

    def __init__(self, like: FakeSide, report: Report) -> None:
        super().__init__(like.name, like.abilities)
        self.report = report
        self.gate = threading.Event()
        self.gate.set()

    def check(self) -> Report:
        self.gate.wait(20)
        return self.report


def sides(*problems: str) -> dict[SideName, Side]:
    """A shop that is well, and a till with these problems."""
    return {STORE: Reporting(store_side(), Report((), {"php": "8.2"})), POS: Reporting(pos_side(), Report(problems))}


def test_two_sides_without_problems_are_well_whatever_is_held_out() -> None:
    said = inspect(sides(), [HELD], [ROW], VirtualClock())
    assert json.loads(json.dumps(said)) == {
        "well": True,
        "problems": [],
        "sides": {"store": {"problems": [], "facts": {"php": "8.2"}}, "pos": {"problems": [], "facts": {}}},
        "held_out": [{"side": "store", "ref": "60", "sku": "MUG", "name": "Mug", "reason": "only_here",
                      "sentence": "The other side has no item with this SKU."}],
        "policy": [ROW],
    }  # fmt: skip


def test_one_problem_of_either_side_is_not_well() -> None:
    assert inspect(sides("no outlet"), [], [], VirtualClock())["well"] is False


def test_a_side_that_hangs_is_a_problem_and_hides_nothing_of_the_other() -> None:
    found = sides()
    slow = found[POS]
    assert isinstance(slow, Reporting)
    slow.gate.clear()
    said = inspect(found, [], [], VirtualClock(), patience=0.05)
    slow.gate.set()
    shown = json.loads(json.dumps(said))["sides"]
    assert (said["well"], "did not say within 0.05 s" in shown["pos"]["problems"][0]) == (False, True)
    assert shown["store"] == {"problems": [], "facts": {"php": "8.2"}}


def test_a_buffer_that_does_nothing_is_a_problem_of_the_shop_and_one_that_waits_a_remark() -> None:
    said: Any = inspect(sides(), [], [], VirtualClock(), buffers=(["no product with the SKU 'CPU'"], ["MUG waits"]))
    store = said["sides"]["store"]
    assert (said["well"], store["problems"]) == (False, ["no product with the SKU 'CPU'"])
    assert store["facts"]["buffers"] == "MUG waits"
    assert inspect(sides(), [], [], VirtualClock(), buffers=([], ["MUG waits"]))["well"] is True


class Shop:
    """A shop that takes bank transfers in euros."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()

    def account(self) -> StoreAccount:
        self.gate.wait(20)
        return StoreAccount("EUR", (Gateway("bacs", "Bank transfer", enabled=True),))


def locked() -> StoreAccount:
    raise Unsupported("the shop gave no key")


POLICY = OrderPolicy({"bacs": "Bank"}, {"standard": "VAT 19"})


def problems(money: Money, currency: str = "EUR", of_store: Sequence[str] = (), patience: float = 8.0) -> Any:
    """What is wrong with the shop and with the till, whose prices are in this currency."""
    found: dict[SideName, Side] = {
        STORE: Reporting(store_side(), Report(tuple(of_store), {"currency": "EUR"})),
        POS: Reporting(pos_side(), Report((), {"currency": currency})),
    }
    said = json.loads(json.dumps(inspect(found, [], [], VirtualClock(), patience, money=money)))
    assert said["well"] is not any(side["problems"] for side in said["sides"].values())
    return tuple(side["problems"] for side in said["sides"].values())


def till(*types: str, currency: str = "EUR", tax: str = "VAT 19") -> Callable[[], PosTerms]:
    return lambda: PosTerms(currency, types, (PosTax(tax, Decimal(19)),))


def any_till() -> PosTerms:
    """One that does not say what it takes."""
    return PosTerms("EUR", ())


def test_what_is_wrong_with_the_settings_alone_is_not_well() -> None:
    said = inspect(sides(), [], [], VirtualClock(), problems=["orders.start_date: found 2099-01-01"])
    assert (said["well"], said["problems"]) == (False, ["orders.start_date: found 2099-01-01"])


def test_accounts_that_fit_the_policy_are_well() -> None:
    assert problems(Money(POLICY, Shop().account, till("Cash", "Bank"))) == ([], [])


def test_what_does_not_fit_is_told_at_the_side_that_has_it() -> None:
    policy = OrderPolicy({"cod": "Bank"}, POLICY.taxes)
    (of_store, of_pos) = problems(Money(policy, Shop().account, till("Cash", tax="VAT 7")))
    assert ["Write bacs = Cash under [payments]" in line for line in of_store] == [True]
    assert [line.partition(" names")[0] for line in of_pos] == ["[payments] cod = Bank", "[taxes] standard = VAT 19"]


def test_two_currencies_keep_orders_from_becoming_sales_and_stock_does_not_mind() -> None:
    (of_store, of_pos) = problems(Money(POLICY, Shop().account, till("Bank", currency="CHF")))
    assert ("EUR, the POS's in CHF" in of_store[0], of_pos) == (True, [])
    found: dict[SideName, Side] = {
        STORE: Reporting(store_side(), Report((), {"currency": "EUR"})),
        POS: Reporting(pos_side(), Report((), {"currency": "CHF"})),
    }
    assert inspect(found, [], [], VirtualClock())["well"] is True


def test_a_till_that_does_not_say_what_it_takes_is_believed() -> None:
    assert problems(Money(POLICY, Shop().account, any_till)) == ([], [])


def test_an_account_that_cannot_be_read_says_why_and_what_is_known_is_compared() -> None:
    def away() -> PosTerms:
        raise NotSent("no route")

    (of_store, of_pos) = problems(Money(POLICY, locked, away), "CHF")
    assert ["gave no key" in of_store[0], "EUR, the POS's in CHF" in of_store[1], "no route" in of_pos[0]] == [True] * 3


def test_a_side_that_is_away_is_told_once() -> None:
    assert problems(Money(POLICY, locked, any_till), of_store=["it is away"]) == (["it is away"], [])


def test_a_shop_that_hangs_over_its_account_is_a_problem() -> None:
    shop = Shop()
    shop.gate.clear()
    (of_store, _) = problems(Money(POLICY, shop.account, any_till), patience=0.05)
    shop.gate.set()
    assert "did not say within 0.05 s" in of_store[0]
