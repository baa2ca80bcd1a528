"""Every kind of till does what a POS is for, and says the truth about what it can."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.simulation.tills.kinds import KINDS
from tests.simulation.tills.rig import Rig
from tillbridge.core.actions import AdjustStock, CountStock, Outcome, Status
from tillbridge.errors import Throttled
from tillbridge.ports import Feed
from tillbridge.till.papers import Kind

ALL = sorted(KINDS)
KEYED = ("keys", "levels", "repeating")
KEYLESS = ("history", "lossy", "mute", "mute-levels")
ADJUSTING = KEYED + KEYLESS


def lower(rig: Rig, key: str) -> Outcome:
    """Two fewer of thing 1, in the way that this till takes it."""
    if AdjustStock in rig.side.abilities.actions:
        return rig.adjust("1", "-2", key)
    return rig.side.apply([CountStock(key, "1", "main", Decimal(8), Decimal(10))])[0]


@pytest.mark.parametrize("kind", ALL)
def test_it_counts_all_it_holds_at_every_outlet(kind: str) -> None:
    rig = Rig(kind)
    found = [(level.ref, level.outlet, level.quantity) for level in rig.side.levels()]
    assert found == [
        (ref, outlet, held) for ref in "123" for outlet, held in (("main", Decimal(10)), ("annex", Decimal(0)))
    ]
    assert [item.ref for item in rig.side.catalogue()] == ["1", "2", "3"]
    assert [level.quantity for level in rig.side.levels_of("2")] == [10, 0]
    assert rig.side.levels_of("77") == ()


@pytest.mark.parametrize("kind", ALL)
def test_a_write_takes_effect_and_says_so(kind: str) -> None:
    rig = Rig(kind)
    assert lower(rig, "k") == Outcome(Status.APPLIED, Decimal(8), sentence=lower_sentence(kind))
    assert rig.level("1") == 8


def lower_sentence(kind: str) -> str:
    """The till's own protocol names the document."""
    return "A-000004" if kind in ("keys", "repeating") else ""


@pytest.mark.parametrize("kind", ALL)
def test_a_cut_line_lets_nothing_through(kind: str) -> None:
    rig = Rig(kind)
    rig.pos.wire.down = True
    assert lower(rig, "k").status is Status.UNREACHABLE
    rig.pos.wire.down, rig.pos.wire.blocked = False, True
    assert lower(rig, "k").status is Status.UNCERTAIN
    assert rig.level("1") == 10


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("fate", ["drop", "time-out-before"])
def test_a_lost_request_is_uncertain_and_without_effect(kind: str, fate: str) -> None:
    rig = Rig(kind)
    rig.fate(fate)
    assert lower(rig, "k").status is Status.UNCERTAIN
    assert rig.level("1") == 10
    assert rig.met[fate] == 1


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("fate", ["time-out-after", "error-after", "lying"])
def test_a_lost_answer_is_uncertain_and_the_effect_is_there(kind: str, fate: str) -> None:
    rig = Rig(kind)
    rig.fate(fate)
    assert lower(rig, "k").status is Status.UNCERTAIN
    assert rig.level("1") == 8
    assert rig.met[fate] == 1


@pytest.mark.parametrize("kind", ALL)
def test_a_delayed_request_arrives_when_nobody_waits_any_more(kind: str) -> None:
    rig = Rig(kind)
    rig.fate("delay", 30.0)
    assert lower(rig, "k").status is Status.UNCERTAIN
    assert rig.level("1") == 10
    assert [seconds for seconds, _ in rig.later] == [30.0]
    rig.arrive()
    assert rig.level("1") == 8


@pytest.mark.parametrize("kind", [*KEYED, "absolute"])
def test_a_repeated_request_acts_once_where_something_tells_it_apart(kind: str) -> None:
    rig = Rig(kind)
    rig.fate("duplicate")
    assert lower(rig, "k").status is Status.APPLIED
    assert rig.level("1") == 8
    assert not rig.pos.spoilt


@pytest.mark.parametrize("kind", KEYLESS)
def test_a_repeated_request_acts_twice_without_a_key_and_is_noted(kind: str) -> None:
    rig = Rig(kind)
    rig.fate("duplicate")
    lower(rig, "k")
    assert rig.level("1") == 6
    assert [(one.how, one.row.ref, one.row.delta, one.row.ours) for one in rig.pos.spoilt.values()] == [
        ("twice", "1", Decimal(-2), True)
    ]


@pytest.mark.parametrize("kind", KEYED)
def test_a_key_sent_again_is_known_also_to_a_new_adapter(kind: str) -> None:
    rig = Rig(kind)
    rig.fate("time-out-after")
    rig.adjust("1", "-2", "k")
    rig.side = rig.pos.side()
    assert rig.side.find(rig.trace("1", "-2", "", "k")).status is Status.APPLIED
    assert rig.side.find(rig.trace("1", "-2", "", "other")).status is Status.NOT_FOUND
    assert rig.adjust("1", "-2", "k").status is Status.DUPLICATE
    assert rig.level("1") == 8


