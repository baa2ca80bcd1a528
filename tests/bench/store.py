"""A real shop for a benchmark: made for it and removed after it, or a word on what is missing."""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import NoReturn

from tests.bench.report import Result, publish
from tests.e2e import servers
from tests.e2e.report import Tell
from tests.e2e.wordpress import RealShop, Sources
from tillbridge.sides.http import HttpExchange
from tillbridge.sides.woocommerce.side import StoreSide

MISSING = 3


def parser(name: str) -> argparse.ArgumentParser:
    """What every benchmark on a real store understands."""
    made = argparse.ArgumentParser(
        prog=f"python -m tests.bench {name}",
        description=f"Needs a real WooCommerce: {', '.join(Sources.NAMES)}.",
    )
    made.add_argument("--json", action="store_true", help="only the closing line of JSON")
    return made


def on_a_real_store(chosen: argparse.Namespace, measure: Callable[[RealShop, Tell], Result]) -> int:
    """Make a shop, measure, remove every trace; the exit status."""
    signal.signal(signal.SIGTERM, _terminated)
    tell: Tell = (lambda _: None) if chosen.json else (lambda line: print(line, flush=True))
    try:
        for names in (servers.MARIADB, servers.NGINX, servers.PHP_FPM):
            servers.program(*names)
        shop = RealShop(Sources.read(os.environ))
    except servers.Missing as error:
        print(f"bench: {error}", file=sys.stderr)
        return MISSING
    tell(f"a real shop is being made; load of this machine {load()}")
    with shop:
        try:
            result = measure(shop, tell)
            complaints = shop.complaints()
        except Exception:
            print(shop.tail(), file=sys.stderr)
            raise
        for line in complaints[:5]:
            print(f"PHP complains: {line}", file=sys.stderr)
    figures = {**result.figures, "load": load(), "complaints": len(complaints)}
    return publish(Result(result.name, result.promise, result.holds and not complaints, figures, result.runs))


def side_of(shop: RealShop) -> StoreSide:
    """The shop as the daemon has it, with the daemon's own patience."""
    return StoreSide(
        HttpExchange(shop.url), shop.secret, lambda: secrets.token_hex(16), lambda: datetime.now(UTC), site=shop.site
    )


def load() -> str:
    """How busy this machine is: 1, 5 and 15 minutes."""
    return " ".join(Path("/proc/loadavg").read_text(encoding="utf-8").split()[:3])


def _terminated(_number: int, _frame: FrameType | None) -> NoReturn:
    """End like an exception would, so that everything is cleaned up."""
    raise SystemExit(143)
