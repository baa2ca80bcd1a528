"""Hints: signed, coalesced, never in the way."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator, Mapping

import pytest

from tests.till.builders import CUP, Hands, a_book, ids, ring
from tillbridge.sides.signing import canonical, sign
from tillbridge.till.book import Book
from tillbridge.till.papers import Kind
from tillbridge.till.settings import keep_webhook, webhook_of
from tillbridge.till.webhook import Hints, Webhook, signed

HOOK = Webhook("http://127.0.0.1:9/v1/pos/hint", "s" * 32)


class Listener:
    """Takes hints, and may hold one until it is let go."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Mapping[str, str], bytes]] = []
        self.open = threading.Event()
        self.open.set()
        self.came = threading.Semaphore(0)
        self.trouble: Exception | None = None

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        self.heard.append((url, headers, body))
        self.came.release()
        assert self.open.wait(10)
        if self.trouble is not None:
            raise self.trouble

    def cursors(self) -> list[str]:
        return [json.loads(body)["cursor"] for _, _, body in self.heard]


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def hints(listener: Listener) -> Iterator[Hints]:
    running = Hints(Hands(), ids(), listener)
    running.start()
    yield running
    listener.open.set()
    running.stop()


def book_with(hints: Hints) -> Book:
    book = a_book(told=lambda head: hints.tell(webhook_of(book), head))
    keep_webhook(book, HOOK)
    return book


def test_every_committed_change_is_hinted_at(hints: Hints, listener: Listener) -> None:
    ring(book_with(hints), Kind.SALE, (CUP, "1"))
    assert listener.came.acquire(timeout=10)
    url, headers, body = listener.heard[0]
    assert (url, json.loads(body)) == (HOOK.url, {"cursor": "1"})
    stamp, nonce = headers["X-Tillbridge-Timestamp"], headers["X-Tillbridge-Nonce"]
    text = f"{stamp}.{nonce}.POST./v1/pos/hint.".encode() + body
    assert headers["X-Tillbridge-Signature"] == "v1=" + hmac.new(b"s" * 32, text, hashlib.sha256).hexdigest()
    assert (stamp, len(nonce)) == (str(int(Hands().time.timestamp())), 32)


def test_changes_that_come_fast_become_one_hint_and_no_sale_waits(hints: Hints, listener: Listener) -> None:
    book = book_with(hints)
    listener.open.clear()
    ring(book, Kind.SALE, (CUP, "1"))
    assert listener.came.acquire(timeout=10)
    for _ in range(50):
        ring(book, Kind.SALE, (CUP, "1"))
    listener.open.set()
    assert listener.came.acquire(timeout=10)
    assert listener.cursors() == ["1", "51"]


def test_a_hint_that_fails_is_forgotten(hints: Hints, listener: Listener) -> None:
    book = book_with(hints)
    listener.trouble = OSError("nobody listens")
    ring(book, Kind.SALE, (CUP, "1"))
    assert listener.came.acquire(timeout=10)
    ring(book, Kind.SALE, (CUP, "1"))
    assert listener.came.acquire(timeout=10)
    assert listener.cursors() == ["1", "2"]


def test_nobody_is_told_without_a_webhook(hints: Hints, listener: Listener) -> None:
    book = book_with(hints)
    keep_webhook(book, None)
    ring(book, Kind.SALE, (CUP, "1"))
    keep_webhook(book, HOOK)
    ring(book, Kind.SALE, (CUP, "1"))
    assert listener.came.acquire(timeout=10)
    assert listener.cursors() == ["2"]


@pytest.mark.parametrize(
    ("url", "route", "query"),
    [
        ("http://x/v1/pos/hint", "/v1/pos/hint", []),
        ("http://x", "/", []),
        ("http://x/h?b=2&a=%20~&a=1", "/h", [("b", "2"), ("a", " ~"), ("a", "1")]),
    ],
)
def test_the_signature_is_the_one_that_the_daemon_checks(url: str, route: str, query: list[tuple[str, str]]) -> None:
    headers = signed(Webhook(url, "secret-é"), b"{}", Hands().time, "0" * 32)
    stamp = headers["X-Tillbridge-Timestamp"]
    expected = sign("secret-é".encode(), stamp, "0" * 32, "POST", canonical(route, query), b"{}")
    assert headers["X-Tillbridge-Signature"] == expected
