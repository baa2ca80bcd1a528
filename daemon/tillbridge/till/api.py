"""The till's door for other programs: the protocol tillbridge-pos/1, as one function from a request to an answer.

It knows no socket, so the simulation calls it as it is; `server.py` puts it on a port. Whatever is sent, bad input gets
a 4xx with a code and a sentence. Only a database that cannot write answers 503.
"""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from tillbridge.till import orders_api, people_api, reading, shapes, wire
from tillbridge.till.amounts import PRECISION
from tillbridge.till.book import KEY_MEMORY, Book
from tillbridge.till.papers import Document, Draft, Kind
from tillbridge.till.refusal import Refusal
from tillbridge.till.settings import keep_webhook, webhook_of
from tillbridge.till.wire import LARGEST_PAGE, Request, Response, Result

__all__ = ["LARGEST_PAGE", "PROTOCOL", "ROUTES", "About", "Api", "Request", "Response"]

PROTOCOL = "tillbridge-pos/1"

_NOTHING_FOUND = frozenset({"item_unknown", "outlet_unknown"})
_BROKEN = frozenset({"untracked", "too_large"})


@dataclass(frozen=True, slots=True)
class About:
    """What this till calls itself."""

    name: str = "Till"
    currency: str = "EUR"


Route = Callable[["Api", Request], Result]


