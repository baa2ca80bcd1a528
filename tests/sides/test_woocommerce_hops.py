"""What doctor and resync learn of the shop: every hop with its fix, and the level of one product."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

import pytest

from tests.sandbox.builders import SECRET
from tests.sides.woocommerce_wire import Wire, answers, raises
from tillbridge import __version__
from tillbridge.errors import NoAnswer, NotSent, Unauthorised
from tillbridge.ports import Hop, HopState
from tillbridge.sandbox.site import Facts
from tillbridge.sides.http import Answer
from tillbridge.sides.woocommerce.side import StoreSide
from tillbridge.sides.woocommerce.standard import StandardApi

MAJOR, MINOR = (int(part) for part in __version__.split(".")[:2])
FACTS = Facts(site="shop-1")


@pytest.fixture
def wire() -> Wire:
    return Wire(facts=FACTS)


def hops_of(wire: Wire) -> dict[str, Hop]:
    return {hop.name: hop for hop in wire.side.hops()}


def told(wire: Wire, **changes: Any) -> dict[str, Hop]:
    """The hops of a shop that says these things of itself."""
    health = wire.side._shim.health()
    wire.trouble = answers(200, {**health, **changes})
    return hops_of(wire)


def test_a_good_shop_is_well_at_every_hop(wire: Wire) -> None:
    found = hops_of(wire)
    assert {hop.name: hop.state for hop in found.values() if hop.state is not HopState.WELL} == {}
    assert list(found) == [
        "daemon to shop", "shop address", "plugin", "woocommerce", "shop database", "shop outbox", "shop clock",
    ]  # fmt: skip
    assert "outbox" in found["shop database"].detail


@pytest.mark.parametrize(
    ("trouble", "word"),
    [(raises(NotSent("refused")), "cannot be reached"), (raises(NoAnswer("time-out")), "does not answer as agreed"),
     (answers(401, {"code": "x", "message": "clock"}), "refuses our signature"), (answers(200, b"<"), "as agreed")],
)  # fmt: skip
def test_a_shop_that_is_not_reached_leaves_everything_behind_it_unknown(
    wire: Wire, trouble: Callable[[], Answer | None], word: str
) -> None:
    wire.trouble = trouble
    first, *rest = hops_of(wire).values()
    assert (first.name, first.state, word in first.detail, bool(first.fix)) == (
        "daemon to shop", HopState.PROBLEM, True, True,
    )  # fmt: skip
    assert {hop.state for hop in rest} == {HopState.UNKNOWN}
    assert len(rest) == 6


@pytest.mark.parametrize("answer", [(301, b""), (200, b"<!DOCTYPE html>"), (404, b"<html>nginx</html>")])
def test_a_shop_whose_permalinks_were_changed_is_told_how_to_say_so(wire: Wire, answer: tuple[int, bytes]) -> None:
    wire.trouble = answers(*answer)
    assert "`wp tillbridge site moved`" in hops_of(wire)["daemon to shop"].fix


@pytest.mark.parametrize(
    ("version", "state"),
    [
        (__version__, HopState.WELL), (f"{MAJOR}.{MINOR + 1}.9", HopState.WELL),
        (f"{MAJOR}.{MINOR + 2}.0", HopState.PROBLEM), (f"{MAJOR + 1}.{MINOR}.0", HopState.PROBLEM),
        ("new", HopState.UNKNOWN), (None, HopState.UNKNOWN),
    ],
)  # fmt: skip
def test_a_plugin_one_minor_version_apart_works_together(wire: Wire, version: object, state: HopState) -> None:
    hop = told(wire, plugin=version)["plugin"]
    assert (hop.state, "Update" in hop.fix) == (state, state is not HopState.WELL)


@pytest.mark.parametrize(
    ("name", "changes", "state", "word"),
    [
        ("shop address", {"site": "other"}, HopState.PROBLEM, "another shop"),
        ("shop address", {"elsewhere": True}, HopState.PROBLEM, "another address"),
        ("shop address", {"elsewhere": None}, HopState.UNKNOWN, "does not say"),
        ("woocommerce", {"woocommerce": "7.6.9"}, HopState.PROBLEM, "7.7"),
        ("woocommerce", {"woocommerce": ""}, HopState.PROBLEM, "7.7"),
        ("shop database", {"innodb": False}, HopState.PROBLEM, "not every table"),
        ("shop database", {"innodb": None}, HopState.PROBLEM, "not every table"),
        ("shop database", {"tables": None}, HopState.UNKNOWN, "not told"),
        ("shop outbox", {"outbox": {"unacked": 3, "oldest_seconds": 20}}, HopState.WELL, "3 waiting"),
        ("shop outbox", {"outbox": {"unacked": 3, "oldest_seconds": 900}}, HopState.PROBLEM, "900 s"),
        ("shop outbox", {"outbox": {"unacked": 3, "oldest_seconds": None}}, HopState.UNKNOWN, "does not say"),
        ("shop outbox", {"outbox": None}, HopState.UNKNOWN, "does not say"),
        ("shop clock", {"time": "noon"}, HopState.UNKNOWN, "cannot be read"),
    ],
)
def test_each_hop_that_is_not_well_says_so(
    wire: Wire, name: str, changes: dict[str, Any], state: HopState, word: str
) -> None:
    found = told(wire, **changes)
    assert (found[name].state, word in found[name].detail) == (state, True), found[name]
    assert bool(found[name].fix) is (state is not HopState.WELL)
    assert {hop.name for hop in found.values() if hop.state is not HopState.WELL} <= {name}


@pytest.mark.parametrize("garbage", [None, [], "x", 7, {"a": []}, {"unacked": "many"}, {"unacked": {}}])
def test_garbage_in_what_a_shop_says_of_itself_never_raises(wire: Wire, garbage: object) -> None:
    keys = ("plugin", "site", "address", "elsewhere", "woocommerce", "wordpress", "innodb", "tables", "outbox", "time")
    for key in keys:
        wire.trouble = lambda: None
        assert len(told(wire, **{key: garbage})) == 7, key


def test_a_clock_that_differs_is_a_problem_before_it_hurts(wire: Wire) -> None:
    side = StoreSide(wire.exchange, SECRET, wire.store.dice, lambda: wire.store.time() + timedelta(seconds=90))
    (hop,) = [hop for hop in side.hops() if hop.name == "shop clock"]
    assert (hop.state, "-90 s" in hop.detail) == (HopState.PROBLEM, True)


def test_the_level_of_one_product_is_read_alone(wire: Wire) -> None:
    cup, mug = wire.store.product(7, sku="CUP"), wire.store.product(3)
    wire.calls.clear()
    assert [(level.ref, level.quantity) for level in wire.side.levels_of(str(cup.id))] == [(str(cup.id), Decimal(7))]
    assert [(level.ref, level.quantity) for level in wire.side.levels_of(str(mug.id))] == [(str(mug.id), Decimal(3))]
    assert len(wire.calls) == 2


def test_a_product_whose_change_waits_in_the_outbox_is_moving(wire: Wire) -> None:
    cup = wire.store.product(7)
    wire.store.shop.checkout((cup.id, 2))
    (level,) = wire.side.levels_of(str(cup.id))
    assert (level.quantity, level.moving) == (Decimal(5), True)


@pytest.mark.parametrize("ref", ["999999", "0", "x", "-1", ""])
def test_a_product_that_the_shop_does_not_have_has_no_level(wire: Wire, ref: str) -> None:
    wire.store.product(7)
    assert wire.side.levels_of(ref) == ()


class Api:
    """WooCommerce's public API, which answers by a script."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def read(self, path: str) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "state", "word"),
    [
        ({"code": "EUR"}, HopState.WELL, "EUR"), (Unauthorised("401"), HopState.PROBLEM, "does not let us in"),
        (NoAnswer("time-out"), HopState.PROBLEM, "time-out"), ({"error": "x"}, HopState.PROBLEM, "names no currency"),
    ],
)  # fmt: skip
def test_the_key_for_the_public_api_is_tried(wire: Wire, answer: object, state: HopState, word: str) -> None:
    wire.side._standard = cast(StandardApi, Api(answer))
    (hop,) = wire.side.key_hops()
    assert (hop.name, hop.state, word in hop.detail) == ("rest key", state, True)
    assert bool(hop.fix) is (state is not HopState.WELL)


def test_a_shop_that_gave_no_key_needs_none(wire: Wire) -> None:
    (hop,) = wire.side.key_hops()
    assert hop.state is HopState.WELL
