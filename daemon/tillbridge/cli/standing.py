"""How things stand, and steering: status, sync, pause, resume."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from tillbridge.cli.asking import ask, order, settings_of
from tillbridge.cli.exits import FOUND, WELL
from tillbridge.cli.listing import show_whole, tell
from tillbridge.cli.words import Command, Verbs, takes_format
from tillbridge.core.stock import SideName
from tillbridge.steer import FLOWS


def add(verbs: Verbs) -> None:
    takes_format(verbs.add("status", _status, "Are shop and till in step, and what needs a person?"))
    for name, meaning in (
        ("sync", "Look at both sides now, and try again what failed."),
        ("pause", "Stop writing to one side or both; listening goes on, nothing is lost."),
        ("resume", "Go on writing."),
    ):
        verb = verbs.add(name, _steer(name), meaning)
        verb.add_argument("flow", nargs="?", choices=tuple(FLOWS), default="all")
        takes_format(verb)


def _status(arguments: argparse.Namespace) -> int:
    status = ask(settings_of(arguments), "status")
    _print(status, arguments.format)
    return WELL if is_well(status) else FOUND


def is_well(status: Mapping[str, Any]) -> bool:
    """In step, both sides there, and nothing that a person should look at."""
    there = all(side["reachable"] for side in status["sides"].values())
    asked = status["decisions"] or status["alerts_total"] or status["reconcile"]["failed"]
    return bool(status["in_step"] and there and not asked)


def _steer(name: str) -> Command:
    def command(arguments: argparse.Namespace) -> int:
        _print(order(settings_of(arguments), name, {"flow": arguments.flow}), arguments.format)
        return WELL

    return command


def _verdict(status: Mapping[str, Any]) -> str:
    if not status["in_step"]:
        return "Not in step yet."
    return f"In step since {status['in_step_since']}." if status["in_step_since"] else "In step."


def _tell_reconcile(reconcile: Mapping[str, Any]) -> None:
    ended = reconcile["ended_well"]
    words = "not yet" if ended is None else f"well at {ended} (run {reconcile['run']})"
    print(f"  both sides compared: {words}")
    if reconcile["failed"]:
        tell(f"  THE LAST COMPARISON FAILED at {reconcile['failed_at']}: {reconcile['failed']}")


def _print(status: Mapping[str, Any], form: str) -> None:
    if form != "table":
        show_whole(form, status)
        return
    print(_verdict(status))
    print(f"  linked {status['links']}, waiting {status['waiting']}, parked {status['parked']}, dead {status['dead']}")
    for reason, number in status["held_out"].items():
        print(f"  held out ({reason}): {number}")
    if status["decisions"]:
        print(f"  {status['decisions']} waiting for your word: tillbridge decide")
    _tell_reconcile(status["reconcile"])
    for alert in status["alerts"]:
        tell(f"  since {alert['since']}: {alert['words']}")
    if status["alerts_total"] > len(status["alerts"]):
        print(f"  and {status['alerts_total'] - len(status['alerts'])} more to be told")
    for why in sorted(set(status["stopped"].values())):
        tell(f"  STOPPED: {why}")
    for side in status["paused"]:
        if side not in status["stopped"]:
            print(f"  writing to the {side} is paused: tillbridge resume")
    for name in SideName:
        side = status["sides"][name]
        heard = side["feed_read_seconds_ago"]
        news = "never heard" if heard is None else f"heard {heard:g} s ago"
        tell(f"  {name}: {'reachable' if side['reachable'] else 'AWAY: ' + side['trouble']}, {news}")
