"""The `tillbridge` command: one verb each for what a person asks of the bridge.

Exit status: 0 well, 1 found something, 2 wrong use or settings, 3 cannot reach, 4 refused.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tillbridge import __version__, demo, init, log
from tillbridge.app import (
    SystemClock,
    build,
    build_sides,
    find_shop,
    known_secrets,
    listener_address,
    open_books,
)
from tillbridge.core.stock import SideName
from tillbridge.demo.stage import Voice
from tillbridge.errors import BridgeError, NotSent, SettingsError, StorageTrouble, Unauthorised
from tillbridge.running import Bridge, Ending
from tillbridge.settings import Settings, locate, read
from tillbridge.shop import NotPaired
from tillbridge.steer import FLOWS
from tillbridge.web.caller import NotDaemon, call

WELL, FOUND, WRONG_USE, UNREACHABLE, REFUSED = range(5)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit status."""
    arguments = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = arguments.command
    try:
        return command(arguments)
    except SettingsError as error:
        print("The settings cannot be used:", *(f"  {line}" for line in error.problems), sep="\n", file=sys.stderr)
        return WRONG_USE
    except NotPaired as error:
        return _say(error, WRONG_USE)
    except Unauthorised as error:
        return _say(error, REFUSED)
    except (NotSent, NotDaemon) as error:
        return _say(error, UNREACHABLE)
    except StorageTrouble as error:
        return _say(error, REFUSED)
    except BridgeError as error:
        return _say(error, FOUND)
    except KeyboardInterrupt:
        return WELL


def _say(error: BridgeError, status: int) -> int:
    print(f"tillbridge: {error}", file=sys.stderr)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tillbridge", description="Keeps a WooCommerce shop and the till in step.")
    parser.add_argument("--version", action="version", version=f"tillbridge {__version__}")
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    def verb(name: str, command: Callable[[argparse.Namespace], int], meaning: str) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=meaning, description=meaning)
        added.set_defaults(command=command)
        if name != "demo":
            added.add_argument(
                "--config", type=Path, help="the settings file (else /etc/tillbridge/settings.ini, else ./settings.ini)"
            )
        return added

    init.add_arguments(verb("init", _init, "Write the settings, and print the code that pairs a shop."))
    verb("disconnect", _part, "Part from the shop: the daemon forgets its secrets, and keeps its books.")
    verb("run", _run, "Run the daemon until it is told to stop.")
    verb("check", _check, "Check the settings and both sides before anything moves.").add_argument(
        "--format", choices=("table", "json"), default="table"
    )
    verb("status", _status, "Are shop and till in step, and what needs a person?").add_argument(
        "--format", choices=("table", "json"), default="table"
    )
    for name, meaning in (
        ("sync", "Look at both sides now, and try again what failed."),
        ("pause", "Stop writing to one side or both; listening goes on, nothing is lost."),
        ("resume", "Go on writing."),
    ):
        steering = verb(name, _steer(name), meaning)
        steering.add_argument("flow", nargs="?", choices=tuple(FLOWS), default="all")
        steering.add_argument("--format", choices=("table", "json"), default="table")
    queue = verb(
        "queue", _queue, "List what waits for a person or is being tried again, and what is held out of the sync."
    )
    queue.add_argument("--format", choices=("table", "json"), default="table")
    trial = verb("demo", _demo, "A till, a shop and the bridge on this machine, selling on both sides.")
    trial.add_argument("--seconds", type=float, help="end by itself after so many seconds")
    trial.add_argument("--json", action="store_true", help="print only one JSON object, at the end")
    return parser


def _settings(arguments: argparse.Namespace) -> Settings:
    settings = read(locate(arguments.config, Path.cwd()), os.environ)
    log.configure(settings.log.level, settings.log.format, known_secrets(settings))
    return settings


def _init(arguments: argparse.Namespace) -> int:
    return init.run(arguments, os.environ)


def _run(arguments: argparse.Namespace) -> int:
    settings = _settings(arguments)
    os.umask(0o077)  # what the daemon makes is its own: the books tell what the shop sells
    ending = Ending()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.stop.set())
    bridge = build(settings, os.environ, ending)
    bridge.start()
    paired = isinstance(bridge, Bridge)
    print(json.dumps({"ready": True, "listener": bridge.server.address, "paired": paired}), flush=True)
    bridge.supervise(ending.stop)
    well = bridge.stop()
    if ending.renews:
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # anew, with what was agreed
    return WELL if well else FOUND


