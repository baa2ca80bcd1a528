"""What doctor and resync learn of the till: every hop with its fix, and the levels of one item."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.sides.test_till_side import in_process
from tests.sides.test_till_trouble import INFO, Scripted, answer
from tests.till.builders import CUP, TOKEN, WRAP, Hands, a_book, ring
from tillbridge.errors import NoAnswer, NotSent, SideTrouble
from tillbridge.ports import Hop, HopState
from tillbridge.sides.http import Answer
from tillbridge.sides.till.side import TillSide
from tillbridge.till.api import Api
from tillbridge.till.papers import Kind


def hops_of(given: Answer | SideTrouble, sell_from: str = "main") -> dict[str, Hop]:
    side = TillSide(Scripted(given), TOKEN, Hands(), sell_from=sell_from)
    return {hop.name: hop for hop in side.hops()}


def test_a_good_till_is_well_at_every_hop() -> None:
    side = TillSide(in_process(Api(a_book(), TOKEN)), TOKEN, Hands(), sell_from="main")
    assert [(hop.name, hop.state, hop.fix) for hop in side.hops()] == [
        ("pos", HopState.WELL, ""), ("pos clock", HopState.WELL, ""), ("pos outlets", HopState.WELL, ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "word", "fix"),
    [
        (NotSent("refused"), "cannot be reached", "[pos] url"), (NoAnswer("time-out"), "does not answer well", "Look"),
        (answer({"code": "x", "message": "no"}, 401), "refuses our token", "[pos] token"),
        (answer(b"<html>"), "not a POS that we know", "[pos] url"),
    ],
)  # fmt: skip
def test_a_till_that_is_not_reached_leaves_everything_behind_it_unknown(
    given: Answer | SideTrouble, word: str, fix: str
) -> None:
    found = hops_of(given)
    assert (found["pos"].state, word in found["pos"].detail, fix in found["pos"].fix) == (HopState.PROBLEM, True, True)
    assert {found[name].state for name in ("pos clock", "pos outlets")} == {HopState.UNKNOWN}


def test_another_protocol_is_a_problem_and_nothing_more_is_read_into_it() -> None:
    assert [(hop.name, hop.state) for hop in hops_of(answer(INFO | {"protocol": "other/9"})).values()] == [
        ("pos", HopState.PROBLEM)
    ]


@pytest.mark.parametrize(
    ("seconds", "state"), [(0, HopState.WELL), (59, HopState.WELL), (-90, HopState.PROBLEM), (3600, HopState.PROBLEM)]
)
def test_clocks_that_differ_are_a_problem_with_the_difference(seconds: int, state: HopState) -> None:
    there = (Hands()() + timedelta(seconds=seconds)).isoformat()
    hop = hops_of(answer(INFO | {"time": there}))["pos clock"]
    assert (hop.state, f"{seconds:+d} s" in hop.detail) == (state, True)


def test_a_clock_that_is_not_told_is_unknown() -> None:
    assert hops_of(answer(INFO | {"time": "soon"}))["pos clock"].state is HopState.UNKNOWN


def test_an_outlet_that_is_missing_is_a_problem_with_its_fix() -> None:
    hop = hops_of(answer(INFO), sell_from="attic")["pos outlets"]
    assert (hop.state, "'attic'" in hop.detail, "sell_from" in hop.fix) == (HopState.PROBLEM, True, True)


def test_one_items_levels_are_read_at_every_counted_outlet() -> None:
    book = a_book()
    ring(book, Kind.DELIVERY, (CUP, "3"), outlet="annex")
    exchange = in_process(Api(book, TOKEN))
    found = TillSide(exchange, TOKEN, Hands()).levels_of(str(CUP))
    assert {(level.ref, level.outlet): level.quantity for level in found} == {
        (str(CUP), "main"): Decimal(0), (str(CUP), "annex"): Decimal(3),
    }  # fmt: skip
    (main,) = TillSide(exchange, TOKEN, Hands(), counted=["main"]).levels_of(str(CUP))
    assert main.outlet == "main"


def test_an_untracked_items_level_stays_unknown() -> None:
    side = TillSide(in_process(Api(a_book(), TOKEN)), TOKEN, Hands(), counted=["main"])
    assert [level.quantity for level in side.levels_of(str(WRAP))] == [None]


@pytest.mark.parametrize("ref", ["99", "0", "none", "-1", ""])
def test_an_item_that_the_till_does_not_have_has_no_levels(ref: str) -> None:
    assert TillSide(in_process(Api(a_book(), TOKEN)), TOKEN, Hands()).levels_of(ref) == ()


def test_a_pos_that_pages_otherwise_is_counted_as_a_whole() -> None:
    row = {"sku": "A", "name": "A", "outlet": "main", "level": "4"}
    one, all_of_them = ([{**row, "item_id": ref} for ref in refs] for refs in (["a9"], ["a9", "7"]))
    wire = Scripted(answer({"levels": one, "next": "a9"}), answer({"levels": all_of_them, "next": None}))
    (level,) = TillSide(wire, TOKEN, Hands()).levels_of("7")
    assert (level.quantity, len(wire.asked)) == (Decimal(4), 2)
