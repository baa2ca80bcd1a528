"""A till with a few items, on a clock that stands still until a test moves it."""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tillbridge.till.api import About, Api
from tillbridge.till.book import Book, Recorded
from tillbridge.till.catalogue import Card, Outlet
from tillbridge.till.papers import Author, Draft, Kind, Line
from tillbridge.till.storage import open_memory

TOKEN = "a-token-for-tests"

CUP, TEE, WRAP = 1, 2, 3
"""Two items with stock, and gift wrapping, which has none."""


class Hands:
    """A clock that a test moves by hand."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def pass_by(self, **amount: float) -> None:
        self.time += timedelta(**amount)


def ids(start: int = 1) -> Callable[[], str]:
    numbers = itertools.count(start)
    return lambda: f"{next(numbers):032x}"


def a_book(
    connection: sqlite3.Connection | None = None,
    clock: Hands | None = None,
    told: Callable[[int], None] = lambda _: None,
    first_id: int = 1,
) -> Book:
    """An empty shop with two outlets and three items."""
    book = Book(connection or open_memory(), clock or Hands(), ids(first_id), told)
    book.catalogue.open_outlet(Outlet("main", "Main street"))
    book.catalogue.open_outlet(Outlet("annex", "Annex"))
    if not book.catalogue.items(0, 1):
        book.catalogue.add(Card("CUP", "Cup, blue", 990))
        book.catalogue.add(Card("TEE", "T-shirt", 2450))
        book.catalogue.add(Card("WRAP", "Gift wrapping", 250, tracked=False))
    return book


def ring(
    book: Book, kind: Kind, *lines: tuple[int, str], outlet: str = "main", author: Author = Author.TILL, **more: Any
) -> Recorded:
    """Record a document of item numbers and quantities."""
    return book.record(
        Draft(kind, outlet, tuple(Line.of(item, amount) for item, amount in lines), author=author, **more)
    )


class Caller:
    """Calls an API in process, as JSON."""

    def __init__(self, book: Book, token: str = TOKEN) -> None:
        self.api = Api(book, TOKEN, About("Corner shop"))
        self.headers = {"Authorization": f"Bearer {token}"}

    def __call__(self, method: str, target: str, body: Any = None) -> tuple[int, Any]:
        sent = b"" if body is None else json.dumps(body).encode()
        answer = self.api.handle(method, target, self.headers, sent)
        return answer.status, json.loads(answer.body)
