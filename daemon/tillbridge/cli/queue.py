"""The queue: what waits for a person, looked into with the daemon up or down; tried again or given up by the daemon."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from tillbridge.app import SystemClock, open_books
from tillbridge.backlog import MOST, STATES, listed, shown
from tillbridge.cli.asking import order, settings_of
from tillbridge.cli.exits import FOUND, WELL
from tillbridge.cli.explaining import OF_DOCUMENTS
from tillbridge.cli.listing import Row, show, show_whole, tell
from tillbridge.cli.words import Command, Verbs, number, takes_format, takes_list_format

WAITING = ("id", "state", "side", "what", "reason", "attempts", "due_at", "sentence")


def add(verbs: Verbs) -> None:
    queue = verbs.add(
        "queue", _list, "List what waits for a person or is being tried again, and what is held out of the sync."
    )
    _takes_list(queue)
    queue.set_defaults(state="all", limit=MOST)
    below = Verbs(queue)
    _takes_list(below.add("list", _list, "The same as `queue` alone."))
    item = below.add("show", _show, "One message with all that it carries.")
    item.add_argument("id", type=number)
    takes_format(item)
    for name, meaning in (
        ("retry", "Try now what failed, was parked or was given up after long."),
        ("release", "Try now what was parked, because it was mended."),
    ):
        verb = below.add(name, _again(name), meaning)
        verb.add_argument("id", type=_number_or_all, help='a number of the list, or "all"')
        takes_format(verb)
    discard = below.add("discard", _discard, "Give a message up. It is kept with the reason; no account changes.")
    discard.add_argument("id", type=number)
    discard.add_argument("--reason", required=True, help="why, for whoever looks later")
    takes_format(discard)


def _takes_list(verb: argparse.ArgumentParser) -> None:
    takes_list_format(verb)
    verb.add_argument("--state", choices=tuple(STATES), default=argparse.SUPPRESS)
    verb.add_argument("--limit", type=number, default=argparse.SUPPRESS)


def _number_or_all(text: str) -> int | str:
    return text if text == "all" else number(text)


def _list(arguments: argparse.Namespace) -> int:
    """Reads the database itself, so that it answers with the daemon down too."""
    books = open_books(settings_of(arguments), SystemClock())
    found: Mapping[str, Any] = listed(books, arguments.state, arguments.limit)
    rows = [_as_row(one) for one in found["rows"]] + [_held_as_row(one) for one in found["held_out"]]
    show(arguments.format, found, rows, WAITING)
    if arguments.format == "table":
        print(f"{found['total']} waiting, {found['held_out_total']} held out")
    return FOUND if rows else WELL


def _as_row(message: Row) -> Row:
    order = f"order {message['order']}" if message.get("order") else ""
    return {**message, "what": message["sku"] or order or message["key"]}


def _held_as_row(item: Row) -> Row:
    """An item that is held out, in the columns of a message."""
    empty = {"id": "", "attempts": "", "due_at": ""}
    return {**empty, **item, "state": "held out", "what": item["sku"] or f"{item['name']} ({item['ref']})"}


def _show(arguments: argparse.Namespace) -> int:
    books = open_books(settings_of(arguments), SystemClock())
    found: Mapping[str, Any] = shown(books, arguments.id)
    if arguments.format == "table":
        papers = found["row"].get("documents")
        for name, value in found["row"].items():
            if name != "documents":
                tell(f"{name}: {'not shown' if value is None else value}")
        if papers is not None:
            tell(f"documents: {papers['words']}")
            show("table", {}, papers["lines"], OF_DOCUMENTS)
    else:
        show_whole(arguments.format, found)
    return WELL


def _again(name: str) -> Command:
    def command(arguments: argparse.Namespace) -> int:
        found = order(settings_of(arguments), f"queue/{name}", {"id": arguments.id})
        ended = _done(found, arguments.format)
        return WELL if arguments.id == "all" else ended

    return command


def _discard(arguments: argparse.Namespace) -> int:
    body: dict[str, object] = {"id": arguments.id, "reason": arguments.reason}
    return _done(order(settings_of(arguments), "queue/discard", body), arguments.format)


def _done(found: Mapping[str, Any], form: str) -> int:
    """One message with which there was nothing to do is something that was found: whoever scripts this wants to
    know."""
    if form == "table":
        tell(f"{found['changed']} changed. {found['sentence']}")
    else:
        show_whole(form, found)
    return WELL if found["changed"] else FOUND
