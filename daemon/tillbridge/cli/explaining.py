"""Why a number is what it is."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from tillbridge.cli.asking import ask, settings_of
from tillbridge.cli.exits import FOUND, WELL
from tillbridge.cli.listing import show, show_whole, tell
from tillbridge.cli.words import Verbs, number, takes_format
from tillbridge.why import LINES

ACCOUNT = ("side", "outlet", "opening", "born", "written", "known", "under_way")
FORMULA = ("name", "figures", "result", "words")
TARGET = ("side", "target", "known", "next_write", "words")
ENTRY = ("side", "outlet", "at", "amount", "sum", "cause", "document", "run", "words")
OF_ORDER = ("sku", "side", "at", "amount", "cause", "line", "words")
OF_DOCUMENTS = ("line", "item", "quantity", "net", "tax", "stock", "name")
RULING = ("at", "run", "kind", "document", "changes", "words")
LINE = ("order", "line", "status", "admitted", "gone", "position", "booked")
SIGHTING = ("side", "outlet", "level", "difference", "since")
ALERT = ("since", "kind", "amount", "words")

Rows = Sequence[Mapping[str, Any]]


def add(verbs: Verbs) -> None:
    why = verbs.add("why", _why, "Where every number of an item comes from, or of an order by its number.")
    why.add_argument("what", metavar="SKU|ORDER")
    why.add_argument("--lines", type=number, default=LINES, help="lines of the journal for each account")
    takes_format(why)


def _why(arguments: argparse.Namespace) -> int:
    query = {"what": arguments.what, "lines": str(arguments.lines)}
    found = ask(settings_of(arguments), "why", query)
    if arguments.format != "table":
        show_whole(arguments.format, found)
    else:
        for link in found["links"]:
            _tell_link(link)
        for ended in found.get("ended", ()):
            pair = f"product {ended['store_ref']}, item {ended['pos_ref']}"
            tell(f"{found['what']}, until {ended['at']} ({pair}): {ended['words']}")
        if found["order"] is not None:
            _tell_order(found["order"])
    return WELL if all(link["explained"] for link in found["links"]) else FOUND


def _tell_link(link: Mapping[str, Any]) -> None:
    tell(f"{link['sku']}: product {link['store_ref']} of the shop, item {link['pos_ref']} of the till")
    if not link["explained"]:
        print("  THE JOURNAL DOES NOT ADD UP to what is known: this is a defect of Tillbridge, please report it")
    _part("What each side has, as far as is known", link["accounts"], ACCOUNT)
    _part("What each side should have", link["formulas"], FORMULA)
    _part("What follows", link["targets"], TARGET)
    _part("Orders that hold some of it", [_answered(line) for line in link["orders"]], LINE)
    _part("The journal", [_spaced(entry) for entry in link["entries"]], ENTRY)
    _part("What a person or an undo moved, the latest first", [_changes(one) for one in link["rulings"]], RULING)
    _part("Differences that were seen, and not acted on yet", link["sightings"], SIGHTING)
    _part("What you were told", link["alerts"], ALERT)


def _tell_order(order: Mapping[str, Any]) -> None:
    status = f" ({order['status']})" if order["status"] else ""
    tell(f"{order['order']}{status}: {order['words']}")
    _part("Its lines", order["lines"], ("sku", "line", "position", "booked"))
    papers = order.get("documents")
    if papers is not None:
        print()
        tell(f"Documents: {papers['words']}")
        _part("What the till has of it", papers["lines"], OF_DOCUMENTS)
    _part("What moved for it", order["entries"], OF_ORDER)


def _part(title: str, rows: Rows, columns: Sequence[str]) -> None:
    if rows:
        print(f"\n{title}:")
        show("table", {}, rows, columns)


def _answered(line: Mapping[str, Any]) -> Mapping[str, Any]:
    words = {True: "yes", False: "no"}
    return {**line, "admitted": words[line["admitted"]], "gone": words[line["gone"]]}


def _spaced(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the line for all earlier ones has not is no unknown."""
    return {name: "" if value is None else value for name, value in entry.items()}


def _changes(ruling: Mapping[str, Any]) -> Mapping[str, Any]:
    changes = ", ".join(f"{name} {amount}" for name, amount in ruling["changes"].items())
    return {**ruling, "changes": changes, "run": ruling["run"] or ""}
