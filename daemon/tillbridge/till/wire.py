"""A request to the till's API and its answer, and how an address finds its route. Knows no meaning."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote

from tillbridge.till import reading
from tillbridge.till.refusal import Refusal

LARGEST_PAGE = 5000

_spelled = json.JSONEncoder(separators=(",", ":")).encode

Result = tuple[int, dict[str, Any]]
"""A status, and what is answered as JSON."""


@dataclass(frozen=True, slots=True)
class Response:
    """A complete HTTP answer. `headers` has lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Request:
    """What a route is given: the parts of its path, its query and its raw body."""

    parts: dict[str, str]
    query: dict[str, str]
    body: bytes

    def limit(self, usual: int) -> int:
        """How many rows the asker wants."""
        text = self.query.get("limit") or str(usual)
        if text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= LARGEST_PAGE:
            return int(text)
        raise Refusal("limit_invalid", f"limit: a number from 1 to {LARGEST_PAGE}")

    def after(self) -> int:
        """Where the asker stopped reading, 0 for the beginning."""
        return reading.number(self.query.get("after") or "0", "after")


def find(routes: Collection[tuple[str, str]], method: str, path: str) -> tuple[str, dict[str, str]]:
    """The template that an address fits, and the parts of it that the template names."""
    if (method, path) in routes and "{" not in path:
        return path, {}
    allowed, given = [], path.split("/")
    for verb, template in routes:
        parts = _match(_split(template), given)
        if parts is not None:
            if verb == method:
                return template, parts
            allowed.append(verb)
    if allowed:
        raise Refusal("method_unknown", f"allowed here: {', '.join(allowed)}", 405)
    raise Refusal("route_unknown", "there is nothing at this address", 404)


@cache
def _split(template: str) -> tuple[str, ...]:
    return tuple(template.split("/"))


def _match(wanted: Sequence[str], given: Sequence[str]) -> dict[str, str] | None:
    if len(wanted) != len(given):
        return None
    parts = {}
    for name, value in zip(wanted, given, strict=True):
        if name.startswith("{"):
            parts[name[1:-1]] = unquote(value)
        elif name != value:
            return None
    return parts


def answer(status: int, body: dict[str, Any]) -> Response:
    """An answer as JSON."""
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    return Response(status, headers, _spelled(body).encode())


def refusal(no: Refusal) -> Response:
    """A refusal as JSON."""
    field = {"field": no.field} if no.field else {}
    return answer(no.status, {"code": no.code, "message": no.message, **field})