class Api:
    """The routes over one book. Not for several threads at once."""

    def __init__(self, book: Book, token: str, about: About | None = None) -> None:
        self.book = book
        self._token = hashlib.sha256(token.encode()).digest()
        self._about = about or About()

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Answer one request; `target` is path and query."""
        path, _, query = target.partition("?")
        try:
            self._admit(headers)
            template, parts = wire.find(ROUTES, method, path)
            pairs = dict(parse_qsl(query, keep_blank_values=True))
            status, told = ROUTES[method, template](self, Request(parts, pairs, body))
        except Refusal as no:
            return wire.refusal(no)
        except sqlite3.Error as error:
            return wire.answer(503, {"code": "storage", "message": f"the till's database refuses: {error}"})
        return wire.answer(status, told)

    def info(self, _: Request) -> Result:
        outlets = [{"id": outlet.id, "name": outlet.name} for outlet in self.book.catalogue.outlets()]
        head = self.book.feed.head()
        return 200, {
            "protocol": PROTOCOL,
            "name": self._about.name,
            "currency": self._about.currency,
            "precision": PRECISION,
            "outlets": outlets,
            "time": self.book.now(),
            "key_memory_seconds": KEY_MEMORY,
            "cursor": str(head),
            **self._mark(head),
            **shapes.rules(self.book.memory.rules()),
            "open_lines": True,
            "returns_without_restock": True,
        }

    def list_items(self, request: Request) -> Result:
        limit = request.limit(500)
        found = self.book.catalogue.items(request.after(), limit + 1)
        after = str(found[limit - 1].id) if len(found) > limit else None
        return 200, {"items": [shapes.item(one) for one in found[:limit]], "next": after}

    def add_item(self, request: Request) -> Result:
        card = reading.card(reading.document_of(request.body))
        return 201, shapes.item(self.book.catalogue.add(card))

    def change_item(self, request: Request) -> Result:
        number = reading.number(request.parts["id"], "id")
        card = reading.card(reading.document_of(request.body))
        return 200, shapes.item(self.book.catalogue.change(number, card))

    def list_levels(self, request: Request) -> Result:
        page = self.book.feed.levels(request.after(), request.limit(500))
        after = None if page.next is None else str(page.next)
        return 200, {"levels": [shapes.level(row) for row in page.levels], "next": after, "cursor": str(page.cursor)}

    def list_changes(self, request: Request) -> Result:
        limit = request.limit(500)
        if not request.query.get("after"):
            head = self.book.feed.head()
            return 200, {"changes": [], "cursor": str(head), "more": False, **self._mark(head)}
        page = self.book.feed.changes(request.after(), limit)
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
        found = self.book.find(reading.key(request.parts["key"]))
        if found is None:
            raise Refusal("key_unknown", "no document was recorded under this key", 404)
        status = "applied" if found.n is not None else "waiting"
        answer = {"key": found.key, "status": status, "document": found.number, "level": self._level_after(found)}
        return 200, answer

    def set_webhook(self, request: Request) -> Result:
        webhook = reading.webhook(reading.document_of(request.body))
        keep_webhook(self.book, webhook)
        return 200, {"url": webhook.url}

    def show_webhook(self, _: Request) -> Result:
        webhook = webhook_of(self.book)
        if webhook is None:
            raise Refusal("webhook_unknown", "no webhook is set", 404)
        return 200, {"url": webhook.url}

    def remove_webhook(self, _: Request) -> Result:
        keep_webhook(self.book, None)
        return 200, {}

    def switch_offline(self, request: Request) -> Result:
        wanted = reading.document_of(request.body).get("offline")
        if not isinstance(wanted, bool):
            raise Refusal("offline_invalid", "offline: true or false")
        posted = 0
        if wanted:
            self.book.go_offline()
        else:
            posted = self.book.go_online()
        return 200, {"offline": wanted, "waiting": self.book.waiting(), "posted": posted}

    def record(self, kind: Kind, request: Request) -> Result:
        recorded = self.book.record(reading.draft(kind, reading.document_of(request.body)))
        document = self.book.document(recorded.number)
        shown = shapes.document(document, self.book.feed.movements(recorded.number))
        return (200 if recorded.repeated else 201), shown

    def _mark(self, head: int) -> dict[str, Any]:
        """Which database this is and how far it has come, so that a restored backup is noticed."""
        return {"incarnation": self.book.feed.incarnation(), "counter": head}

    def _adjust(self, row: object) -> dict[str, Any]:
        """One row of a batch, in its own transaction: a bad one never fails its neighbours."""
        key = row.get("key") if isinstance(row, dict) else None
        shown = key if isinstance(key, str) else None
        try:
            draft = reading.adjustment(row)
            recorded = self.book.record(draft)
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
        return shapes.maybe(self.book.feed.level(draft.lines[0].item, draft.outlet))

    def _level_after(self, document: Document) -> str | None:
        """The level now where the document concerns a single one."""
        if len(document.lines) != 1 or document.taken_back or document.to:
            return None
        return shapes.maybe(self.book.feed.level(document.lines[0].item, document.outlet))

    def _admit(self, headers: Mapping[str, str]) -> None:
        given = next((value for name, value in headers.items() if name.lower() == "authorization"), "")
        scheme, _, token = given.partition(" ")
        digest = hashlib.sha256(token.strip().encode("utf-8", "replace")).digest()
        if not hmac.compare_digest(digest, self._token) or scheme.lower() != "bearer":
            raise Refusal("unauthorised", "this needs the header Authorization: Bearer <token of this till>", 401)


def _document(kind: Kind) -> Route:
    return lambda api, request: api.record(kind, request)


def _of_book(handler: Callable[[Book, Request], Result]) -> Route:
    return lambda api, request: handler(api.book, request)


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
    ("POST", "/v1/voids"): _document(Kind.VOID),
    ("POST", "/v1/pickups"): _document(Kind.PICKUP),
    ("POST", "/v1/shipments"): _document(Kind.SHIPMENT),
    ("GET", "/v1/documents"): _of_book(orders_api.list_documents),
    ("GET", "/v1/documents/{number}"): _of_book(orders_api.show_document),
    ("GET", "/v1/customers"): _of_book(people_api.list_customers),
    ("POST", "/v1/customers"): _of_book(people_api.add_customer),
    ("GET", "/v1/customers/{id}"): _of_book(people_api.show_customer),
    ("PUT", "/v1/customers/{id}"): _of_book(people_api.change_customer),
    ("DELETE", "/v1/customers/{id}"): _of_book(people_api.erase_customer),
    ("PUT", "/v1/register"): _of_book(orders_api.switch_register),
    ("PUT", "/v1/rules"): _of_book(orders_api.change_rules),
    ("POST", "/v1/deliveries"): _document(Kind.DELIVERY),
    ("POST", "/v1/transfers"): _document(Kind.TRANSFER),
    ("POST", "/v1/counts"): _document(Kind.COUNT),
    ("PUT", "/v1/webhook"): Api.set_webhook,
    ("GET", "/v1/webhook"): Api.show_webhook,
    ("DELETE", "/v1/webhook"): Api.remove_webhook,
    ("POST", "/v1/offline"): Api.switch_offline,
}
"""Every route of the protocol; `openapi.yaml` describes the same ones."""
