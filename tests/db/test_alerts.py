"""What a person was told about items, until it is over."""

from __future__ import annotations

import logging
from decimal import Decimal

import pytest

from tests.builders import open_links
from tests.fakes import VirtualClock
from tillbridge import alerts
from tillbridge.db.books import SqlBooks
from tillbridge.db.connect import Connection
from tillbridge.ports import Alert


@pytest.fixture
def three(books: SqlBooks) -> SqlBooks:
    """Books with the links SKU-1, SKU-2 and SKU-3."""
    with books.writing() as unit:
        open_links(unit, 3)
    return books


def test_an_alert_stands_until_it_is_ended(three: SqlBooks, connection: Connection, clock: VirtualClock) -> None:
    with three.writing() as unit:
        unit.alert(1, "oversold", Decimal("2.5"), "two and a half are missing")
        assert unit.alerts("oversold", [1, 2]) == {1: Decimal("2.5")}
    told = Alert("oversold", "SKU-1", Decimal("2.5"), "two and a half are missing", clock.now())
    assert SqlBooks(connection, clock, "boot-2").alerts(10) == [told]
    with three.writing() as unit:
        unit.end_alerts("oversold", [1, 2])
        assert unit.alerts("oversold", [1]) == {}
    assert three.alerts(10) == []


def test_an_alert_told_anew_stands_since_it_began(three: SqlBooks, clock: VirtualClock) -> None:
    began = clock.now()
    with three.writing() as unit:
        unit.alert(1, "oversold", Decimal(1), "one is missing")
    clock.advance(60)
    with three.writing() as unit:
        unit.alert(1, "oversold", Decimal(3), "three are missing")
    assert three.alerts(10) == [Alert("oversold", "SKU-1", Decimal(3), "three are missing", began)]


def test_alerts_of_two_kinds_about_an_item_are_two(three: SqlBooks) -> None:
    with three.writing() as unit:
        unit.alert(1, "oversold", Decimal(1), "a")
        unit.alert(1, "open_difference", Decimal(2), "b")
        unit.end_alerts("oversold", [1])
        assert (unit.alerts("oversold", [1]), unit.alerts("open_difference", [1])) == ({}, {1: Decimal(2)})


def test_the_oldest_alerts_come_first_and_no_more_than_asked_for(three: SqlBooks, clock: VirtualClock) -> None:
    for link in (3, 1, 2):
        with three.writing() as unit:
            unit.alert(link, "oversold", Decimal(link), "")
        clock.advance(1)
    assert [one.sku for one in three.alerts(10)] == ["SKU-3", "SKU-1", "SKU-2"]
    assert [one.sku for one in three.alerts(2)] == ["SKU-3", "SKU-1"]


def test_more_items_than_a_statement_takes_are_asked_about_together(books: SqlBooks) -> None:
    with books.writing() as unit:
        open_links(unit, 1100)
        for link in (1, 600, 1100):
            unit.alert(link, "oversold", Decimal(1), "")
        assert set(unit.alerts("oversold", range(1, 1101))) == {1, 600, 1100}
        unit.end_alerts("oversold", range(1, 1101))
        assert unit.alerts("oversold", range(1, 1101)) == {}


def test_what_is_told_is_told_aloud_only_when_it_grows(three: SqlBooks, caplog: pytest.LogCaptureFixture) -> None:
    amounts = ["2", "2", "3", "1", "1", "0", "0", "2"]
    with caplog.at_level(logging.WARNING, "tillbridge.alerts"), three.writing() as unit:
        for amount in amounts:
            alerts.tell(unit, 1, alerts.OPEN_DIFFERENCE, Decimal(amount), f"{amount} must come off")
            told = unit.alerts(alerts.OPEN_DIFFERENCE, [1])
            assert told == ({1: Decimal(amount)} if amount != "0" else {})
    assert caplog.messages == ["2 must come off", "3 must come off", "2 must come off"]
