"""`tillbridge init`: writes the settings where there are none, and prints the code with which a shop is paired.

It starts nothing and changes no settings that are there: run again, it only prints a new code, and the one before it is
void.
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import secrets
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from tillbridge.app import SystemClock, listener_address, state_of
from tillbridge.core.pairing import LENGTH
from tillbridge.errors import SettingsError
from tillbridge.pairing import CODE_GOOD_FOR, new_code
from tillbridge.settings import Settings, read, render
from tillbridge.settings.reading import SYSTEM_WIDE
from tillbridge.state import StateFolder
from tillbridge.web import UnixAddress

TOKEN = "pos-token"
HINTS = "pos-webhook-secret"
Place = tuple[str, str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may be said on the command line in place of an answer."""
    parser.add_argument("--yes", action="store_true", help="ask nothing: take what is given here, and defaults")
    parser.add_argument("--pos-url", help="the till system's address")
    parser.add_argument("--pos-token-file", type=Path, help="a file with what opens the till system; it stays there")
    parser.add_argument("--listen", help="where the plugin reaches this daemon (default 127.0.0.1:8642)")
    parser.add_argument("--database", type=Path, help="the file of the books")
    parser.add_argument("--format", choices=("table", "json"), default="table")


def run(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Write what is missing, then print a code. Raises `SettingsError`, `StorageTrouble`."""
    path = (arguments.config or _usual_place()).absolute()
    written = not path.exists()
    if written:
        _write_settings(path, arguments, _told if arguments.yes else _asked, environ)
    settings = read(path, environ)
    code = new_code(state_of(settings), SystemClock(), secrets.randbits(5 * LENGTH), _listener(settings))
    if arguments.format == "json":
        print(json.dumps({"settings": str(path), "written": written, "code": code}))
        return 0
    print(f"Settings {'written to' if written else 'stay as they are in'} {path}")
    print(f"The code, good for {CODE_GOOD_FOR.total_seconds() / 60:.0f} minutes and for one shop:\n\n    {code}\n")
    print(f"1. Start the daemon, if it is not running:   tillbridge run --config {path}")
    print(f"2. In WordPress:                             wp tillbridge connect {code}")
    print("   or without a shell:                       WooCommerce > Tillbridge, field \"One-time code\"")
    return 0


def _usual_place() -> Path:
    return SYSTEM_WIDE if SYSTEM_WIDE.exists() or os.geteuid() == 0 else Path("settings.ini")


Answer = Callable[[str, str, str | None], str]
"""Asks for something by name, with the answer that was given on the command line, and a default (None: none)."""


def _asked(question: str, default: str, given: str | None) -> str:
    if given is not None:
        return given
    hint = f" [{default}]" if default else ""
    return input(f"{question}{hint}: ").strip() or default


def _told(_question: str, default: str, given: str | None) -> str:
    return default if given is None else given


def _write_settings(path: Path, arguments: argparse.Namespace, answer: Answer, environ: Mapping[str, str]) -> None:
    database = Path(answer("File of the books", str(_default_database(path)), _text(arguments.database))).absolute()
    values: dict[Place, str] = {
        ("daemon", "database"): f"sqlite://{database}",
        ("listener", "listen"): answer("Where the plugin reaches this daemon", "127.0.0.1:8642", arguments.listen),
        ("pos", "url"): answer("Address of the till system", "", arguments.pos_url),
    }
    token: Path | None = arguments.pos_token_file
    if not values["pos", "url"]:
        raise SettingsError(["pos.url: found nothing, allowed: --pos-url ADDRESS, or answer the question"])
    if token is None and arguments.yes:
        raise SettingsError(["pos.token: found nothing, allowed: --pos-token-file FILE, or leave --yes out"])
    state = StateFolder(database.parent)
    if token is None:
        token = state.write(TOKEN, getpass.getpass("What opens the till system (token, not shown): ", sys.stderr))
    hints = state.write(HINTS, secrets.token_hex(32))
    values |= {("pos", "token"): f"file:{token.absolute()}", ("pos", "webhook_secret"): f"file:{hints}"}
    text = render(values)
    fresh = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(text, encoding="utf-8")
        read(fresh, environ)
        fresh.replace(path)
    except OSError as error:
        raise SettingsError([f"settings: {path} cannot be written: {error.strerror}"]) from error
    finally:
        fresh.unlink(missing_ok=True)


def _default_database(path: Path) -> Path:
    system = Path("/var/lib/tillbridge/tillbridge.sqlite3")
    return system if path == SYSTEM_WIDE else path.parent / system.name


def _listener(settings: Settings) -> str:
    where = listener_address(settings)
    if isinstance(where, UnixAddress):
        return f"unix:{where.path}"
    host = f"[{where.host}]" if ":" in where.host else where.host
    if where.port == 0:
        raise SettingsError(["listener.listen: found port 0, allowed: a fixed port, since the shop must know it"])
    return f"{host}:{where.port}"


def _text(value: Path | None) -> str | None:
    return None if value is None else str(value)
