"""What a history can say of a lost call: each row is one attempt's, and never that of two."""

from __future__ import annotations

import pytest

from tests.simulation.tills.plain import NUMBERED
from tests.simulation.tills.rig import Rig, nothing
from tillbridge.core.actions import Status
from tillbridge.core.marks import Mark
from tillbridge.errors import BadAnswer, NoAnswer, NotSent
from tillbridge.till.papers import Kind


def test_a_lost_answer_is_found_by_its_row_and_a_lost_request_is_not() -> None:
    rig = Rig("history")
    mark = rig.side.watermark()
    rig.fate("time-out-after")
    rig.adjust("1", "-2")
    assert rig.side.find(rig.trace("1", "-2", mark)).status is Status.APPLIED
    mark = rig.side.watermark()
    rig.fate("drop")
    rig.adjust("1", "-2")
    assert rig.side.find(rig.trace("1", "-2", mark)).status is Status.NOT_FOUND


@pytest.mark.parametrize(("ref", "delta", "outlet"), [("2", "-2", "main"), ("1", "-3", "main"), ("1", "-2", "annex")])
def test_another_item_amount_or_outlet_is_not_it(ref: str, delta: str, outlet: str) -> None:
    rig = Rig("history")
    mark = rig.side.watermark()
    trace = rig.trace("1", "-2", mark)
    rig.ring(Kind.ADJUSTMENT, ref, int(delta), outlet)
    rig.adjust(ref, delta) if outlet == "main" else None
    assert rig.side.find(trace).status is Status.NOT_FOUND


def test_a_person_who_does_the_same_is_not_us() -> None:
    rig = Rig("history")
    mark = rig.side.watermark()
    rig.ring(Kind.ADJUSTMENT, "1", -2)
    assert rig.side.find(rig.trace("1", "-2", mark)).status is Status.NOT_FOUND


def test_the_attempt_before_lies_below_the_mark_also_for_a_new_adapter() -> None:
    rig = Rig("history")
    rig.adjust("1", "-2")
    rig.side = rig.pos.side()
    assert rig.side.find(rig.trace("1", "-2", rig.side.watermark())).status is Status.NOT_FOUND


def test_two_alike_above_one_mark_are_matched_one_by_one() -> None:
    rig = Rig("history")
    mark = rig.side.watermark()
    rig.fate("time-out-after")
    rig.adjust("1", "-2", "first")
    first, second = rig.trace("1", "-2", mark, "first"), rig.trace("1", "-2", mark, "second")
    assert rig.side.find(first).status is Status.APPLIED
    assert rig.side.find(second).status is Status.NOT_FOUND
    rig.fate("time-out-after")
    rig.adjust("1", "-2", "second")
    assert [rig.side.find(one).status for one in (first, second, first)] == [Status.APPLIED] * 3
    assert rig.side.find(rig.trace("1", "-2", mark, "third")).status is Status.NOT_FOUND


def test_a_row_whose_number_was_answered_is_nobody_elses() -> None:
    rig = Rig("history")
    mark = rig.side.watermark()
    rig.adjust("1", "-2", "answered")
    assert rig.side.find(rig.trace("1", "-2", mark, "lost")).status is Status.NOT_FOUND


def test_asking_again_about_an_answered_one_takes_no_others_row() -> None:
    rig = Rig("history")
    mark = rig.side.watermark()
    rig.fate("time-out-after")
    rig.adjust("1", "-2", "lost")
    rig.adjust("1", "-2", "answered")
    assert [rig.side.find(rig.trace("1", "-2", mark, key)).status for key in ("answered", "lost")] == [
        Status.APPLIED,
        Status.APPLIED,
    ]


def test_a_request_that_arrives_late_is_found_late() -> None:
    rig = Rig("history")
    trace = rig.trace("1", "-2", rig.side.watermark())
    rig.fate("delay", 90.0)
    rig.adjust("1", "-2", trace.key)
    assert rig.side.find(trace).status is Status.NOT_FOUND
    rig.arrive()
    assert rig.side.find(trace).status is Status.APPLIED


def test_without_a_mark_nothing_is_said() -> None:
    assert Rig("history").side.find(Rig("history").trace("1", "-2", "")).status is Status.UNCERTAIN


def test_looking_goes_wrong_as_any_call_does() -> None:
    rig = Rig("history")
    trace = rig.trace("1", "-2", "0")
    rig.fate("drop")
    with pytest.raises(NoAnswer):
        rig.side.find(trace)
    rig.fate("lying")
    with pytest.raises(BadAnswer):
        rig.side.watermark()
    rig.pos.wire.down = True
    with pytest.raises(NotSent):
        rig.side.lost("1", "main")


def test_an_honest_history_shows_no_losses() -> None:
    rig = Rig("history")
    rig.meanwhile.extend([rig.sell("1", 1), rig.sell("1", 2)])
    rig.adjust("1", "-2")
    assert rig.side.lost("1", "main") == ()
    assert rig.level("1") == 5


def test_after_a_cursor_beyond_the_newest_change_one_goes_on_from_there_and_sees_that_it_fell() -> None:
    found = Rig("history").side.changes_since("99")
    assert (found.told, found.cursor) == ((), "3")
    assert found.mark == Mark(NUMBERED, 3)


def test_what_a_restored_database_forgot_took_no_effect() -> None:
    rig = Rig("history")
    backup = rig.storage.serialize()
    rig.adjust("1", "-2", "a")
    rig.storage.deserialize(backup)
    rig.pos.went_back()
    rig.adjust("1", "-2", "b")
    assert rig.side.find(rig.trace("1", "-2", "3", "b")).status is Status.APPLIED
    assert (rig.pos.took_effect("a"), rig.pos.took_effect("b")) == (False, True)


def test_the_feed_comes_in_pages_of_which_none_is_missing() -> None:
    rig = Rig("history")
    _, cursor = rig.heard("")
    for _ in range(7):
        rig.ring(Kind.SALE, "1", 1)
    assert rig.side.changes_since(cursor).more
    assert len(rig.heard(cursor)[0]) == 7


def test_calls_that_write_at_the_same_time_are_counted() -> None:
    rig = Rig("history")
    rig.adjust("1", "-1")
    assert rig.pos.wire.most_writes == 1  # type: ignore[union-attr]
    rig.meanwhile.extend([nothing, lambda: rig.adjust("2", "-1")])
    rig.adjust("1", "-1")
    assert rig.pos.wire.most_writes == 2  # type: ignore[union-attr]
