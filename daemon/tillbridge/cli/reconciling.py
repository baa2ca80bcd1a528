"""Runs: reconcile (compare each side with its own account), undo, and what runs came to."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping
from typing import Any

from tillbridge.cli.asking import ask, order, settings_of
from tillbridge.cli.bar import Bar
from tillbridge.cli.exits import FOUND, UNREACHABLE, WELL
from tillbridge.cli.listing import show, tell
from tillbridge.cli.words import Verbs, number, takes_list_format
from tillbridge.ports import DONE, LOOKING, WAITING
from tillbridge.runs import MOST_ROWS
from tillbridge.settings import Settings

FINDING = ("side", "sku", "outlet", "level", "known", "difference", "verdict", "words")
TAKEN_BACK = ("sku", "side", "amount", "words")
RULING = ("sku", "kind", "document", "words")
HEAD = ("run", "kind", "scope", "state", "started", "seconds", "findings", "words")

LOOKS_EVERY = 1.0
"""Seconds between two looks at a run that is waited for."""

SHOWN = 50
"""Findings that a table shows all of; of more it shows the largest."""


def add(verbs: Verbs) -> None:
    reconcile = verbs.add(
        "reconcile",
        _reconcile,
        "Compare each side with its own account, and mend what differs twice. It takes a minute where something does.",
    )
    reconcile.add_argument("what", metavar="SKU", nargs="?", default="", help="only this item")
    reconcile.add_argument("--dry-run", action="store_true", help="find what differs, and enter nothing")
    reconcile.add_argument("--no-wait", action="store_true", help="only begin; `tillbridge runs` shows the rest")
    takes_list_format(reconcile)
    undo = verbs.add("undo", _undo, "Take back what a run carried over; what happened on a side stays there.")
    undo.add_argument("run", metavar="RUN", type=number)
    takes_list_format(undo)
    runs = verbs.add("runs", _runs, "The latest runs, or one of them with all that it found.")
    runs.add_argument("run", metavar="RUN", nargs="?", type=number)
    takes_list_format(runs)


def _reconcile(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    body: dict[str, object] = {"what": arguments.what, "dry_run": arguments.dry_run}
    begun = order(settings, "reconcile", body)
    if arguments.no_wait:
        if arguments.format == "table":
            tell(f"run {begun['run']} is under way; `tillbridge runs {begun['run']}` shows it")
        else:
            show(arguments.format, begun, [{**begun, "findings": begun["totals"]["findings"]}], HEAD)
        return WELL
    _wait(settings, int(begun["run"]))
    return _told(_whole(settings, int(begun["run"])), arguments.format)


def _wait(settings: Settings, run: int) -> None:
    """Until it is over. Who does not want to wait may go: the run goes on."""
    bar = Bar(sys.stderr)
    try:
        while True:
            found = ask(settings, "run", {"id": str(run), "rows": "0"})
            if found["state"] not in (LOOKING, WAITING):
                return
            bar.draw(int(found["progress"]["percent"]), f"run {run} {found['progress']['words']}")
            time.sleep(LOOKS_EVERY)
    except KeyboardInterrupt:
        bar.clear()
        print(f"run {run} goes on; `tillbridge runs {run}` shows it", file=sys.stderr)
        raise
    finally:
        bar.clear()


def _whole(settings: Settings, run: int) -> dict[str, Any]:
    return ask(settings, "run", {"id": str(run), "rows": str(MOST_ROWS)})


def _told(found: Mapping[str, Any], form: str) -> int:
    """Print a run; whether it found something, or could not look."""
    if form == "table":
        _tell_run(found)
    else:
        show(form, found, found["rows"], FINDING)
    if found["unreachable"]:
        return UNREACHABLE
    return WELL if found["state"] == DONE and not found["totals"]["findings"] and not found["moving"] else FOUND


def _tell_run(found: Mapping[str, Any]) -> None:
    totals = found["totals"]
    tell(f"run {found['run']} ({found['kind']}{' ' + found['scope'] if found['scope'] else ''}): {found['words']}")
    if len(found["rows"]) <= SHOWN:
        show("table", found, found["rows"], FINDING)
    else:
        print(f"the {len(found['worst'])} largest; --format=csv lists all:")
        show("table", found, found["worst"], FINDING)
    show("table", found, found["rulings"], RULING)
    if found["looked"] is not None:
        sides = ", ".join(f"{side} {count}" for side, count in totals["by_side"].items())
        moving = f", {found['moving']} still moving" if found["moving"] else ""
        print(
            f"{found['looked']} levels of {found['links']} items in {found['seconds']:g} s:"
            f" {totals['findings']} differ ({sides}), rises {totals['rises']}, falls {totals['falls']}{moving}"
        )


def _undo(arguments: argparse.Namespace) -> int:
    found = order(settings_of(arguments), "undo", {"run": arguments.run})
    if arguments.format == "table":
        so_far = f" so far; it goes on, `tillbridge runs {found['run']}` shows it" if found["state"] != DONE else ""
        done = f"{found['undone']} of run {found['undid']} taken back, {len(found['left'])} left"
        print(f"run {found['run']}: {done}{so_far}")
        show("table", found, found["rows"], TAKEN_BACK)
        if found["left"]:
            print("left as it is:")
            show("table", found, found["left"], TAKEN_BACK)
    else:
        show(arguments.format, found, found["rows"], TAKEN_BACK)
    return FOUND if found["left"] else WELL


def _runs(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    if arguments.run is not None:
        return _told(_whole(settings, arguments.run), arguments.format)
    found = ask(settings, "runs")
    show(arguments.format, found, found["rows"], HEAD)
    return WELL
