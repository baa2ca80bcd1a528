"""Which write at the till brought which sale."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bench.waits import waits

NAMES = {"1": "MUG", "2": "CUP"}


def change(at: int, item: int, delta: str, author: str = "api", kind: str = "adjustment") -> dict[str, Any]:
    """One line of the till's feed, so many seconds after its first minute."""
    moves = [{"item_id": item, "delta": delta}]
    return {"author": author, "kind": kind, "at": f"1970-01-01T00:01:{at:02}+00:00", "movements": moves}


def test_each_sale_waits_for_its_own_write() -> None:
    changes = [change(1, 1, "-1"), change(5, 1, "-1")]
    assert waits([("MUG", 60.5), ("MUG", 63.0)], changes, NAMES) == [500.0, 2000.0]


def test_sales_that_crossed_together_wait_for_the_write_that_brought_their_sum() -> None:
    changes = [change(1, 1, "-1"), change(9, 1, "-3")]
    assert waits([("MUG", 60.0), ("MUG", 61.0), ("MUG", 62.0)], changes, NAMES) == [1000.0, 8000.0, 7000.0]


def test_one_item_does_not_bring_the_sale_of_another() -> None:
    changes = [change(1, 2, "-1"), change(2, 1, "-1")]
    assert waits([("MUG", 60.0), ("CUP", 60.5)], changes, NAMES) == [2000.0, 500.0]


def test_what_the_till_itself_does_brings_no_sale() -> None:
    changes = [change(1, 1, "-1", author="till"), change(2, 1, "-1", kind="sale"), change(3, 1, "-1")]
    assert waits([("MUG", 60.0)], changes, NAMES) == [3000.0]


def test_a_sale_that_never_came_is_not_passed_over() -> None:
    with pytest.raises(LookupError, match="sale 2 of MUG"):
        waits([("MUG", 60.0), ("MUG", 61.0)], [change(1, 1, "-1")], NAMES)
