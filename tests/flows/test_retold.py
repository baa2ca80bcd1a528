"""What a shop tells once more to restored books is in the levels that were taken over since, and does not count on top
of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest

from tests.builders import CUP, CUP_POS, CUP_STORE, order_told, store_event
from tests.flows.order_desk import Desk
from tests.flows.world import POS, STORE, World
from tillbridge.core import codec
from tillbridge.core.accounts import LONGEST_FLIGHT
from tillbridge.core.actions import OwnWrite
from tillbridge.core.events import Told
from tillbridge.core.findings import Limits
from tillbridge.core.marks import Mark
from tillbridge.core.routing import Rules
from tillbridge.linking import Linking
from tillbridge.ports import DONE, FAILED, LOOKING, PLAN, Run
from tillbridge.reconcile import Care, Reconcile
from tillbridge.recovering import Recovering, believe, go_on
from tillbridge.retold import KEPT_FOR, NOTE

SETTLE = 60.0


class Shop:
    """A shop that remembers, beside a daemon that has looked for links once and was restored from a backup before."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.events: list[Told] = []
        self.writes: list[OwnWrite] = []
        world.sql.take_over()
        self.show("10", "10")
        world.store.mark = Mark("6f1c", 14)
        care = Care(Rules(), Limits(), SETTLE)
        self.runs = Reconcile(world.sql, world.sides, world.work.drain, care, world.clock, lambda _: None)
        self.recover = Recovering(world.sql, self, world.book)

    def retained(self) -> Iterator[Told]:
        return iter(self.events)

    def own_writes(self) -> Iterator[OwnWrite]:
        return iter(self.writes)

    def show(self, store: str, pos: str) -> None:
        """What both sides have on their shelves."""
        self.world.store.stock(CUP_STORE, CUP, store, "")
        self.world.pos.stock(CUP_POS, CUP, pos, "main")

    def link(self) -> None:
        """First contact, by a daemon that does not know yet that it was restored."""
        world = self.world
        look = Linking(
            world.sql, world.sides, world.polls, world.book, world.work.booked, world.passed.append, remembers=self
        )
        assert look().linked == 1

    def notice(self) -> None:
        """Now the daemon hears that its books had come further, and they are brought up to date."""
        ours = self.world.sql.mark()
        self.world.store.ours = Mark(ours.incarnation, ours.counter + 50)
        assert self.world.work.read(STORE)
        assert self.recover()
        self.world.clock.advance(LONGEST_FLIGHT)
        assert self.recover()

    def run(self, begun: Callable[[], Run]) -> Run:
        """A run, from its begin to its end."""
        number = begun().id
        for _ in range(4):
            self.runs.advance()
            self.world.clock.advance(SETTLE)
        with self.world.sql.writing() as unit:
            run = unit.run(number)
        assert run is not None
        return run

    @property
    def sums(self) -> str:
        """Opening, born and written at the shop."""
        account = self.world.account(STORE)
        return f"{account.opening}, {account.born}, {account.written}"


@pytest.fixture
def shop(world: World) -> Shop:
    return Shop(world)


def row(number: int, delta: str, ref: str = CUP_STORE) -> Told:
    """A sale of the shop, by the shop's own number."""
    cause = {"type": "admin"}
    event = store_event(f"row-{number}", product_id=int(ref), sku=CUP, delta=delta, cause=cause)
    return codec.told_by_store({**event, "n": number})


def test_rows_older_than_an_opening_are_in_it_when_they_are_told_again(shop: Shop) -> None:
    shop.link()
    shop.events = [row(13, "-2"), row(14, "-1"), row(15, "-4")]
    shop.notice()
    assert shop.sums == "10, -4, 0", "the first two had happened when it was counted"


def test_a_link_from_before_the_backup_hears_everything_again(shop: Shop) -> None:
    shop.world.link_cup()
    shop.events = [row(13, "-2")]
    shop.notice()
    assert shop.sums == "10, -2, 0"


