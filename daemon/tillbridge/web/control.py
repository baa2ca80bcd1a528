"""The control routes: what a person asks of the daemon, by the command line of this host or through the shop.

Both sign with the shop's secret. Who it was stands in the signed query, `actor` and `capability`, and goes to the log.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Flask, Response, g, request

from tillbridge.backlog import MOST
from tillbridge.errors import Malformed
from tillbridge.intake import read_object, show
from tillbridge.log import printable
from tillbridge.ports import PLAN, RECONCILE, Controls, Desk, Said
from tillbridge.runs import MOST_ROWS
from tillbridge.runs import ROWS as FINDINGS
from tillbridge.web.answers import answer
from tillbridge.web.caller import HOST
from tillbridge.web.guard import Admitted
from tillbridge.web.route import add
from tillbridge.why import LINES, MOST_LINES

CONTROL = "/v1/control"
ALL = "all"
ROWS = 100
"""Rows of a list where nobody says how many."""

LONGEST_NAME = 60
LARGEST_NUMBER = 2**53

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks, as the asking side says: a name and what that person may do there, safe to print."""

    actor: str
    capability: str

    @property
    def is_here(self) -> bool:
        """Whether it is somebody at the command line of this host."""
        return self.capability == HOST

    def __str__(self) -> str:
        if self.is_here:
            return f"by {self.actor!r}, on this host"
        return f"by {self.actor!r} ({self.capability or 'no capability told'}), through the shop"


def person() -> Person:
    """Who asks now."""
    actor, capability = (printable(request.args.get(name, ""))[:LONGEST_NAME] for name in ("actor", "capability"))
    return Person(actor, capability)


def add_control(app: Flask, controls: Controls, desk: Desk | None, remember: Callable[[Admitted], None]) -> None:
    """The routes. `remember` puts a nonce on disk: an order is obeyed once, also after a restart."""
    add(app, "GET", f"{CONTROL}/status", "status", lambda: answer(200, controls.status()))
    orders = Orders(remember)
    for name, verb in (("pause", controls.pause), ("resume", controls.resume), ("sync", controls.sync)):
        add(app, "POST", f"{CONTROL}/{name}", name, partial(orders.steer, name, verb))
    if desk is not None:
        _add_desk(app, desk, orders)


def _add_desk(app: Flask, desk: Desk, orders: Orders) -> None:
    add(app, "GET", f"{CONTROL}/doctor", "doctor", lambda: answer(200, desk.doctor(_through_shop())))
    add(app, "GET", f"{CONTROL}/check", "check", lambda: answer(200, desk.check()))
    add(app, "POST", f"{CONTROL}/resync", "resync", partial(orders.resync, desk.resync))
    add(app, "GET", f"{CONTROL}/queue", "queue", lambda: answer(200, desk.queue(_state(), _limit())))
    add(app, "GET", f"{CONTROL}/queue/item", "queue.item", lambda: answer(200, desk.message(_asked_id())))
    add(app, "POST", f"{CONTROL}/queue/retry", "queue.retry", partial(orders.one_or_all, "retry", desk.retry))
    add(app, "POST", f"{CONTROL}/queue/release", "queue.release", partial(orders.one_or_all, "release", desk.release))
    add(app, "POST", f"{CONTROL}/queue/discard", "queue.discard", partial(orders.discard, desk.discard))
    add(app, "POST", f"{CONTROL}/reconcile", "reconcile", partial(orders.reconcile, desk.reconcile))
    add(app, "GET", f"{CONTROL}/run", "run", lambda: answer(200, desk.run(_asked_run(), _up_to("rows", FINDINGS))))
    add(app, "GET", f"{CONTROL}/runs", "runs", lambda: answer(200, desk.runs()))
    add(app, "POST", f"{CONTROL}/undo", "undo", partial(orders.undo, desk.undo))
    add(app, "GET", f"{CONTROL}/why", "why", lambda: answer(200, desk.why(_what(), _lines())))
    add(app, "POST", f"{CONTROL}/audit", "audit.begin", partial(orders.audit, desk.begin_audit))
    add(app, "GET", f"{CONTROL}/audit", "audit", lambda: answer(200, desk.audit(_asked_audit())))
    add(app, "POST", f"{CONTROL}/people/export", "people.export", partial(orders.person, "export", desk.export_person))
    add(app, "POST", f"{CONTROL}/people/erase", "people.erase", partial(orders.person, "erase", desk.erase_person))
    add(app, "GET", f"{CONTROL}/decisions", "decisions", lambda: answer(200, desk.decisions()))
    add(app, "POST", f"{CONTROL}/decide", "decide", partial(orders.decide, desk.decide))
    add(app, "GET", f"{CONTROL}/webhook", "webhook", lambda: answer(200, desk.webhook()))
    add(app, "POST", f"{CONTROL}/webhook", "webhook.set", partial(orders.webhook, desk.set_webhook))


