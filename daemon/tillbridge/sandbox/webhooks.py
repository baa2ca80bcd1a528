"""The make-believe shop's public door for the till's webhooks: kept as they come, for the daemon to judge."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from tillbridge.sandbox.rest import Call, RestError
from tillbridge.sandbox.shim import Shim

LARGEST = 64 * 1024
MOST = 500
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
KEPT_BACK = frozenset({"cookie", "authorization", "proxy-authorization", "x-wp-nonce"})


class Webhooks:
    """Answers ANY /pos/{token}; `token` is the one that is right, "" where the door is shut."""

    def __init__(self, shim: Shim, token: str, refuse_copy: Callable[[], None]) -> None:
        self._shim = shim
        self._token = token
        self._refuse_copy = refuse_copy

    def __call__(self, call: Call, given: str) -> dict[str, Any]:
        if not self._token or not hmac.compare_digest(self._token.encode(), given.encode()):
            raise RestError(404, "tillbridge_no_such_address", "There is nothing at this address.")
        self._refuse_copy()
        if len(call.body) > LARGEST:
            raise RestError(413, "tillbridge_too_large", "At most 64 KiB.")
        if self._shim.webhooks() >= MOST:
            raise RestError(429, "tillbridge_too_many", "Too many webhooks wait already. Try again later.")
        self._shim.keep_webhook(_told(call))
        return {"kept": True}


def _told(call: Call) -> dict[str, Any]:
    return {
        "method": call.method, "path": call.route, "query": urlencode(list(call.query)),
        "headers": {name: value for name, value in call.headers.items() if name not in KEPT_BACK},
        "body": base64.b64encode(call.body).decode(),
    }  # fmt: skip
