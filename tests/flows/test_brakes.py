"""What comes without a document and changes too much at once waits for a person; sales always pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.builders import moved, movement, sale_at_pos, sale_in_store, store_event
from tests.flows.world import POS, STORE, World
from tillbridge import braking
from tillbridge.core import codec
from tillbridge.core.events import Cause, StockMoved, Told
from tillbridge.core.findings import Limits
from tillbridge.core.routing import Rules

THREE = Limits(least_changed=3, max_changed=Decimal("0.001"), max_zeroed=1, max_drop=Decimal(500))


NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def edit(number: int, delta: str = "-1", before: str | None = None, at: datetime = NOON) -> Told:
    """Somebody set a level in the shop's admin."""
    about: dict[str, Any] = {"product_id": number, "sku": f"SKU-{number}", "delta": delta, "before": before}
    about["cause"] = {"type": "admin"}
    told = {**store_event(f"edit-{number}{delta}", **about), "at": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
    return codec.told_by_store(told)


def corrected(number: int, delta: str) -> Told:
    """Somebody corrected a level at the till."""
    event = moved(movement(delta, str(number)), event_id=f"corrected-{number}{delta}")
    return codec.encode_moved(StockMoved(event.side, event.id, event.at, event.movements, Cause("count", "C-1")))


def parked(world: World) -> list[str]:
    """Why what is held is held."""
    return [one.reason for one in world.waiting() if one.state == "parked"]


def shop(world: World, limits: Limits = THREE) -> World:
    world.put_together(world.sql, rules=Rules(), limits=limits)
    world.link_many(10)
    return world


def test_what_changes_too_many_items_at_once_is_held_and_told_once(world: World) -> None:
    shop(world).book(*(edit(number) for number in range(1, 6)))
    assert [world.known(STORE, number) for number in range(1, 6)] == ["999", "999", "999", "1000", "1000"]
    assert [one.reason for one in world.waiting() if one.state == "parked"] == ["brake", "brake"]


def test_a_sale_passes_every_brake(world: World) -> None:
    shop(world).book(*(edit(number) for number in range(1, 6)))
    world.book(sale_in_store("a", "-2", "7"), sale_at_pos("b", "-3", "8"))
    assert (world.known(STORE, 7), world.known(POS, 8)) == ("998", "997")


def test_what_was_held_is_booked_when_a_person_says_go_on(world: World) -> None:
    shop(world).book(*(edit(number) for number in range(1, 6)))
    with world.sql.writing() as unit:
        assert braking.release(unit, STORE) == 2
    world.book(*(edit(number) for number in range(6, 10)))
    assert [world.known(STORE, number) for number in range(1, 10)] == ["999"] * 9


def test_edits_over_a_longer_time_are_no_flood(world: World) -> None:
    shop(world)
    for number in range(1, 10):
        world.book(edit(number, at=NOON + timedelta(seconds=61 * number)))
        world.clock.advance(61)
    assert not parked(world)


def test_corrections_at_the_till_over_a_longer_time_are_no_flood(world: World) -> None:
    shop(world)
    for number in range(1, 10):
        world.book(corrected(number, "-1"))
        world.clock.advance(61)
    assert not parked(world)


def test_a_week_of_edits_that_arrives_at_once_is_no_flood(world: World) -> None:
    shop(world).book(*(edit(number, at=NOON + timedelta(hours=20 * number)) for number in range(1, 10)))
    assert not parked(world)
    assert [world.known(STORE, number) for number in range(1, 10)] == ["999"] * 9


def test_an_import_gone_wrong_is_held_also_when_it_arrives_with_a_week_of_edits(world: World) -> None:
    honest = [edit(number, at=NOON + timedelta(hours=20 * number)) for number in range(1, 6)]
    wrong = [edit(number, "-7", at=NOON + timedelta(hours=90, seconds=number)) for number in range(1, 10)]
    shop(world).book(*honest, *wrong)
    assert parked(world) == ["brake"] * 6
    assert [world.known(STORE, number) for number in range(1, 10)] == ["992"] * 3 + ["999"] * 2 + ["1000"] * 4


def test_an_import_whose_rows_arrive_slowly_is_held_all_the_same(world: World) -> None:
    shop(world)
    for number in range(1, 6):
        world.book(edit(number))
        world.clock.advance(600)
    assert parked(world) == ["brake", "brake"]


def test_a_till_is_believed_no_times(world: World) -> None:
    shop(world)
    for number in range(1, 6):
        event = moved(movement("-1", str(number)), event_id=f"old-{number}")
        at = f"{NOON + timedelta(days=number):%Y-%m-%dT%H:%M:%SZ}"
        world.book(codec.encode_moved(StockMoved(event.side, event.id, at, event.movements, Cause("count", "C-1"))))
    assert parked(world) == ["brake", "brake"]


def test_the_brake_of_one_side_leaves_the_other_alone(world: World) -> None:
    shop(world).book(*(edit(number) for number in range(1, 6)))
    world.book(*(corrected(number, "-1") for number in range(1, 4)))
    assert [world.known(POS, number) for number in range(1, 4)] == ["999"] * 3


def test_several_items_that_fall_to_zero_at_once_are_held(world: World) -> None:
    shop(world, Limits(least_changed=9, max_zeroed=1, max_drop=Decimal(5000)))
    world.book(*(corrected(number, "-1000") for number in range(1, 4)))
    assert [world.known(POS, number) for number in range(1, 4)] == ["0", "1000", "1000"]


def test_one_change_too_large_to_believe_waits_for_a_second_look(world: World) -> None:
    shop(world).put(edit(1, "-900"))
    assert world.relay.post_events(10).second_looks == {"SKU-1"}
    assert ([one.reason for one in world.waiting()], world.known(STORE, 1)) == (["second_look"], "1000")


def test_a_restart_does_not_let_it_through(world: World) -> None:
    shop(world).book(*(edit(number) for number in range(1, 6)))
    world.restart(limits=THREE)
    world.book()
    assert [one.reason for one in world.waiting() if one.state == "parked"] == ["brake", "brake"]


def test_while_a_brake_is_on_no_restart_and_no_sync_lets_a_part_of_it_through(world: World) -> None:
    shop(world).book(*(edit(number) for number in range(1, 9)))
    for _ in range(3):
        world.clock.advance(3600)
        world.restart(limits=THREE)
        with world.sql.writing() as unit:
            unit.release((STORE, POS))
        world.book()
    assert [one.reason for one in world.waiting() if one.state == "parked"] == ["brake"] * 5


def test_a_document_of_many_items_is_weighed_against_all_that_are_linked(world: World) -> None:
    world.put_together(world.sql, limits=Limits(least_changed=3, max_changed=Decimal("0.5")))
    world.link_many(10)
    counted = moved(*(movement("-1", str(number)) for number in range(1, 6)), event_id="counted")
    world.book(codec.encode_moved(replace(counted, cause=Cause("count", "C-1"))))
    assert [world.known(POS, number) for number in range(1, 6)] == ["999"] * 5
    counted = replace(counted, id="again", movements=tuple(movement("-1", str(number)) for number in range(5, 11)))
    world.book(codec.encode_moved(replace(counted, cause=Cause("count", "C-2"))))
    assert world.known(POS, 10) == "1000", "all ten of ten are too many at once"


def test_many_changes_too_large_to_believe_are_a_flood_and_not_many_second_looks(world: World) -> None:
    shop(world).book(*(edit(number, "-900") for number in range(1, 6)))
    assert parked(world) == ["second_look"] * 3 + ["brake"] * 2
    with world.sql.writing() as unit:
        assert braking.is_on(unit, STORE)


def test_large_changes_of_many_days_that_are_tried_once_more_are_no_flood(world: World) -> None:
    shop(world)
    for number in range(1, 6):
        world.book(corrected(number, "900"))
        world.clock.advance(3600)
    with world.sql.writing() as unit:
        assert unit.unpark_reason("second_look") == 5
    world.book()
    assert parked(world) == ["second_look"] * 5
