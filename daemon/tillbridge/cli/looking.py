"""Looking closely: doctor (every hop), check (data and accounts), resync (one item), webhook."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from tillbridge.app import SystemClock, build_sides, find_shop, open_books
from tillbridge.cli.asking import ask, order, settings_of
from tillbridge.cli.exits import FOUND, UNREACHABLE, WELL
from tillbridge.cli.listing import show, show_whole, tell
from tillbridge.cli.words import Verbs, takes_format, takes_list_format
from tillbridge.db.books import SqlBooks
from tillbridge.errors import NotSent, StorageTrouble
from tillbridge.reception import check, examine_alone
from tillbridge.settings import Settings
from tillbridge.web.caller import NotDaemon

HOP = ("state", "name", "detail", "fix")
LINE = ("line", "sku", "ref", "holds", "known", "difference", "note")
RULE = ("name", "value", "source")
COMPARED = ("side", "outlet", "ref", "level", "known", "difference", "waiting", "note")


def add(verbs: Verbs) -> None:
    takes_list_format(verbs.add("doctor", _doctor, "Look at every hop from shop to till, and say how to mend it."))
    takes_format(verbs.add("check", _check, "Check the settings and both sides before anything moves."))
    resync = verbs.add("resync", _resync, "Read both sides of one item now, or the lines of an order, and compare.")
    resync.add_argument("what", metavar="SKU|ORDER")
    takes_list_format(resync)
    webhook = verbs.add("webhook", _webhook, "Whether the till says by itself that it has news; switch that on or off.")
    webhook.add_argument("do", nargs="?", choices=("status", "enable", "disable"), default="status")
    takes_format(webhook)


def _doctor(arguments: argparse.Namespace) -> int:
    """Looks for itself where no daemon answers: that is when a doctor is called."""
    settings = settings_of(arguments)
    ended = None
    try:
        found: Mapping[str, Any] = ask(settings, "doctor")
    except (NotSent, NotDaemon) as error:
        ended = UNREACHABLE
        clock = SystemClock()
        found = examine_alone(settings, *build_sides(settings, find_shop(settings), clock), clock, str(error))
    if arguments.format == "table":
        _tell_hops(found["hops"])
    else:
        show(arguments.format, found, found["hops"], HOP)
    return ended if ended is not None else WELL if found["well"] else FOUND


def _tell_hops(hops: Sequence[Mapping[str, str]]) -> None:
    for hop in hops:
        tell(f"{hop['state']:<8} {hop['name']}: {hop['detail']}")
        if hop["fix"]:
            tell(f"         -> {hop['fix']}")


def _check(arguments: argparse.Namespace) -> int:
    """Asks the sides itself: it is meant for the time before the daemon runs, too."""
    settings = settings_of(arguments)
    if settings.pos.hints and settings.pos.webhook_secret is None:
        print("remark: without [pos] webhook_secret the till cannot say that it has news;"
              f" its sales are seen every {settings.pos.poll_every:g} s", file=sys.stderr)  # fmt: skip
    shop, clock = find_shop(settings), SystemClock()
    sides, books = build_sides(settings, shop, clock), _books(settings, clock)
    found: Mapping[str, Any] = check(settings, shop, *sides, books, clock)
    if arguments.format == "table":
        tell_check(found)
    else:
        show_whole(arguments.format, found)
    return WELL if found["well"] else FOUND


def _books(settings: Settings, clock: SystemClock) -> SqlBooks | None:
    """The books, where there are any yet."""
    with suppress(StorageTrouble):
        return open_books(settings, clock)
    return None


def tell_check(found: Mapping[str, Any]) -> None:
    """For a person: both sides, the settings, and the policy in force with where each value comes from."""
    for name, report in found["sides"].items():
        facts = ", ".join(f"{key} {value}" for key, value in report["facts"].items())
        tell(f"{name}: {'well' if not report['problems'] else 'needs you'}" + (f" ({facts})" if facts else ""))
        for problem in report["problems"]:
            tell(f"  - {problem}")
    print(f"settings: {'needs you' if found['problems'] else 'well'}")
    for problem in found["problems"]:
        tell(f"  - {problem}")
    if found["held_out"]:
        print(f"{len(found['held_out'])} held out of the sync: tillbridge queue")
    print("The policy in force:")
    show("table", {}, found["policy"], RULE)


def _resync(arguments: argparse.Namespace) -> int:
    found = order(settings_of(arguments), "resync", {"what": arguments.what})
    if arguments.format == "table":
        tell(f"{found['what']}: {'in step' if found['in_step'] else 'not in step'}")
    if found["order"] is None:
        show(arguments.format, found, found["rows"], COMPARED)
    else:
        if arguments.format == "table":
            tell(f"order {found['order']['order']}: {found['order']['words']}")
        show(arguments.format, found, found["order"]["lines"], LINE)
    return WELL if found["in_step"] else FOUND


def _webhook(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    asked = arguments.do == "status"
    found = ask(settings, "webhook") if asked else order(settings, "webhook", {"do": arguments.do})
    if arguments.format == "table":
        word = {True: "on", False: "off", None: "unknown"}[found["enabled"]]
        tell(f"{word}: {found['detail']}" + (f" ({found['url']})" if found["url"] else ""))
    else:
        show_whole(arguments.format, found)
    return FOUND if found["enabled"] is None else WELL
