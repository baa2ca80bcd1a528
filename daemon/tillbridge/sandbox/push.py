"""The plugin's push: after a request the shop tells the daemon at once what happened, if it can.

The push only buys speed. When it fails, a breaker keeps it quiet for a while and nothing is lost: the daemon pulls.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from typing import Protocol

import requests

from tillbridge.sandbox.records import Row
from tillbridge.sandbox.rest import Response

PAGE = 500
BREAKER = 5.0
TIMEOUT = (1.0, 5.0)
EVENTS = "/v1/events"


class Post(Protocol):
    """One POST to the daemon. Raises `requests.RequestException` where there is no answer."""

    def __call__(self, path: str, headers: Mapping[str, str], body: bytes) -> Response: ...


class Outgoing(Protocol):
    """What the pusher needs of the shop; each call takes the shop's lock by itself."""

    def page(self, limit: int) -> Sequence[Row]: ...
    def letter(self, rows: Sequence[Row]) -> tuple[bytes, Mapping[str, str]]: ...
    def acked(self, ids: Sequence[str]) -> None: ...


class Pusher:
    """A thread that pushes when it is woken, page after page, and rests after a failure."""

    def __init__(self, shop: Outgoing, post: Post, breaker: float = BREAKER) -> None:
        self._shop = shop
        self._post = post
        self._breaker = breaker
        self._news = threading.Event()
        self._stopping = threading.Event()
        self._mended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="push", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._mended.set()
        self._news.set()
        self._thread.join(TIMEOUT[0] + TIMEOUT[1])

    def wake(self) -> None:
        """There are sealed rows. Never blocks."""
        self._news.set()

    def contact(self) -> None:
        """The daemon has just spoken to us, so it is there: no need to rest any longer."""
        self._mended.set()

    def push_all(self) -> bool:
        """Push everything that is unacknowledged; False where the daemon did not take it."""
        while rows := self._shop.page(PAGE):
            body, headers = self._shop.letter(rows)
            try:
                answer = self._post(EVENTS, headers, body)
            except requests.RequestException:
                return False
            taken = _acked(answer)
            if not taken:
                return False
            self._shop.acked(taken)
        return True

    def _run(self) -> None:
        while True:
            self._news.wait()
            if self._stopping.is_set():
                return
            self._news.clear()
            self._mended.clear()
            if not self.push_all():
                self._mended.wait(self._breaker)


def poster(listener: str) -> Post:
    """Posts to the daemon over one connection that is kept open. For one thread."""
    session = requests.Session()
    session.trust_env = False

    def post(path: str, headers: Mapping[str, str], body: bytes) -> Response:
        answer = session.post(
            listener.rstrip("/") + path, data=body, headers=dict(headers), timeout=TIMEOUT, allow_redirects=False
        )
        return Response(answer.status_code, {}, answer.content)

    return post


def _acked(answer: Response) -> list[str]:
    try:
        body = json.loads(answer.body) if answer.status == 200 else None
    except ValueError:
        return []
    ids = body.get("acked") if isinstance(body, dict) else None
    return [one for one in ids if isinstance(one, str)] if isinstance(ids, list) else []


