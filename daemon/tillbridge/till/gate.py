"""Who may press the buttons of the register's page: a browser on this computer that got the page from us.

The page has no login, so it answers loopback only, and only under a loopback name (another name that resolves here
would let a stranger's page read ours). Every form carries a token that only our own page knows.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from flask import Request, Response

COOKIE = "till"

_HERE = frozenset({"127.0.0.1", "::1", "localhost", "[::1]"})

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Gate:
    """Checks requests to the page, and knows the token of each browser."""

    def __init__(self, secret: bytes, new_id: Callable[[], str]) -> None:
        self._secret = secret
        self._new_id = new_id

    def objection(self, request: Request) -> str | None:
        """Why this request is not answered, None where it is."""
        name = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
        if request.remote_addr not in _HERE or name not in _HERE:
            return "The register answers only on the computer on which it runs."
        if request.method in ("GET", "HEAD"):
            return None
        origin = request.headers.get("Origin")
        if origin is not None and origin != f"{request.scheme}://{request.host}":
            return "This form came from another page."
        expected = self.token(request.cookies.get(COOKIE, ""))
        given = request.form.get("token", "").encode("utf-8", "replace")
        if not expected or not hmac.compare_digest(expected.encode(), given):
            return "This form is too old. Open the register again, and repeat what you did."
        return None

    def browser(self, request: Request) -> str:
        """The browser's own id, a fresh one where it has none."""
        return request.cookies.get(COOKIE) or self._new_id()

    def token(self, browser: str) -> str:
        """What a form of this browser must carry; empty for a browser that we do not know."""
        return hmac.new(self._secret, browser.encode(), hashlib.sha256).hexdigest() if browser else ""

    def seal(self, response: Response) -> Response:
        """Put on the headers that keep the page to itself."""
        for name, value in _HEADERS.items():
            response.headers[name] = value
        return response

    def remember(self, response: Response, browser: str) -> Response:
        """Give the browser its id for next time."""
        response.set_cookie(COOKIE, browser, httponly=True, samesite="Strict", path="/")
        return response