class Orders:
    """What has an effect. The nonce is on disk before it, so that a restart does not obey a repetition."""

    def __init__(self, remember: Callable[[Admitted], None]) -> None:
        self._remember = remember

    def steer(self, name: str, verb: Callable[[str], Said]) -> Response:
        """Pause, resume or sync a flow."""
        flow = _text(self._body(), "flow", "to-pos, to-store and all")
        return self._obey(f"{name} {printable(flow)[:LONGEST_NAME]}", lambda: verb(flow))

    def resync(self, verb: Callable[[str], Said]) -> Response:
        """Look at one thing."""
        what = _text(self._body(), "what", "an SKU and the number of an order")
        return self._obey(f"resync {printable(what)[:LONGEST_NAME]}", lambda: verb(what))

    def one_or_all(self, name: str, verb: Callable[[int | None], Said]) -> Response:
        """Do something to one message, or to all."""
        given = self._body().get("id")
        only = None if given == ALL else _number(given, "id", '"all" or the number of a message')
        return self._obey(f"queue {name} {given}", lambda: verb(only))

    def discard(self, verb: Callable[[int, str], Said]) -> Response:
        """Give a message up."""
        body = self._body()
        number, reason = _number(body.get("id"), "id", "the number of a message"), _text(body, "reason", "a sentence")
        return self._obey(f"queue discard {number}", lambda: verb(number, reason))

    def reconcile(self, verb: Callable[[str, str], Said]) -> Response:
        """Begin to look at one thing or at everything."""
        body = self._body()
        what, dry_run = _text({"what": "", **body}, "what", "an SKU, or nothing for all"), body.get("dry_run", False)
        if not isinstance(dry_run, bool):
            raise Malformed(f"dry_run: found {show(dry_run)}, allowed are true and false")
        kind = PLAN if dry_run else RECONCILE
        return self._obey(f"{kind} {printable(what)[:LONGEST_NAME]}".rstrip(), lambda: verb(what, kind))

    def audit(self, verb: Callable[[str, str], Said]) -> Response:
        """Begin to compare some days."""
        body = self._body()
        first, last = _text(body, "from", "a day"), _text({"to": "", **body}, "to", "a day")
        return self._obey(f"audit {printable(first)[:LONGEST_NAME]}", lambda: verb(first, last))

    def undo(self, verb: Callable[[int], Said]) -> Response:
        """Take back what a run did."""
        number = _number(self._body().get("run"), "run", "the number of a run")
        return self._obey(f"undo {number}", lambda: verb(number))

    def decide(self, verb: Callable[[str, str, str], Said]) -> Response:
        """Say what is to be done."""
        body = self._body()
        name, choice = _text(body, "id", "an id of the list"), _text(body, "choice", "one that is offered for it")
        words = _text({"words": "", **body}, "words", "a sentence")
        said = f"decide {printable(name)[:LONGEST_NAME]} {printable(choice)[:LONGEST_NAME]}"
        return self._obey(said, lambda: verb(name, choice, words))

    def person(self, name: str, verb: Callable[[str], Said]) -> Response:
        """What WordPress' tools for a person's data ask; the customer is the shop's number of an account,
        or `order:` and the number of a guest's order."""
        customer = _text(self._body(), "customer", "the number of an account")
        return self._obey(f"{name} customer {printable(customer)[:LONGEST_NAME]}", lambda: verb(customer))

    def webhook(self, verb: Callable[[str], Said]) -> Response:
        """Have the POS tell us by itself, or not."""
        word = _text(self._body(), "do", "enable and disable")
        return self._obey(f"webhook {printable(word)[:LONGEST_NAME]}", lambda: verb(word))

    @staticmethod
    def _body() -> dict[str, Any]:
        return read_object(request.get_data())

    def _obey(self, what: str, verb: Callable[[], Said]) -> Response:
        self._remember(g.admitted)
        said = verb()
        log.info("%s %s", what, person())
        return answer(200, said)


def _through_shop() -> str:
    """Who asks through the shop, "" where it is somebody on this host or nobody says."""
    asking = person()
    return "" if asking.is_here else asking.actor


def _state() -> str:
    return request.args.get("state", ALL)


def _limit() -> int:
    return min(_number(request.args.get("limit", str(ROWS)), "limit", f"a number from 1 to {MOST}"), MOST)


def _asked_id() -> int:
    return _number(request.args.get("id"), "id", "the number of a message")


def _asked_run() -> int:
    return _number(request.args.get("id"), "id", "the number of a run")


def _asked_audit() -> int:
    return _number(request.args.get("id"), "id", "the number of an audit")


def _what() -> str:
    return request.args.get("what", "")


def _lines() -> int:
    return min(_number(request.args.get("lines", str(LINES)), "lines", f"a number from 1 to {MOST_LINES}"), MOST_LINES)


def _up_to(name: str, usual: int) -> int:
    """A number of rows, which may be none."""
    text = request.args.get(name, str(usual))
    if text == "0":
        return 0
    return min(_number(text, name, f"a number from 0 to {MOST_ROWS}"), MOST_ROWS)


def _text(body: dict[str, Any], name: str, allowed: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise Malformed(f"{name}: found {show(value)}, allowed are {allowed}")
    return value


def _number(value: object, name: str, allowed: str) -> int:
    """A positive whole number, as JSON has it or as text."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not (text.isascii() and text.isdecimal() and len(text) <= 16 and 0 < int(text) < LARGEST_NUMBER):
        raise Malformed(f"{name}: found {show(value)}, allowed is {allowed}")
    return int(text)
