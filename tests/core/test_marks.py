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
    assert "`tillbridge decide restored:store`" in why


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


def test_the_time_to_which_it_went_back_is_said_where_it_is_known() -> None:
    assert "backup of about 2026-11-22 10:00 UTC" in marks.went_back(
        SideName.STORE, KNOWN, Mark("6f1c", 9), "2026-11-22 10:00 UTC"
    )


def test_a_trail_remembers_a_mark_every_half_hour_and_forgets_the_oldest() -> None:
    trail: marks.Trail = ()
    for minute in range(0, 60 * 24 * 3, 10):
        trail = marks.trodden(trail, Mark("6f1c", minute), minute * 60.0)
    assert len(trail) == marks.TRAIL_LENGTH
    assert trail[-1][1] - trail[-2][1] == marks.TRAIL_EVERY
    assert marks.stood_at(trail, trail[-3][0]) == trail[-3][1]
    assert marks.stood_at(trail, trail[0][0] - 1) is None


def test_our_own_books_went_back_only_if_a_side_remembers_the_same_ones_further_on() -> None:
    assert marks.books_went_back(KNOWN, KNOWN) == ""
    assert marks.books_went_back(KNOWN, Mark("another", 10**6)) == ""
    assert "restored from a backup" in marks.books_went_back(KNOWN, Mark("6f1c", 641))
