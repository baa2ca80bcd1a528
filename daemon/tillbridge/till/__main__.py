"""`python -m tillbridge.till`: run the till on this computer. Here its parts are put together, and only here."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import sqlite3
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from waitress import create_server

from tillbridge.till import demo, reading, storage
from tillbridge.till.api import About, Api
from tillbridge.till.book import Book
from tillbridge.till.catalogue import Outlet
from tillbridge.till.gate import Gate
from tillbridge.till.page import Page
from tillbridge.till.reading import LARGEST_BODY
from tillbridge.till.refusal import Refusal
from tillbridge.till.register import Register
from tillbridge.till.rules import Rules, Tax
from tillbridge.till.server import create_app
from tillbridge.till.settings import webhook_of
from tillbridge.till.webhook import Hints


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or Ctrl-C. Exit status 2 for wrong use."""
    wanted = _parser().parse_args(arguments)
    try:
        token = _token(wanted.token_file)
        outlets = _outlets(wanted.outlets)
        connection = storage.open_file(str(wanted.database))
    except (OSError, ValueError, storage.NewerDatabase, sqlite3.Error) as error:
        print(f"till: {error}", file=sys.stderr)
        return 2
    hints = Hints(_now, _new_id)
    book = Book(connection, _now, _new_id, lambda head: hints.tell(webhook_of(book), head))
    for outlet in outlets:
        book.catalogue.open_outlet(outlet)
    if wanted.seed_demo:
        demo.seed(book)
    rules = book.memory.rules()
    book.memory.keep_rules(
        replace(rules, payment_types=wanted.payment_types or rules.payment_types, taxes=wanted.taxes or rules.taxes)
    )
    about = About(wanted.name, wanted.currency)
    page = Page(about, Register(book, _new_id), Gate(secrets.token_bytes(32), _new_id))
    hints.start()
    try:
        _serve(create_app(Api(book, token, about), page), wanted.port)
    finally:
        hints.stop()
        connection.close()
    return 0


def _serve(app: object, port: int) -> None:
    server = create_server(
        app, host="127.0.0.1", port=port, threads=4, ident=None, max_request_body_size=2 * LARGEST_BODY
    )
    signal.signal(signal.SIGTERM, _stop)
    print(json.dumps({"address": f"http://127.0.0.1:{server.effective_port}"}), flush=True)
    try:
        server.run()
    finally:
        server.close()


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    """Waitress answers what it is working on and ends."""
    raise SystemExit(0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tillbridge.till", description="A small point of sale.")
    parser.add_argument(
        "--database", required=True, type=Path, help="the till's books, an SQLite file; made if missing"
    )
    parser.add_argument("--port", required=True, type=int, help="on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--token-file", required=True, type=Path, help="the token for programs; made if missing")
    parser.add_argument("--outlets", default="main", help='ids, names if you like: "main=Main street,annex"')
    parser.add_argument("--name", default="Till", help="what it calls itself")
    parser.add_argument("--currency", default="EUR", help="three letters")
    parser.add_argument("--payment-types", type=_names, help='names, such as "cash,card,voucher"; kept with the books')
    parser.add_argument(
        "--taxes", type=_taxes, help='names and per cent, such as "VAT 19=19,VAT 7=7"; kept with the books'
    )
    parser.add_argument("--seed-demo", action="store_true", help="fill an empty till with a few items")
    return parser


def _names(text: str) -> tuple[str, ...]:
    return _rules({"payment_types": [part.strip() for part in text.split(",") if part.strip()]}).payment_types


def _taxes(text: str) -> tuple[Tax, ...]:
    pairs = (part.rpartition("=") for part in text.split(",") if part.strip())
    return _rules({"taxes": [{"name": name.strip(), "percent": percent.strip()} for name, _, percent in pairs]}).taxes


def _rules(body: dict[str, Any]) -> Rules:
    try:
        return reading.rules(body, Rules())
    except Refusal as no:
        raise argparse.ArgumentTypeError(no.message) from None


def _outlets(text: str) -> list[Outlet]:
    outlets = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        outlet, _, name = part.partition("=")
        outlets.append(Outlet(outlet.strip(), name.strip() or outlet.strip().capitalize()))
    if not outlets:
        raise ValueError("--outlets: name at least one")
    return outlets


def _token(path: Path) -> str:
    """The token in the file; a new one, readable by this user only, where there is no file."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        token = path.read_text(encoding="utf-8").strip()
    else:
        token = secrets.token_urlsafe(32)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(token + "\n")
    if not token:
        raise ValueError(f"--token-file: {path.name} is empty")
    return token


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    return secrets.token_hex(16)


if __name__ == "__main__":
    sys.exit(main())
