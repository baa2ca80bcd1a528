"""The till's door for other programs: the protocol tillbridge-pos/1, as one function from a request to an answer.

It knows no socket, so the simulation calls it as it is; `server.py` puts it on a port. Whatever is sent, bad input gets
a 4xx with a code and a sentence. Only a database that cannot write answers 503.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from tillbridge.till import reading, shapes
from tillbridge.till.amounts import PRECISION
from tillbridge.till.book import KEY_MEMORY, Book
from tillbridge.till.papers import Document, Draft, Kind
from tillbridge.till.refusal import Refusal
from tillbridge.till.settings import keep_webhook, webhook_of

PROTOCOL = "tillbridge-pos/1"

LARGEST_PAGE = 5000

_NOTHING_FOUND = frozenset({"item_unknown", "outlet_unknown"})
_BROKEN = frozenset({"untracked", "too_large"})


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


@dataclass(frozen=True, slots=True)
class About:
    """What this till calls itself."""

    name: str = "Till"
    currency: str = "EUR"


Result = tuple[int, dict[str, Any]]
Route = Callable[["Api", Request], Result]


class Api:
    """The routes over one book. Not for several threads at once."""

    def __init__(self, book: Book, token: str, about: About | None = None) -> None:
        self._book = book
        self._token = hashlib.sha256(token.encode()).digest()
        self._about = about or About()

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Answer one request; `target` is path and query."""
        path, _, query = target.partition("?")
        try:
            self._admit(headers)
            route, parts = _route(method, path)
            pairs = dict(parse_qsl(query, keep_blank_values=True))
            status, answer = route(self, Request(parts, pairs, body))
        except Refusal as no:
            return _answer(no.status, {"code": no.code, "message": no.message})
        except sqlite3.Error as error:
            return _answer(503, {"code": "storage", "message": f"the till's database refuses: {error}"})
        return _answer(status, answer)

    def info(self, _: Request) -> Result:
        outlets = [{"id": outlet.id, "name": outlet.name} for outlet in self._book.catalogue.outlets()]
        head = self._book.feed.head()
        return 200, {
            "protocol": PROTOCOL,
            "name": self._about.name,
            "currency": self._about.currency,
            "precision": PRECISION,
            "outlets": outlets,
            "time": self._book.now(),
            "key_memory_seconds": KEY_MEMORY,
            "cursor": str(head),
            **self._mark(head),
        }

    def list_items(self, request: Request) -> Result:
        limit = request.limit(500)
        found = self._book.catalogue.items(request.after(), limit + 1)
        after = str(found[limit - 1].id) if len(found) > limit else None
        return 200, {"items": [shapes.item(one) for one in found[:limit]], "next": after}

    def add_item(self, request: Request) -> Result:
        card = reading.card(reading.document_of(request.body))
        return 201, shapes.item(self._book.catalogue.add(card))

    def change_item(self, request: Request) -> Result:
        number = reading.number(request.parts["id"], "id")
        card = reading.card(reading.document_of(request.body))
        return 200, shapes.item(self._book.catalogue.change(number, card))

    def list_levels(self, request: Request) -> Result:
        page = self._book.feed.levels(request.after(), request.limit(500))
        after = None if page.next is None else str(page.next)
        return 200, {"levels": [shapes.level(row) for row in page.levels], "next": after, "cursor": str(page.cursor)}

    def list_changes(self, request: Request) -> Result:
        limit = request.limit(500)
        if not request.query.get("after"):
            head = self._book.feed.head()
            return 200, {"changes": [], "cursor": str(head), "more": False, **self._mark(head)}
        page = self._book.feed.changes(request.after(), limit)
        told = [shapes.change(one) for one in page.changes]
        return 200, {"changes": told, "cursor": str(page.cursor), "more": page.more, **self._mark(page.head)}

    def adjust(self, request: Request) -> Result:
        rows = reading.document_of(request.body).get("adjustments")
        if not isinstance(rows, list):
            raise Refusal("adjustments_missing", "adjustments: a list")
        if len(rows) > reading.LARGEST_BATCH:
            raise Refusal("too_large", f"at most {reading.LARGEST_BATCH} adjustments a call", 413)
        return 200, {"results": [self._adjust(row) for row in rows]}

    def look_up_key(self, request: Request) -> Result:
        found = self._book.find(reading.key(request.parts["key"]))
        if found is None:
            raise Refusal("key_unknown", "no document was recorded under this key", 404)
        status = "applied" if found.n is not None else "waiting"
        answer = {"key": found.key, "status": status, "document": found.number, "level": self._level_after(found)}
        return 200, answer

    def set_webhook(self, request: Request) -> Result:
        webhook = reading.webhook(reading.document_of(request.body))
        keep_webhook(self._book, webhook)
        return 200, {"url": webhook.url}

    def show_webhook(self, _: Request) -> Result:
        webhook = webhook_of(self._book)
        if webhook is None:
            raise Refusal("webhook_unknown", "no webhook is set", 404)
        return 200, {"url": webhook.url}

    def remove_webhook(self, _: Request) -> Result:
        keep_webhook(self._book, None)
        return 200, {}

    def switch_offline(self, request: Request) -> Result:
        wanted = reading.document_of(request.body).get("offline")
        if not isinstance(wanted, bool):
            raise Refusal("offline_invalid", "offline: true or false")
        posted = 0
        if wanted:
            self._book.go_offline()
        else:
            posted = self._book.go_online()
        return 200, {"offline": wanted, "waiting": self._book.waiting(), "posted": posted}

    def record(self, kind: Kind, request: Request) -> Result:
        recorded = self._book.record(reading.draft(kind, reading.document_of(request.body)))
        document = self._book.document(recorded.number)
        shown = shapes.document(document, self._book.feed.movements(recorded.number))
        return (200 if recorded.repeated else 201), shown

    def _mark(self, head: int) -> dict[str, Any]:
        """Which database this is and how far it has come, so that a restored backup is noticed."""
        return {"incarnation": self._book.feed.incarnation(), "counter": head}

    def _adjust(self, row: object) -> dict[str, Any]:
        """One row of a batch, in its own transaction: a bad one never fails its neighbours."""
        key = row.get("key") if isinstance(row, dict) else None
        shown = key if isinstance(key, str) else None
        try:
            draft = reading.adjustment(row)
            recorded = self._book.record(draft)
        except Refusal as no:
            status = "invalid"
            if no.code in _NOTHING_FOUND:
                status = "not_found"
            elif no.code in _BROKEN:
                status = "refused"
            return {"key": shown, "status": status, "level": None, "code": no.code, "message": no.message}
        status = "duplicate" if recorded.repeated else "applied"
        return {"key": shown, "status": status, "level": self._level(draft), "code": "", "message": recorded.number}

    def _level(self, draft: Draft) -> str | None:
        return shapes.maybe(self._book.feed.level(draft.lines[0].item, draft.outlet))

    def _level_after(self, document: Document) -> str | None:
        """The level now where the document concerns a single one."""
        if len(document.lines) != 1 or document.taken_back or document.to:
            return None
        return shapes.maybe(self._book.feed.level(document.lines[0].item, document.outlet))

    def _admit(self, headers: Mapping[str, str]) -> None:
        given = next((value for name, value in headers.items() if name.lower() == "authorization"), "")
        scheme, _, token = given.partition(" ")
        digest = hashlib.sha256(token.strip().encode("utf-8", "replace")).digest()
        if not hmac.compare_digest(digest, self._token) or scheme.lower() != "bearer":
            raise Refusal("unauthorised", "this needs the header Authorization: Bearer <token of this till>", 401)


