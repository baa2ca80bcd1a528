"""A database that went back is told by its name or its counter, and by nothing else."""

from __future__ import annotations

import pytest

from tillbridge.core import marks
from tillbridge.core.marks import Mark
from tillbridge.core.stock import SideName

KNOWN = Mark("6f1c", 640)


@pytest.mark.parametrize("counter", [640, 641, 10**12])
def test_a_counter_that_stands_or_rises_is_the_same_database(counter: int) -> None:
    assert marks.went_back(SideName.STORE, KNOWN, Mark("6f1c", counter)) == ""


def test_a_counter_that_fell_is_a_restored_backup() -> None:
    why = marks.went_back(SideName.STORE, KNOWN, Mark("6f1c", 639))
    assert "the database of the store" in why
    assert "fell from 640 to 639: it was restored from a backup" in why
    assert "`tillbridge resume`" in why


def test_another_name_is_another_database_however_far_it_is() -> None:
    assert "made anew" in marks.went_back(SideName.STORE, KNOWN, Mark("77aa", 10**6))


def test_a_mark_is_noted_and_read_again() -> None:
    assert marks.decode(marks.encode(KNOWN)) == KNOWN
    for noted in ("", "6f1c", "6f1c x", "6f1c -1", " 7"):
        assert marks.decode(noted) is None


def test_a_page_that_does_not_say_how_far_its_database_is_has_no_mark() -> None:
    assert marks.read({"incarnation": "6f1c", "counter": 640, "events": []}) == KNOWN
    for page in ({}, {"counter": 640}, {"incarnation": "6f1c", "counter": True}, {"incarnation": "6 f", "counter": 1}):
        assert marks.read(page) is None
    assert marks.read({"incarnation": "6f1c", "counter": -1}) is None
