"""`python -m tillbridge.sandbox`: open the make-believe shop on this computer. Its parts are put together only here."""

from __future__ import annotations

import argparse
import json
import secrets
import signal
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from waitress import create_server

from tillbridge.sandbox.counter import Counter
from tillbridge.sandbox.push import Pusher, poster
from tillbridge.sandbox.routes import Routes
from tillbridge.sandbox.seed import seed
from tillbridge.sandbox.server import LARGEST_BODY, create_app, now
from tillbridge.sandbox.shop import Shop
from tillbridge.sandbox.site import Facts
from tillbridge.sandbox.snapshot import Snapshot
from tillbridge.sandbox.store_auth import Keys


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or Ctrl-C. Exit status 2 for wrong use."""
    wanted = _parser().parse_args(arguments)
    try:
        secret = _one_line(wanted.secret_file)
        keys = _keys(wanted.rest_key_file) if wanted.rest_key_file else None
        snapshot = Snapshot(wanted.database) if wanted.database else None
    except (OSError, ValueError, sqlite3.Error) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, _stop)
    server = create_server(host="127.0.0.1", port=wanted.port, application=_later, threads=4, ident=None,
                           max_request_body_size=LARGEST_BODY)  # fmt: skip
    address = f"http://127.0.0.1:{server.effective_port}"
    shop = Shop(now, lambda: secrets.token_hex(16), Facts(site=wanted.site, address=address))
    if snapshot is not None:
        snapshot.load(shop.state)
    if wanted.seed_demo:
        seed(shop)
    counter = Counter(shop, Routes(shop, secret, keys, address), secret, snapshot)
    pusher = Pusher(counter, poster(wanted.listener)) if wanted.listener else None
    if pusher is not None:
        counter.on_news = pusher.wake
        counter.on_contact = pusher.contact
        pusher.start()
    with counter.serving():
        server.application = create_app(counter)
    print(json.dumps({"address": address}), flush=True)
    try:
        server.run()
    finally:
        server.close()
        if pusher is not None:
            pusher.stop()
        if snapshot is not None:
            snapshot.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tillbridge.sandbox", description="A make-believe web shop.")
    parser.add_argument("--port", required=True, type=int, help="on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--secret-file", required=True, type=Path, help="the secret shared with the daemon")
    parser.add_argument("--listener", default="", help="the daemon's address; without it nothing is pushed")
    parser.add_argument("--site", default="sandbox", help="the id under which this shop is paired")
    parser.add_argument("--database", type=Path, help="keep the shop in this file; without it, in memory only")
    parser.add_argument("--rest-key-file", type=Path, help="a REST key as two lines, ck_… and cs_…; opens wc/v3")
    parser.add_argument("--seed-demo", action="store_true", help="fill an empty shop with a few goods")
    return parser


def _one_line(path: Path) -> str:
    text = path.read_text(encoding="utf-8").strip()
    if not text:
        raise ValueError(f"{path.name} is empty")
    return text


def _keys(path: Path) -> Keys:
    lines = path.read_text(encoding="utf-8").split()
    if len(lines) != 2:
        raise ValueError(f"{path.name}: expected two lines, the consumer key and its secret")
    return Keys(*lines)


def _later(_environ: object, _start: object) -> list[bytes]:
    """Stands in until the address is known; the server does not run before."""
    return []


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    """Waitress answers what it is working on and ends."""
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