def _document(kind: Kind) -> Route:
    return lambda api, request: api.record(kind, request)


ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "/v1/info"): Api.info,
    ("GET", "/v1/items"): Api.list_items,
    ("POST", "/v1/items"): Api.add_item,
    ("PUT", "/v1/items/{id}"): Api.change_item,
    ("GET", "/v1/levels"): Api.list_levels,
    ("GET", "/v1/changes"): Api.list_changes,
    ("POST", "/v1/adjustments"): Api.adjust,
    ("GET", "/v1/keys/{key}"): Api.look_up_key,
    ("POST", "/v1/sales"): _document(Kind.SALE),
    ("POST", "/v1/returns"): _document(Kind.RETURN),
    ("POST", "/v1/exchanges"): _document(Kind.EXCHANGE),
    ("POST", "/v1/deliveries"): _document(Kind.DELIVERY),
    ("POST", "/v1/transfers"): _document(Kind.TRANSFER),
    ("POST", "/v1/counts"): _document(Kind.COUNT),
    ("PUT", "/v1/webhook"): Api.set_webhook,
    ("GET", "/v1/webhook"): Api.show_webhook,
    ("DELETE", "/v1/webhook"): Api.remove_webhook,
    ("POST", "/v1/offline"): Api.switch_offline,
}
"""Every route of the protocol; `openapi.yaml` describes the same ones."""


def _route(method: str, path: str) -> tuple[Route, dict[str, str]]:
    allowed = []
    for (verb, template), route in ROUTES.items():
        parts = _match(template, path)
        if parts is not None:
            if verb == method:
                return route, parts
            allowed.append(verb)
    if allowed:
        raise Refusal("method_unknown", f"allowed here: {', '.join(allowed)}", 405)
    raise Refusal("route_unknown", "there is nothing at this address", 404)


def _match(template: str, path: str) -> dict[str, str] | None:
    wanted, given = template.split("/"), path.split("/")
    if len(wanted) != len(given):
        return None
    parts = {}
    for name, value in zip(wanted, given, strict=True):
        if name.startswith("{"):
            parts[name[1:-1]] = unquote(value)
        elif name != value:
            return None
    return parts


def _answer(status: int, body: dict[str, Any]) -> Response:
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    return Response(status, headers, json.dumps(body, separators=(",", ":")).encode())