def _check(arguments: argparse.Namespace) -> int:
    settings = _settings(arguments)
    if settings.pos.hints and settings.pos.webhook_secret is None:
        print("remark: without [pos] webhook_secret the till cannot say that it has news;"
              f" its sales are seen every {settings.pos.poll_every:g} s", file=sys.stderr)  # fmt: skip
    reports = {str(side.name): side.check() for side in build_sides(settings, find_shop(settings), SystemClock())}
    if arguments.format == "json":
        print(json.dumps({name: {"problems": one.problems, "facts": one.facts} for name, one in reports.items()}))
    else:
        for name, report in reports.items():
            facts = ", ".join(f"{key} {value}" for key, value in report.facts.items())
            print(f"{name}: {'well' if not report.problems else 'needs you'}" + (f" ({facts})" if facts else ""))
            for problem in report.problems:
                _tell(f"  - {problem}")
    return FOUND if any(report.problems for report in reports.values()) else WELL


def _ask(settings: Settings, method: str, path: str, body: dict[str, object] | None = None) -> dict[str, Any]:
    secret = find_shop(settings).secret.reveal().encode()
    return call(listener_address(settings), secret, SystemClock().wall, secrets.token_hex(16), method, path, body)


def _part(arguments: argparse.Namespace) -> int:
    _ask(_settings(arguments), "POST", "/v1/control/disconnect", {})
    print("Parted. The shop still has its half: `wp tillbridge disconnect --forget`, or its page, removes it.")
    return WELL


def _status(arguments: argparse.Namespace) -> int:
    status = _ask(_settings(arguments), "GET", "/v1/control/status")
    _print_status(status, arguments.format)
    return WELL if status.get("in_step") else FOUND


def _steer(name: str) -> Callable[[argparse.Namespace], int]:
    def command(arguments: argparse.Namespace) -> int:
        answer = _ask(_settings(arguments), "POST", f"/v1/control/{name}", {"flow": arguments.flow})
        _print_status(answer, arguments.format)
        return WELL

    return command


def _print_status(status: Mapping[str, Any], form: str) -> None:
    if form == "json":
        print(json.dumps(status))
        return
    print("In step." if status["in_step"] else "Not in step yet.")
    print(f"  linked {status['links']}, waiting {status['waiting']}, parked {status['parked']}, dead {status['dead']}")
    for reason, number in status["held_out"].items():
        print(f"  held out ({reason}): {number}")
    for why in sorted(set(status["stopped"].values())):
        _tell(f"  STOPPED: {why}")
    for side in status["paused"]:
        if side not in status["stopped"]:
            print(f"  writing to the {side} is paused: tillbridge resume")
    for name in SideName:
        side = status["sides"][name]
        heard = side["feed_read_seconds_ago"]
        news = "never heard" if heard is None else f"heard {heard:g} s ago"
        _tell(f"  {name}: {'reachable' if side['reachable'] else 'AWAY: ' + side['trouble']}, {news}")


def _tell(line: str) -> None:
    """Print what others may have had a hand in (a SKU, an answer of the POS): it must not steer the terminal."""
    print(log.printable(line))


def _queue(arguments: argparse.Namespace) -> int:
    """Reads the database itself, so that it answers with the daemon down too."""
    books = open_books(_settings(arguments), SystemClock())
    waiting, held = books.waiting(1000), books.held()
    if arguments.format == "json":
        rows = [{name: getattr(one, name) for name in one.__slots__} for one in waiting]
        print(json.dumps({"waiting": rows, "held_out": [asdict(one) for one in held]}))
    else:
        for one in waiting:
            why = f"{one.reason or 'retrying'}, {one.attempts} tries"
            _tell(f"{one.id} {one.state} {one.key} ({why}): {one.sentence}")
        for item in held:
            _tell(f"{item.side} {item.ref} {item.sku or '-'} {item.name!r} held out ({item.reason}): {item.sentence}")
        print(f"{len(waiting)} waiting, {len(held)} held out")
    return FOUND if waiting or held else WELL


def _demo(arguments: argparse.Namespace) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # its programs must not outlive it
    return demo.run(arguments.seconds, Voice.JSON if arguments.json else Voice.WORDS)
