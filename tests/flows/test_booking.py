"""Events become entries of the accounts, once, and one that cannot be booked blocks no other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal
from typing import Any

import pytest

from tests.builders import CUP, CUP_POS, CUP_STORE, moved, movement, sale_at_pos, sale_in_store, store_event, told
from tests.fakes import outcomes
from tests.flows.world import POS, STORE, World
from tillbridge.core import codec, routing
from tillbridge.core.actions import Status
from tillbridge.core.events import LookAt, StockMoved
from tillbridge.core.marks import Mark
from tillbridge.core.routing import Posted, Unbookable
from tillbridge.core.stock import SideName
from tillbridge.core.targets import Shelf
from tillbridge.db.books import SqlBooks
from tillbridge.errors import StorageTrouble
from tillbridge.ports import Glance, Known, Summary, Unit


class WatchedBooks:
    """Books that say before each transaction the how manieth it is."""

    def __init__(self, books: SqlBooks) -> None:
        self._books = books
        self.transactions = 0
        self.before: Callable[[int], None] = lambda _: None

    @contextmanager
    def writing(self) -> Iterator[Unit]:
        self.transactions += 1
        self.before(self.transactions)
        with self._books.writing() as unit:
            yield unit

    def glancing(self) -> AbstractContextManager[Glance]:
        return self._books.glancing()

    def noted(self, name: str) -> str:
        return self._books.noted(name)

    def mark(self) -> Mark:
        return self._books.mark()

    def known(self, side: SideName, refs: Sequence[str]) -> dict[tuple[str, str], Known]:
        return self._books.known(side, refs)

    def summary(self) -> Summary:
        return self._books.summary()

    def next_due(self, side: object) -> float | None:
        return self._books.next_due(POS if side == POS else None)


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Keys of events that meet a defect of ours when they are booked."""
    keys: set[str] = set()
    real = routing.post

    def post(
        event: StockMoved, source: str, number: int, shelves: Mapping[str, Shelf], *rest: Any
    ) -> Posted | Unbookable:
        if source in keys:
            raise ZeroDivisionError("a defect")
        return real(event, source, number, shelves, *rest)

    monkeypatch.setattr(routing, "post", post)
    return keys


def test_an_event_is_booked_and_makes_the_other_side_due(world: World) -> None:
    world.link_cup()
    world.put(sale_in_store("a", "-2"))
    posted = world.relay.post_events(10)
    assert (posted.events, posted.due) == (1, frozenset({POS}))
    assert world.known(STORE) == "8"
    assert world.states() == {"ready": 1}


def test_no_more_events_are_booked_at_once_than_asked_for(world: World) -> None:
    world.link_cup()
    world.put(*(sale_in_store(str(number)) for number in range(5)))
    assert [world.relay.post_events(2).events for _ in range(4)] == [2, 2, 1, 0]
    assert world.known(STORE) == "5"


def test_an_event_told_twice_counts_once(world: World) -> None:
    world.link_cup()
    world.book(sale_in_store("a"), sale_in_store("a"))
    world.book(sale_in_store("a"))
    assert world.known(STORE) == "9"


def test_an_event_whose_message_was_forgotten_still_counts_once(world: World) -> None:
    world.link_cup()
    world.book(sale_in_store("a"))
    with world.connection.write() as db:
        db.run("DELETE FROM message")
    world.book(sale_in_store("a"), sale_in_store("b"))
    assert world.known(STORE) == "8"
    assert world.states() == {"ready": 1}, "the write to the POS: nothing failed"


def test_sales_on_both_sides_in_one_batch_are_all_booked(world: World) -> None:
    world.link_cup()
    world.put(sale_in_store("a"), sale_at_pos("b", "-2"), sale_in_store("c"), sale_at_pos("d", "-0.5"))
    assert world.relay.post_events(10).due == {STORE, POS}
    assert (world.known(STORE), world.known(POS)) == ("8", "7.5")


def test_our_own_change_coming_back_is_no_sale(world: World) -> None:
    world.link_cup()
    world.book(codec.encode_moved(moved(movement("-2"), ours=True)))
    assert world.known(POS) == "10"
    assert world.states() == {}


@pytest.mark.parametrize(
    ("topic", "data"),
    [
        ("order.changed", {"order_id": 9001}), ("category.changed", {"category_id": 7}),
        ("category.deleted", {"category_id": 7}), ("customer.changed", {"customer_id": 3}),
        ("customer.deleted", {"customer_id": 3}), ("settings.changed", {"what": "taxes"}), ("site.moved", {}),
    ],
)  # fmt: skip
def test_what_only_says_look_at_this_settles_with_no_action(world: World, topic: str, data: dict[str, object]) -> None:
    world.link_cup()
    world.book(told(codec.STORE_KIND, store_event("a", topic, **data), "store:a"))
    assert (world.states(), world.known(STORE), world.known(POS)) == ({}, "10", "10")


@pytest.mark.parametrize("topic", sorted(codec.POS_LOOK_TOPICS))
def test_a_paper_of_the_till_is_no_order_of_the_shop(world: World, topic: str) -> None:
    world.link_cup()
    world.book(codec.encode_look(LookAt(POS, "e", "", topic, "R-000001", "shop:41")))
    with world.sql.writing() as unit:
        assert not unit.are_stirred()
    assert (world.states(), world.known(STORE), world.known(POS)) == ({}, "10", "10")


