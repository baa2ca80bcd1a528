"""The make-believe shop's whole REST API as one function: a request in, an answer out, no sockets."""

from __future__ import annotations

from collections.abc import Mapping

from tillbridge.sandbox.rest import Response, RestError, no_route, parse, refusal
from tillbridge.sandbox.rest import answer as json_answer
from tillbridge.sandbox.shim_routes import DOOR, NAMESPACE, ShimRoutes
from tillbridge.sandbox.shop import Shop
from tillbridge.sandbox.store_auth import Gate, Keys
from tillbridge.sandbox.store_routes import StoreRoutes
from tillbridge.sandbox.webhooks import METHODS
from tillbridge.sandbox.wire import Door


class Routes:
    """The shim's routes behind the daemon's signature, and WooCommerce's wc/v3 behind a REST key.

    `home` is the shop's address as WordPress knows it: OAuth signs it, and https in it allows Basic authentication.
    Pass `keys` to open wc/v3. A `PhpDied` raised by the shop's fuse passes through: nobody answered.
    """

    def __init__(self, shop: Shop, secret: str, keys: Keys | None = None, home: str = "http://127.0.0.1") -> None:
        self.shop = shop
        self._door = Door(secret, shop.site.clock)
        self._shim = ShimRoutes(shop)
        self._gate = Gate(keys, home, shop.site.clock)
        self._store = StoreRoutes(shop, home)

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Response:
        """One HTTP request, which is one PHP request."""
        call = parse(method, target, headers, body)
        try:
            if call is None:
                raise no_route()
            if call.route.startswith(NAMESPACE + DOOR) and call.method in METHODS:
                return json_answer(self._shim.webhook(call))
            if call.route == NAMESPACE or call.route.startswith(NAMESPACE + "/"):
                self._door.check(call)
                return json_answer(self._shim(call))
            if call.route.startswith("/wc/v3/"):
                self._gate.check(call)
                return self._store(call)
            raise no_route()
        except RestError as error:
            return refusal(error)
