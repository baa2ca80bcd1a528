"""The make-believe shop in service: one request at a time, saved before it is answered, pushed afterwards."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from tillbridge.sandbox.records import Row
from tillbridge.sandbox.rest import Response
from tillbridge.sandbox.routes import Routes
from tillbridge.sandbox.shim_routes import NAMESPACE
from tillbridge.sandbox.shop import Shop
from tillbridge.sandbox.snapshot import Snapshot
from tillbridge.sandbox.wire import push_body, signed_headers


class Counter:
    """Where customers, the daemon and the pusher meet the model, one after the other."""

    def __init__(self, shop: Shop, routes: Routes, secret: str, snapshot: Snapshot | None) -> None:
        self._shop = shop
        self._routes = routes
        self._secret = secret
        self._snapshot = snapshot
        self._lock = threading.Lock()
        self.on_news: Callable[[], None] = lambda: None
        self.on_contact: Callable[[], None] = lambda: None

    @contextmanager
    def serving(self) -> Iterator[Shop]:
        """The shop, for one request. What changed is on disk when this returns; what is to be told is pushed after."""
        with self._lock:
            yield self._shop
            self._save()
            news = self._shop.shim.has_sealed() and not self._shop.site.is_elsewhere
        if news:
            self.on_news()

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Response:
        """One request to the REST API."""
        with self.serving():
            response = self._routes.handle(method, target, headers, body)
        if NAMESPACE in target and response.status < 400:
            self.on_contact()
        return response

    # --- for the pusher -----------------------------------------------------------------------------------------------

    def page(self, limit: int) -> Sequence[Row]:
        with self._lock:
            rows, _ = self._shop.shim.page(limit)
            self._save()
            return rows

    def letter(self, rows: Sequence[Row]) -> tuple[bytes, Mapping[str, str]]:
        site = self._shop.site
        with self._lock:
            body = push_body(self._shop, rows)
        return body, signed_headers(self._secret, site.clock(), site.new_id(), "POST", "/v1/events", body)

    def acked(self, ids: Sequence[str]) -> None:
        with self._lock:
            self._shop.shim.ack(ids)
            self._save()

    def _save(self) -> None:
        if self._snapshot is not None:
            self._snapshot.save(self._shop.state)