@pytest.mark.parametrize(
    ("body", "reason"),
    [("{", "malformed"), (json.dumps(store_event("a", "loyalty.changed")), "unknown_topic"), ("[]", "malformed")],
)
def test_what_cannot_be_read_is_parked_and_blocks_nothing(world: World, body: str, reason: str) -> None:
    world.link_cup()
    world.book(told(codec.STORE_KIND, body, "store:odd"), sale_in_store("a"))
    assert world.known(STORE) == "9"
    (shown,) = [one for one in world.waiting() if one.state == "parked"]
    assert (shown.key, shown.reason) == ("store:odd", reason)
    assert " — " in shown.sentence, "what is wrong, and how to mend it"


def test_an_unknown_outlet_is_parked_whole(world: World) -> None:
    world.link_cup()
    world.book(codec.encode_moved(moved(movement("-1"), movement("-1", outlet="attic"))), sale_at_pos("2"))
    assert world.known(POS) == "9"
    assert [one.reason for one in world.waiting() if one.state == "parked"] == ["unknown_outlet"]


def test_an_item_that_nobody_looked_at_yet_calls_for_a_look(world: World) -> None:
    world.link_cup()
    world.put(sale_in_store("a", ref="77"), sale_at_pos("b", ref="88"), sale_in_store("c"))
    assert world.relay.post_events(10).unknown == {STORE: {"77"}, POS: {"88"}}


def test_an_item_that_is_kept_out_does_not_call_for_a_look_with_each_sale(world: World) -> None:
    world.store.stock("77", "", "5", "")
    world.linking()
    world.put(sale_in_store("a", ref="77"))
    assert world.relay.post_events(10).unknown == {}


def test_one_poisoned_event_does_not_block_the_others(world: World, poison: set[str]) -> None:
    world.link_cup()
    poison.add("store:bad")
    world.put(sale_in_store("a"), sale_in_store("bad"), sale_in_store("b"), sale_at_pos("c"))
    posted = world.relay.post_events(100)
    assert posted.due == {STORE, POS}
    assert (world.known(STORE), world.known(POS)) == ("8", "9")
    (shown,) = [one for one in world.waiting() if one.key == "store:bad"]
    assert "ZeroDivisionError('a defect')" in shown.sentence


def test_a_poisoned_event_waits_longer_and_longer_and_is_dead_in_the_end(world: World, poison: set[str]) -> None:
    world.link_cup()
    poison.add("store:bad")
    world.put(sale_in_store("bad"))
    waits: list[float] = []
    for _ in range(100):
        world.relay.post_events(100)
        due = world.sql.next_due(None)
        if due is None:
            break
        waits.append(due - world.clock.now())
        world.clock.seconds = due
    assert waits[:5] == [5, 60, 900, 3600, 21_600]
    assert world.states() == {"dead": 1}
    assert 28 <= len(waits) <= 36


def test_a_mended_defect_lets_its_event_through(world: World, poison: set[str]) -> None:
    world.link_cup()
    poison.add("store:bad")
    world.book(sale_in_store("bad"))
    poison.clear()
    world.clock.advance(5)
    world.book()
    assert world.known(STORE) == "9"


def test_an_event_settled_by_another_meanwhile_is_not_booked_again(world: World, poison: set[str]) -> None:
    """Booked one by one after a defect; in between, first contact counts the item and opens its link."""
    world.store.stock(CUP_STORE, CUP, "9", "")  # the count contains the sale
    world.pos.stock(CUP_POS, CUP, "10", "main")
    poison.add("store:bad")
    world.put(sale_in_store("bad", ref="77"), sale_in_store("sold"))
    watched, first_contact = WatchedBooks(world.sql), world.linking
    world.put_together(watched)
    looked: list[int] = []

    def look(number: int) -> None:
        if number >= 5 and not looked:
            looked.append(first_contact().linked)

    watched.before = look
    world.relay.post_events(100)
    assert looked == [1]
    assert world.known(STORE) == "9"


def test_a_database_that_refuses_is_not_taken_for_a_defect_of_an_event(world: World) -> None:
    world.link_cup()
    world.put(sale_in_store("a"))
    watched = WatchedBooks(world.sql)
    world.put_together(watched)

    def refuse(_: int) -> None:
        raise StorageTrouble("locked")

    watched.before = refuse
    with pytest.raises(StorageTrouble):
        world.relay.post_events(10)
    assert watched.transactions == 1
    watched.before = lambda _: None
    world.relay.post_events(10)
    assert world.account(STORE).born == Decimal(-1)
    assert world.passed == ["relay.posted"]


@pytest.mark.parametrize("text", ["\ud83d", "\x00", "caf\u00e9 \U0001f600"])
def test_no_text_of_a_side_keeps_its_change_from_being_booked(world: World, text: str) -> None:
    world.link_cup()
    event = store_event(text or "a", product_id=int(CUP_STORE), sku=text, delta="-1", cause={"type": text})
    world.book(codec.told_by_store(event), sale_in_store("b"))
    assert world.known(STORE) == "8"


@pytest.mark.parametrize("topic", ["product.restored", "product.changed"])
def test_a_product_that_was_mended_takes_what_it_refused(world: World, topic: str) -> None:
    world.link_cup()
    world.store.answer(*outcomes(Status.NOT_FOUND))
    world.book(sale_at_pos("a"))
    world.relay.write(STORE)
    assert [one.state for one in world.waiting()] == ["parked"]
    world.book(codec.told_by_store(store_event("b", topic, product_id=int(CUP_STORE))))
    world.relay.write(STORE)
    assert world.waiting() == []
    assert world.known(STORE) == "9"


def test_an_outlet_seen_for_the_first_time_raises_nothing_in_the_shop(world: World) -> None:
    world.link_cup()
    event = moved(movement("-1", outlet="attic", before="40"), event_id="a")
    world.book(codec.encode_moved(event))
    world.relay.write(STORE)
    assert world.store.deltas == [Decimal(-1)]
    assert world.known(STORE) == "9"
