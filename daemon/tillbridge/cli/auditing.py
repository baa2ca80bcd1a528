"""For the book-keeper: what shop and till each say of a day, side by side, and every order on which they differ."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any

from tillbridge.cli.asking import ask, order, settings_of
from tillbridge.cli.bar import Bar
from tillbridge.cli.exits import FOUND, UNREACHABLE, WELL
from tillbridge.cli.listing import Row, show, tell
from tillbridge.cli.words import Verbs, takes_list_format
from tillbridge.errors import Malformed
from tillbridge.settings import Settings

COLUMNS = (
    "part", "channel", "name", "what", "store", "pos", "difference", "order", "document", "store_at", "pos_at",
    "reason", "words",
)  # fmt: skip
"""One list for a spreadsheet: the sums, what came back line by line, and the orders."""

SUM = ("channel", "what", "store", "pos", "difference")
PAYMENT = ("channel", "payment", "store", "pos", "difference")
TAX = ("channel", "tax", "what", "store", "pos", "difference")
REFUND = ("side", "order", "document", "at", "line", "quantity", "net", "tax", "gross", "name")
ORDER = ("kind", "number", "on_the_day", "store", "pos", "store_at", "pos_at", "reason", "words")

LOOKS_EVERY = 1.0
"""Seconds between two looks at an audit that is waited for."""


def add(verbs: Verbs) -> None:
    audit = verbs.add("audit", _audit, "What shop and till say of a day, side by side, and where they differ.")
    audit.add_argument("--day", metavar="DAY", help="that day, as 2026-11-28, by the shop's calendar")
    audit.add_argument("--from", metavar="DAY", dest="first", help="the first of several days")
    audit.add_argument("--to", metavar="DAY", dest="last", help="the last of them")
    takes_list_format(audit)


def _audit(arguments: argparse.Namespace) -> int:
    first, last = _days(arguments)
    settings = settings_of(arguments)
    begun = order(settings, "audit", {"from": first, "to": last})
    found = _waited_for(settings, begun)
    if found["state"] != "done":
        print(f"tillbridge: {found['words']}", file=sys.stderr)
        return UNREACHABLE
    if arguments.format == "table":
        _tell(found)
    elif arguments.format == "count":
        print(found["totals"]["differences"])
    else:
        show(arguments.format, found, list(as_rows(found)), COLUMNS)
    return FOUND if found["totals"]["differences"] else WELL


def _days(arguments: argparse.Namespace) -> tuple[str, str]:
    if (arguments.day is None) == (arguments.first is None) or (arguments.last is not None and arguments.first is None):
        raise Malformed("audit: say which days: --day DAY, or --from DAY --to DAY")
    return arguments.day or arguments.first, arguments.last or ""


def _waited_for(settings: Settings, found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Both sides are read order by order, which may take minutes."""
    bar = Bar(sys.stderr)
    try:
        while found["state"] == "looking":
            bar.draw(0, f"{found['looked']} orders compared so far")
            time.sleep(LOOKS_EVERY)
            found = ask(settings, "audit", {"id": str(found["audit"])})
        return found
    finally:
        bar.clear()


def as_rows(found: Mapping[str, Any]) -> Iterator[Row]:
    """Everything that was found as one list."""
    nothing = dict.fromkeys(COLUMNS, "")
    for row in found["channels"]:
        yield {**nothing, **row, "part": "channel", "name": row["channel"]}
    for row in found["payments"]:
        yield {**nothing, **row, "part": "payment", "name": row["payment"], "what": "total"}
    for row in found["taxes"]:
        yield {**nothing, **row, "part": "tax", "name": row["tax"]}
    for row in found["refunds"]:
        for what in ("quantity", "net", "tax", "gross"):
            at = {f"{row['side']}_at": row["at"], row["side"]: row[what]}
            about = {name: row[name] for name in ("channel", "order", "document", "name")}
            yield {**nothing, **about, **at, "part": "refund", "what": what, "words": f"line {row['line']}"}
    for part in ("differences", "remarks"):
        for row in found[part]:
            yield from _order_rows(row, nothing)


def _order_rows(row: Mapping[str, Any], nothing: Row) -> Iterator[Row]:
    """An order: what it comes to, then each thing in which the sides differ."""
    flat = _flat(row)
    about = {**nothing, "order": row["number"], "reason": row["reason"], "part": row["kind"]}
    about |= {name: flat[name] for name in ("store_at", "pos_at")} | {"document": flat["document"]}
    yield {**about, "what": "order", "store": row["store"], "pos": row["pos"], "difference": row["on_the_day"],
           "words": row["words"]}  # fmt: skip
    for gap in row["gaps"]:
        yield {**about, **gap}


def _flat(row: Mapping[str, Any]) -> Row:
    """Its documents in one cell, and where the sides differ in words."""
    documents = row["documents"]
    gaps = [f"{gap['what']} {gap['name']}".strip() + f" {gap['store']}/{gap['pos']}" for gap in row["gaps"]]
    return {
        **row,
        "document": " ".join(one["document"] for one in documents),
        "pos_at": " ".join(one["at"] for one in documents),
        "words": "; ".join([row["words"], *gaps]),
    }


def _tell(found: Mapping[str, Any]) -> None:
    until = "" if found["from"] == found["to"] else f" to {found['to']}"
    tell(f"{found['from']}{until}, {found['zone']}: {found['words']} in {found['looked']} orders")
    for title, rows, columns in (
        ("Sums", found["channels"], SUM), ("By payment", found["payments"], PAYMENT), ("By tax", found["taxes"], TAX),
        ("What came back", found["refunds"], REFUND),
        ("Differences (store and pos: the order as a whole)", [_flat(row) for row in found["differences"]], ORDER),
        ("Not the same by choice, or on two days", [_flat(row) for row in found["remarks"]], ORDER),
    ):  # fmt: skip
        if rows:
            print(f"\n{title}:")
            show("table", {}, [{**row, "what": row.get("what", "")} for row in rows if _says(row)], columns)
    parts = found["balance"]
    print(
        f"\nWeb orders: shop {parts['store']}, till {parts['pos']}, difference {parts['difference']} ="
        f" differences {parts['differences']} + by choice {parts['by_policy']} + other days {parts['other_days']}"
    )


def _says(row: Mapping[str, Any]) -> bool:
    """Whether a sum says anything: a channel that nobody used is left out of the table."""
    return "difference" not in row or any(row[side] not in ("0", "0.00") for side in ("store", "pos"))