@pytest.mark.parametrize("kind", ADJUSTING)
def test_what_does_not_exist_is_not_found(kind: str) -> None:
    assert Rig(kind).adjust("77", "1").status is Status.NOT_FOUND


@pytest.mark.parametrize("kind", ADJUSTING)
def test_below_zero_is_refused_as_the_abilities_say(kind: str) -> None:
    rig = Rig(kind)
    below_zero = rig.side.abilities.below_zero
    assert rig.adjust("1", "-11").status is (Status.APPLIED if below_zero else Status.REFUSED)
    assert rig.level("1") == (-1 if below_zero else 10)


@pytest.mark.parametrize("kind", ["history", "lossy"])
def test_goods_may_come_in_where_the_till_already_sold_too_much(kind: str) -> None:
    rig = Rig(kind)
    rig.ring(Kind.SALE, "1", 12)
    assert rig.adjust("1", "1").status is Status.APPLIED
    assert rig.level("1") == -1


@pytest.mark.parametrize("kind", ALL)
def test_a_feed_of_changes_tells_a_sale_once_and_never_as_ours(kind: str) -> None:
    rig = Rig(kind)
    if rig.side.abilities.feed is Feed.LEVELS:
        return
    _, cursor = rig.heard("")
    rig.ring(Kind.SALE, "1", 3)
    rig.clock.advance(10)
    assert not rig.pos.is_heard(cursor)
    events, cursor = rig.heard(cursor)
    assert [(event.cause.type, event.movements[0].delta, event.ours) for event in events] == [
        ("sale", Decimal(-3), False)
    ]
    assert rig.pos.is_heard(cursor)
    rig.side = rig.pos.side()
    assert rig.heard(cursor)[0] == []


@pytest.mark.parametrize("kind", ["keys", "repeating", "history", "lossy"])
def test_our_own_rows_are_told_as_ours(kind: str) -> None:
    rig = Rig(kind)
    _, cursor = rig.heard("")
    rig.adjust("1", "-2")
    assert [event.ours for event in rig.heard(cursor)[0]] == [True]


@pytest.mark.parametrize("kind", ["mute", "absolute"])
def test_our_own_rows_are_left_out_where_no_history_may_be_had(kind: str) -> None:
    rig = Rig(kind)
    _, cursor = rig.heard("")
    lower(rig, "k")
    events, cursor = rig.heard(cursor)
    assert events == []
    assert rig.pos.is_heard(cursor)


@pytest.mark.parametrize("kind", [*KEYLESS, "absolute", "levels"])
def test_the_world_moves_between_two_pages_of_a_count(kind: str) -> None:
    rig = Rig(kind)
    reading = rig.side.levels()
    assert [next(reading).quantity, next(reading).quantity] == [10, 0]
    rig.ring(Kind.SALE, "1", 1)
    rig.ring(Kind.SALE, "3", 1)
    rig.clock.advance(60)
    assert [(level.ref, level.quantity) for level in reading if level.outlet == "main"] == [
        ("2", Decimal(10)),
        ("3", Decimal(9)),
    ]


@pytest.mark.parametrize("kind", [*KEYLESS, "absolute"])
def test_what_comes_after_a_call_that_went_wrong_is_not_sent(kind: str) -> None:
    rig = Rig(kind)
    rig.fate("drop")
    absolute = kind == "absolute"
    first = (
        CountStock("a", "1", "main", Decimal(8), None) if absolute else AdjustStock("a", "1", "main", Decimal(1), "")
    )
    then = CountStock("b", "2", "main", Decimal(8), None) if absolute else AdjustStock("b", "2", "main", Decimal(1), "")
    assert [one.status for one in rig.side.apply([first, then])] == [Status.UNCERTAIN, Status.UNREACHABLE]
    assert rig.level("2") == 10


@pytest.mark.parametrize("kind", [*KEYLESS, "absolute", "levels"])
def test_patience_is_asked_for_in_seconds_and_nothing_happens(kind: str) -> None:
    rig = Rig(kind)

    def refuse() -> None:
        raise Throttled("too fast", 7.0)

    rig.meanwhile.append(refuse)
    outcome = lower(rig, "k")
    assert (outcome.status, outcome.retry_after) == (Status.THROTTLED, 7.0)
    assert rig.level("1") == 10


@pytest.mark.parametrize("kind", [*KEYLESS, "absolute", "levels"])
def test_an_action_outside_the_abilities_is_invalid(kind: str) -> None:
    rig = Rig(kind)
    count, adjust = CountStock("k", "1", "main", Decimal(1), None), AdjustStock("k", "1", "main", Decimal(1), "")
    assert rig.side.apply([adjust if kind == "absolute" else count])[0].status is Status.INVALID
    assert rig.level("1") == 10
