"""WooCommerce's own webhooks about orders: a listener that notes when an order was told first."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.bench.queue_runs import add_plugin
from tests.e2e import servers
from tests.e2e.rest import OwnersApi
from tests.e2e.wordpress import RealShop

TOPICS = ("order.created", "order.updated")
PATIENCE = 90.0
"""Seconds: more than a minute, and the run of the queue after it."""

ALLOW_PORT = """<?php
// WooCommerce delivers its webhooks to ports 80, 443 and 8080 only; the listener has another one.
add_filter( 'http_allowed_safe_ports', static function ( $ports ) { return array_merge( $ports, array( %d ) ); } );
"""


class Listener(ThreadingHTTPServer):
    """`told` has the seconds since the epoch at which the first webhook about an order arrived."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Delivery)
        self.told: dict[int, float] = {}

    def take(self, body: bytes, at: float) -> None:
        """A delivery; the ping that greets a new webhook is a form and tells nothing."""
        if body.startswith(b"{"):
            self.told.setdefault(int(json.loads(body)["id"]), at)

    def await_orders(self, orders: Sequence[int]) -> None:
        """Until all are told, or it takes too long; then somebody must count them. Raises where none is told."""
        try:
            servers.wait_until(lambda: self.told.keys() >= set(orders), "webhooks tell of all orders", PATIENCE, 0.1)
        except TimeoutError:
            if not self.told.keys() & set(orders):
                raise


class _Delivery(BaseHTTPRequestHandler):
    server: Listener

    def do_POST(self) -> None:
        at = time.time()
        self.server.take(self.rfile.read(int(self.headers["Content-Length"])), at)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


@contextmanager
def listening(shop: RealShop) -> Iterator[Listener]:
    """A listener to which the shop's webhooks go."""
    with ExitStack() as stack:
        listener = stack.enter_context(Listener())
        pool = stack.enter_context(ThreadPoolExecutor(1))
        stack.callback(listener.shutdown)
        pool.submit(listener.serve_forever, 0.05)
        _subscribe(shop, listener.server_port)
        yield listener


def _subscribe(shop: RealShop, port: int) -> None:
    add_plugin(shop, "listener-port.php", ALLOW_PORT % port)
    owner = OwnersApi(shop)
    for topic in TOPICS:
        hook = {"name": topic, "topic": topic, "status": "active", "secret": secrets.token_hex(16)}
        owner.call("POST", "webhooks", {**hook, "delivery_url": f"http://127.0.0.1:{port}/"})
