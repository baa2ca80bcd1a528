"""Many links at once, for benchmarks that are not about making them."""

from __future__ import annotations

from collections.abc import Iterator

from tillbridge.db.connect import Connection

_AT_ONCE = 10_000


def fill(connection: Connection, skus: int, level: str) -> None:
    """Links 1 … skus: the refs on both sides are the number, the level is the same everywhere."""
    for first in range(1, skus + 1, _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, skus + 1))
        with connection.write() as db:
            db.run_many(
                "INSERT INTO link (id, sku, store_ref, pos_ref, shift, made_at) VALUES (?, ?, ?, ?, '0', 0)",
                [(number, f"SKU-{number}", str(number), str(number)) for number in numbers],
            )
            db.run_many(
                "INSERT INTO account (link, side, outlet, opening, born, written, contains)"
                " VALUES (?, ?, ?, ?, '0', '0', 0)",
                list(_accounts(numbers, level)),
            )


def _accounts(numbers: range, level: str) -> Iterator[tuple[int, str, str, str]]:
    for number in numbers:
        yield number, "store", "", level
        yield number, "pos", "main", level
