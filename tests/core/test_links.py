"""A link is proposed only where it is certain; everything else is shown with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import POS, STORE, item
from tillbridge.core.links import Pair, propose
from tillbridge.core.stock import Item, SideName

NOTHING: Mapping[SideName, Sequence[str]] = {}


def test_equal_and_unique_skus_are_a_pair() -> None:
    proposal = propose([item("51", "CUP")], [item("12", " CUP ")], NOTHING)
    assert proposal.pairs == (Pair("CUP", "51", "12"),)
    assert proposal.held == ()


HELD = [
    ("no SKU", [item("1", "")], [item("9", "A")], {(STORE, "1", "blank_sku"), (POS, "9", "only_here")}),
    ("a blank SKU", [item("1", "  ")], [], {(STORE, "1", "blank_sku")}),
    ("blank on both sides", [item("1", "")], [item("9", "")], {(STORE, "1", "blank_sku"), (POS, "9", "blank_sku")}),
    (
        "twice in the store",
        [item("1", "A"), item("2", "A")],
        [item("9", "A")],
        {(STORE, "1", "duplicate_sku"), (STORE, "2", "duplicate_sku"), (POS, "9", "duplicate_sku")},
    ),
    (
        "twice at the POS",
        [item("1", "A")],
        [item("8", "A"), item("9", "A ")],
        {(STORE, "1", "duplicate_sku"), (POS, "8", "duplicate_sku"), (POS, "9", "duplicate_sku")},
    ),
    ("only in the store", [item("1", "A")], [], {(STORE, "1", "only_here")}),
    ("only at the POS", [], [item("9", "A")], {(POS, "9", "only_here")}),
    ("another spelling", [item("1", "a")], [item("9", "A")], {(STORE, "1", "only_here"), (POS, "9", "only_here")}),
    (
        "untracked in the store",
        [item("1", "A", tracked=False)],
        [item("9", "A")],
        {(STORE, "1", "untracked"), (POS, "9", "untracked")},
    ),
    (
        "untracked at the POS",
        [item("1", "A")],
        [item("9", "A", tracked=False)],
        {(STORE, "1", "untracked"), (POS, "9", "untracked")},
    ),
    (
        "stock held by the parent",
        [item("1", "A", tracked=False, parent="100")],
        [item("9", "A")],
        {(STORE, "1", "parent_holds_stock"), (POS, "9", "untracked")},
    ),
    (
        "a tracked variation whose parent holds the stock",
        [item("1", "A", parent="100")],
        [item("9", "A")],
        {(STORE, "1", "parent_holds_stock"), (POS, "9", "parent_holds_stock")},
    ),
]


@pytest.mark.parametrize(("store", "pos", "held"), [case[1:] for case in HELD], ids=[case[0] for case in HELD])
def test_what_is_not_certain_is_held_out_with_a_reason(
    store: list[Item], pos: list[Item], held: set[tuple[SideName, str, str]]
) -> None:
    proposal = propose(store, pos, NOTHING)
    assert proposal.pairs == ()
    assert {(one.side, one.ref, one.reason) for one in proposal.held} == held
    assert all(one.sentence for one in proposal.held)


def test_what_is_linked_is_left_alone() -> None:
    proposal = propose([item("1", "A")], [item("9", "A")], {STORE: ["1"], POS: ["9"]})
    assert proposal == propose([], [], NOTHING)


def test_a_linked_item_keeps_its_sku_occupied() -> None:
    proposal = propose([item("1", "A"), item("2", "A")], [item("9", "A")], {STORE: ["1"], POS: ["9"]})
    assert proposal.pairs == ()
    assert {(one.side, one.ref, one.reason) for one in proposal.held} == {(STORE, "2", "duplicate_sku")}


def test_a_product_whose_pos_item_is_taken_is_shown() -> None:
    proposal = propose([item("1", "B"), item("2", "A")], [item("9", "A")], {STORE: ["1"], POS: ["9"]})
    assert {(one.side, one.ref, one.reason) for one in proposal.held} == {(STORE, "2", "taken")}


def test_a_pos_item_whose_product_is_taken_is_shown() -> None:
    proposal = propose([item("1", "A")], [item("9", "B"), item("8", "A")], {STORE: ["1"], POS: ["9"]})
    assert proposal.pairs == ()
    assert {(one.side, one.ref, one.reason) for one in proposal.held} == {(POS, "8", "taken")}


ITEMS = st.lists(
    st.builds(
        item,
        st.integers(1, 99).map(str),
        st.sampled_from(["", " ", "A", "A ", "B", "C"]),
        tracked=st.booleans(),
        parent=st.sampled_from(["", "", "", "100"]),
    ),
    max_size=6,
    unique_by=lambda one: one.ref,
)


def test_a_product_that_is_sold_only_in_its_variants_is_not_complained_about() -> None:
    small = replace(item("11", "SHIRT-S"), family="10")
    large = replace(item("12", "SHIRT-L"), family="10")
    container = item("10", "", tracked=False)
    found = propose([container, small, large], [item("91", "SHIRT-S"), item("92", "SHIRT-L")], {})
    assert [pair.sku for pair in found.pairs] == ["SHIRT-S", "SHIRT-L"]
    assert found.held == ()


def test_a_product_with_variants_that_holds_their_stock_is_linked_like_any_other() -> None:
    variant = replace(item("11", "", parent="10"), family="10")
    found = propose([item("10", "HOODIE"), variant], [item("91", "HOODIE")], {})
    assert [pair.sku for pair in found.pairs] == ["HOODIE"]
    assert [held.reason for held in found.held] == ["parent_holds_stock"]


@given(st.data(), ITEMS, ITEMS)
def test_every_item_is_linked_or_proposed_or_shown(data: st.DataObject, store: list[Item], pos: list[Item]) -> None:
    couples = min(len(store), len(pos))
    number = data.draw(st.integers(0, couples))
    linked = {STORE: [one.ref for one in store[:number]], POS: [one.ref for one in pos[:number]]}
    proposal = propose(store, pos, linked)
    for side, items in ((STORE, store), (POS, pos)):
        told = [*linked[side], *(pair.store_ref if side is STORE else pair.pos_ref for pair in proposal.pairs)]
        told += [one.ref for one in proposal.held if one.side is side]
        assert sorted(told) == sorted(one.ref for one in items)