def test_rows_that_a_run_has_put_down_to_the_shop_are_not_entered_again(shop: Shop) -> None:
    shop.world.link_cup()
    shop.show("8", "10")
    shop.world.clock.advance(1)
    assert shop.run(shop.runs.begin).state == DONE
    shop.events = [row(13, "-2"), row(15, "-1")]
    shop.notice()
    assert shop.sums == "10, -3, 0"


def test_rows_that_were_put_down_to_an_order_are_not_entered_again(shop: Shop) -> None:
    desk = Desk(shop.world)
    desk.show("8")
    desk.orders.hold("2")
    desk.told(order_told("stirred", "processing"))
    desk.world.work.read(STORE)
    desk.settle()
    assert shop.sums == "10, -2, 0"
    shop.events = [row(13, "-2"), row(15, "-1")]
    shop.notice()
    assert shop.sums == "10, -3, 0"


def test_numbers_of_another_database_of_the_shop_say_nothing(shop: Shop) -> None:
    shop.link()
    shop.world.store.mark = Mark("77aa", 3)
    shop.world.work.read(STORE)
    shop.events = [row(2, "-2")]
    shop.notice()
    assert shop.sums == "10, -2, 0"


def test_what_says_nothing_of_a_level_is_heard_again(shop: Shop) -> None:
    shop.link()
    look = codec.told_by_store({**store_event("look", "product.changed", product_id=int(CUP_STORE)), "n": 3})
    shop.events = [look, row(4, "-1", "99"), Told("store:odd", codec.STORE_KIND, "[1]")]
    shop.notice()
    keys = {str(key) for (key,) in shop.world.rows("SELECT key FROM message")}
    assert {"store:look", "store:row-4", "store:odd"} <= keys


def test_our_own_writes_from_before_an_opening_are_in_it_when_they_are_recognised(shop: Shop) -> None:
    shop.writes = [OwnWrite("of-a-forgotten-life", CUP_STORE, "", Decimal(-3))]
    shop.link()
    shop.writes.append(OwnWrite("late", CUP_STORE, "", Decimal(-1)))
    shop.notice()
    assert shop.sums == "10, 0, -1", "only the one that arrived later"


def test_of_what_was_taken_over_long_ago_nothing_is_kept(shop: Shop) -> None:
    shop.link()
    shop.world.clock.advance(KEPT_FOR)
    shop.world.store.stock("52", "MUG", "5", "")
    shop.world.pos.stock("13", "MUG", "5", "main")
    shop.world.store.mark = Mark("6f1c", 20)
    shop.link()
    assert [mark for _, mark, _ in json.loads(shop.world.sql.noted(NOTE))] == ["6f1c 20"]


def test_nothing_is_put_down_to_a_side_before_a_person_has_decided_about_a_backup(shop: Shop) -> None:
    shop.link()
    shop.show("7", "10")
    shop.notice()
    run = shop.run(shop.runs.begin)
    assert run.state == FAILED
    assert "decide restored:books" in str(run.facts["reason"])
    assert shop.sums == "10, 0, 0"
    assert shop.run(lambda: shop.runs.begin(kind=PLAN)).state == DONE, "looking is allowed"


def test_a_word_about_one_side_is_carried_out_when_everything_is_decided(shop: Shop) -> None:
    world = shop.world
    shop.link()
    world.pos.mark = Mark("till", 9)
    world.work.read(POS)
    world.pos.mark = Mark("till", 4)
    world.work.read(POS)
    shop.show("10", "12")
    shop.notice()
    with world.sql.writing() as unit:
        run = believe(unit, POS, "theirs")
    assert shop.run(lambda: run).state == LOOKING
    with world.sql.writing() as unit:
        go_on(unit)
    assert shop.run(lambda: run).state == DONE
    assert world.known(POS) == "12"
