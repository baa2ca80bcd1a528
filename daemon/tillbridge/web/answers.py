"""What the door says back: always JSON, never cached, and for every mistake a code and a sentence."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from tillbridge.backlog import UnknownMessage
from tillbridge.decisions import UnknownDecision
from tillbridge.errors import BridgeError, Malformed, SideTrouble, StorageTrouble, Unsupported
from tillbridge.intake import TooManyEvents, WrongAddress, WrongSite
from tillbridge.pairing import NoPairing, OtherShop
from tillbridge.resync import UnknownSku
from tillbridge.undo import CannotUndo, UnknownRun

RETRY_SECONDS = 5
"""When to come again while our own disk refuses."""

_CODES = {
    404: "no_such_route",
    405: "method_not_allowed",
    413: "too_large",
    431: "headers_too_large",
}
_PROBLEMS: tuple[tuple[type[BridgeError], int, str], ...] = (
    (WrongSite, 403, "wrong_site"),
    (WrongAddress, 403, "wrong_address"),
    (NoPairing, 404, "no_pairing"),
    (OtherShop, 409, "other_shop"),
    (UnknownSku, 404, "unknown_sku"),
    (UnknownMessage, 404, "unknown_message"),
    (UnknownRun, 404, "unknown_run"),
    (UnknownDecision, 404, "unknown_decision"),
    (CannotUndo, 409, "cannot_undo"),
    (Unsupported, 409, "unsupported"),
    (SideTrouble, 502, "side_trouble"),
    (TooManyEvents, 413, "too_many_events"),
    (Malformed, 400, "malformed"),
)
"""Errors whose own words are the answer, with its status and code; the narrower before the wider."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake in the one shape that every mistake has; `header` goes with the answer, where its name is not empty."""

    status: int
    code: str
    message: str
    header: tuple[str, str] = ("", "")

    def body(self) -> bytes:
        """The JSON of the answer."""
        return encode({"code": self.code, "message": self.message})


BROKEN = Problem(500, "internal_error", "something went wrong here; nothing was acknowledged")
"""Our own mistake, about which a stranger learns nothing."""


def encode(value: Mapping[str, object]) -> bytes:
    """Compact JSON; what JSON has no word for (a date, a Decimal) is spelled as text rather than failing."""
    return json.dumps(value, separators=(",", ":"), default=str).encode()


def answer(status: int, value: Mapping[str, object]) -> Response:
    """`value` as a JSON answer."""
    return Response(encode(value), status, mimetype="application/json")


def respond(problem: Problem) -> Response:
    """A problem as an answer."""
    response = Response(problem.body(), problem.status, mimetype="application/json")
    name, value = problem.header
    if name:
        response.headers[name] = value
    return response


def too_fast(seconds: float) -> Problem:
    """429: come again after `seconds`, rounded up to whole ones as the header wants them."""
    return Problem(429, "too_fast", "too many requests; slow down", ("Retry-After", str(int(seconds) + 1)))


def problem_of(error: BridgeError) -> Problem:
    """What the sender is told about an error of ours."""
    for kind, status, code in _PROBLEMS:
        if isinstance(error, kind):
            return Problem(status, code, str(error))
    if isinstance(error, StorageTrouble):
        _log.error("nothing was acknowledged, the database refuses: %s", error)
        message = "the database cannot store anything just now; nothing was acknowledged, send it again"
        return Problem(503, "storage", message, ("Retry-After", str(RETRY_SECONDS)))
    _log.error("an error that the listener does not expect: %r", error)
    return BROKEN


def code_of(status: int) -> str:
    """The code that goes with a bare HTTP status."""
    return _CODES.get(status, "bad_request" if status < 500 else BROKEN.code)


def register(app: Flask) -> None:
    """Give every error that can reach Flask its answer."""
    app.register_error_handler(BridgeError, lambda error: respond(problem_of(error)))
    app.register_error_handler(HTTPException, _bare)


def _bare(error: HTTPException) -> Response:
    status = error.code or 500
    if status >= 500:
        return respond(BROKEN)
    # Only Allow is kept: the rest of what Werkzeug would send describes its HTML page.
    allow = dict(error.get_headers()).get("Allow", "")
    header = ("Allow", allow) if allow else ("", "")
    return respond(Problem(status, code_of(status), str(error.description or error.name), header))
