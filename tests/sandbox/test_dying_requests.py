"""A PHP process may die anywhere: what the shop lost or kept, the shim still tells, and a key still counts once."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.builders import Store
from tillbridge.sandbox.site import PhpDied

KEY = "0" * 31 + "1"


def dying_at(step: str, *, times: int = 1) -> Callable[[str], None]:
    """A fuse that blows when `step` is reached for the given time."""
    left = [times]

    def fuse(reached: str) -> None:
        if reached == step:
            left[0] -= 1
            if left[0] == 0:
                raise PhpDied(step)

    return fuse


def interrupted(store: Store, step: str, act: Callable[[], object]) -> None:
    store.shop.fuse = dying_at(step)
    with pytest.raises(PhpDied):
        act()
    store.shop.fuse = lambda _step: None


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.mark.parametrize(
    ("step", "told"), [("stock.opened", []), ("stock.written", [-2]), ("stock.closed", [-2]), ("request.ending", [-2])]
)
def test_what_a_dead_request_really_moved_is_told_after_five_minutes(store: Store, step: str, told: list[int]) -> None:
    cup = store.product(7)
    interrupted(store, step, lambda: store.shop.checkout((cup.id, 2)))
    assert store.deltas() == []
    store.time.passes(minutes=5)
    assert store.deltas() == told
    assert store.level(cup) == 7 + sum(told)


def test_the_settled_row_knows_what_others_moved_meanwhile(store: Store) -> None:
    cup = store.product(20)
    interrupted(store, "stock.written", lambda: store.shop.checkout((cup.id, 2)))
    store.shop.checkout((cup.id, 3))
    store.shop.shim.apply(KEY, cup.id, Decimal(-4))
    store.time.passes(minutes=5)
    assert sorted(store.deltas()) == [-3, -2]
    assert store.level(cup) == 11


def test_two_dead_requests_are_settled_apart(store: Store) -> None:
    cup = store.product(20)
    interrupted(store, "stock.written", lambda: store.shop.checkout((cup.id, 2)))
    interrupted(store, "stock.written", lambda: store.shop.checkout((cup.id, 5)))
    store.time.passes(minutes=5)
    assert store.deltas() == [-2, -5]


def test_an_old_row_waits_for_a_younger_one_that_may_still_be_written(store: Store) -> None:
    cup = store.product(20)
    interrupted(store, "stock.written", lambda: store.shop.checkout((cup.id, 2)))
    store.time.passes(minutes=3)
    interrupted(store, "stock.written", lambda: store.shop.checkout((cup.id, 5)))
    store.time.passes(minutes=3)
    assert store.deltas() == []
    store.time.passes(minutes=3)
    assert store.deltas() == [-2, -5]


def test_rows_that_were_already_acknowledged_still_count_when_a_dead_one_is_settled(store: Store) -> None:
    cup = store.product(20)
    interrupted(store, "stock.written", lambda: store.shop.checkout((cup.id, 2)))
    store.shop.checkout((cup.id, 3))
    store.forget()
    store.time.passes(minutes=5)
    assert store.deltas() == [-2]


def test_a_product_is_moving_while_a_request_is_open(store: Store) -> None:
    cup = store.product(20)
    interrupted(store, "stock.opened", lambda: store.shop.checkout((cup.id, 2)))
    (shown,) = store.shop.shim.levels(0, 10)[0]
    assert shown.moving


def test_a_sale_between_level_and_flag_is_flagged(store: Store) -> None:
    cup = store.product(20)

    def meanwhile(step: str) -> None:
        if step == "levels.read":
            store.shop.fuse = lambda _step: None
            store.shop.checkout((cup.id, 2))

    store.shop.fuse = meanwhile
    (shown,) = store.shop.shim.levels(0, 10)[0]
    assert (shown.level, shown.moving) == (Decimal(20), True)


@pytest.mark.parametrize("step", ["apply.begun", "apply.locked", "apply.committed"])
def test_a_change_is_made_once_wherever_the_first_attempt_died(store: Store, step: str) -> None:
    cup = store.product(20)
    interrupted(store, step, lambda: store.shop.shim.apply(KEY, cup.id, Decimal(-4)))
    status = store.shop.shim.apply(KEY, cup.id, Decimal(-4)).status
    assert status == ("duplicate" if step == "apply.committed" else "applied")
    assert store.level(cup) == 16


@pytest.mark.parametrize("step", ["apply.begun", "apply.locked", "apply.committed"])
def test_a_void_says_what_the_first_attempt_did(store: Store, step: str) -> None:
    cup = store.product(20)
    interrupted(store, step, lambda: store.shop.shim.apply(KEY, cup.id, Decimal(-4)))
    done = step == "apply.committed"
    assert store.shop.shim.void(KEY).status == ("applied" if done else "voided")
    assert store.shop.shim.apply(KEY, cup.id, Decimal(-4)).status == ("duplicate" if done else "voided")
    assert store.level(cup) == (16 if done else 20)


def test_a_key_is_kept_a_week_after_it_is_settled(store: Store) -> None:
    cup = store.product(20)
    store.shop.shim.apply(KEY, cup.id, Decimal(-4))
    store.shop.shim.settled([KEY])
    store.time.passes(days=6, hours=23)
    store.shop.shim.settled([])
    assert KEY in store.shop.state.keys
    store.time.passes(hours=2)
    store.shop.shim.settled([])
    assert KEY not in store.shop.state.keys


def test_a_key_that_nobody_settles_is_kept_for_a_season(store: Store) -> None:
    cup = store.product(20)
    store.shop.shim.apply(KEY, cup.id, Decimal(-4))
    store.time.passes(days=89)
    store.shop.shim.settled([])
    assert KEY in store.shop.state.keys
    store.time.passes(days=2)
    store.shop.shim.settled([])
    assert KEY not in store.shop.state.keys


def test_acknowledged_rows_are_kept_a_week(store: Store) -> None:
    cup = store.product(20)
    store.shop.checkout((cup.id, 1))
    store.forget()
    kept = len(store.shop.state.acked)
    store.time.passes(days=8)
    store.shop.checkout((cup.id, 1))
    store.forget()
    assert 0 < len(store.shop.state.acked) < kept


def test_a_restored_backup_repeats_its_numbers(store: Store) -> None:
    cup = store.product(20)
    backup = store.shop.backup()
    before = store.shop.shim.counter
    store.shop.checkout((cup.id, 1))
    first = store.moves()[0]
    store.shop.restore(backup)
    assert (store.level(cup), store.shop.shim.counter) == (20, before)
    store.shop.checkout((cup.id, 2))
    again = store.moves()[0]
    assert again.n == first.n
    assert again.id != first.id


STEPS = ("stock.opened", "stock.written", "stock.closed", "line.saved", "order.status", "request.ending", "never")
MOVES = st.lists(
    st.tuples(
        st.sampled_from(["sell", "type", "apply", "cancel"]),
        st.integers(1, 4),
        st.sampled_from(STEPS),
        st.integers(0, 400),
    ),
    max_size=25,
)


@given(MOVES)
def test_once_dead_requests_are_settled_everything_told_adds_up_to_the_level(
    moves: list[tuple[str, int, str, int]],
) -> None:
    """Opening + told + ours = level, for one request at a time, whichever of them died and wherever."""
    store = Store()
    cup = store.product(50)
    ours = Decimal(0)
    for what, amount, step, seconds in moves:
        store.shop.fuse = dying_at(step)
        try:
            match what:
                case "sell":
                    store.shop.checkout((cup.id, amount))
                case "type":
                    store.shop.write_level(cup.id, Decimal(amount * 10))
                case "apply":
                    store.shop.shim.apply(store.dice(), cup.id, Decimal(-amount))
                    ours -= amount
                case _:
                    held = [order for order in store.shop.state.orders if order.stock_reduced]
                    if held:
                        store.shop.set_status(held[0].id, "cancelled")
        except PhpDied:
            pass
        store.time.passes(seconds=seconds)
    store.shop.fuse = lambda _step: None
    for _ in range(2):
        store.time.passes(minutes=5)
        store.moves()
    assert 50 + sum(store.deltas()) + ours == store.level(cup)
    assert not any(row.state != "sealed" for row in store.shop.state.rows)
