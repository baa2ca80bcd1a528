"""What tells the POS of orders, put together from the settings and from what both sides say of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from tests import builders
from tests.fakes import VirtualClock
from tillbridge import settings, telling
from tillbridge.core.pos_papers import PosTerms
from tillbridge.db.books import SqlBooks
from tillbridge.errors import NoAnswer, SettingsError
from tillbridge.settings import Settings
from tillbridge.shop import Shop

BERLIN = ZoneInfo("Europe/Berlin")
SHOP = cast(Shop, type("OneShop", (), {"site": "shop-1"})())


class OneStore:
    def __init__(self, papers: object = "papers") -> None:
        self._papers = papers

    def papers(self) -> object:
        return self._papers

    def zone(self) -> ZoneInfo:
        return BERLIN


class OneTill:
    def __init__(self) -> None:
        self.asked = 0
        self.away = False

    def terms(self) -> PosTerms:
        self.asked += 1
        if self.away:
            raise NoAnswer("the till is away")
        return PosTerms("EUR", ("cash",), open_lines=False)


def written(**orders: str) -> Settings:
    given: Mapping[tuple[str, str], str] = {
        ("pos", "url"): "http://till.example",
        ("pos", "token"): "env:TOKEN",
        **{("orders", name.removesuffix("_")): value for name, value in orders.items()},
    }
    return settings.read(None, {"TOKEN": "a token"}, given)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def books(tmp_path: Path, clock: VirtualClock) -> SqlBooks:
    return builders.books(builders.database(tmp_path), clock)


def built(chosen: Settings, books: SqlBooks, clock: VirtualClock, store: Any, till: Any) -> Any:
    return telling.build_telling(chosen, SHOP, books, (store, till), clock)


def test_the_policy_is_what_the_owner_wrote_and_what_both_sides_say(books: SqlBooks, clock: VirtualClock) -> None:
    made = built(written(as_="sale", start_date="2026-11-01"), books, clock, OneStore(), OneTill())
    policy = made.policy()
    assert (policy.currency, policy.open_lines) == ("EUR", False)
    assert policy.start == datetime(2026, 11, 1, tzinfo=BERLIN)


def test_both_sides_are_asked_again_after_a_while_only(books: SqlBooks, clock: VirtualClock) -> None:
    till = OneTill()
    made = built(written(as_="sale"), books, clock, OneStore(), till)
    made.policy()
    made.policy()
    assert till.asked == 1
    clock.advance(telling.FRESH)
    till.away = True
    with pytest.raises(NoAnswer):
        made.policy()


def test_orders_from_before_they_first_travelled_as_sales_are_left_alone(books: SqlBooks, clock: VirtualClock) -> None:
    first = clock.wall()
    built(written(as_="sale"), books, clock, OneStore(), OneTill())
    clock.advance(timedelta(days=9).total_seconds())
    again = built(written(as_="sale"), books, clock, OneStore(), OneTill())
    assert again.policy().start == first.astimezone(UTC)


def test_orders_that_travel_as_stock_need_nothing(books: SqlBooks, clock: VirtualClock) -> None:
    assert built(written(), books, clock, OneStore(None), OneTill()) is None


def test_without_a_key_to_read_orders_by_the_daemon_does_not_start(books: SqlBooks, clock: VirtualClock) -> None:
    with pytest.raises(SettingsError, match="pair the shop"):
        built(written(as_="sale"), books, clock, OneStore(None), OneTill())
