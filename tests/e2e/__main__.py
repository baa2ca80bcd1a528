"""Runs one flow by name on a real WooCommerce: `python -m tests.e2e first-sale [--keep] [--json]`; `all` runs each, on
a shop of its own.

Exit status: 0 all of it holds, 1 something does not, 2 wrong use, 3 something that the flows need is not there.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from types import FrameType
from typing import NoReturn

from tests.e2e import (
    changed_goods,
    commands,
    concurrency,
    contract,
    copies,
    first_sale,
    orders,
    other_flows,
    other_shops,
    outages,
    payments,
    pos_changes,
    servers,
    spoiled,
    store_changes,
)
from tests.e2e.report import Tell, commit
from tests.e2e.wordpress import RealShop, Sources

ALL = "all"
Flow = Callable[[RealShop, Tell], int]
FLOWS: Mapping[str, Flow] = {
    "first-sale": first_sale.run,
    "contract": contract.run,
    "commands": commands.run,
    "outages": outages.run,
    "concurrency": concurrency.run,
    "copies": copies.run,
    "store-changes": store_changes.run,
    "other-flows": other_flows.run,
    "payments": payments.run,
    "other-shops": other_shops.run,
    "changed-goods": changed_goods.run,
    "pos-changes": pos_changes.run,
    "spoiled": spoiled.run,
    "few-orders": orders.run_few,
    "orders": orders.run,
}


def main(arguments: list[str]) -> int:
    """Make a shop, play the flow, remove every trace."""
    wanted = _parser().parse_args(arguments)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _terminated)
    tell: Tell = (lambda _: None) if wanted.json else (lambda line: print(line, flush=True))
    try:
        _look_for_servers()
        sources = Sources.read(os.environ)
    except servers.Missing as error:
        print(f"e2e: {error}", file=sys.stderr)
        return 3
    try:
        if wanted.flow == ALL:
            return _play_all(sources, tell)
        shop = RealShop(sources)
        shop.keep = wanted.keep
        tell("a real shop is being made (half a minute)")
        return _play(shop, FLOWS[wanted.flow], tell)
    except KeyboardInterrupt:
        print("e2e: stopped", file=sys.stderr)
        return 130


def _play_all(sources: Sources, tell: Tell) -> int:
    """Every flow, each on a shop of its own, whatever became of the one before; the last line sums them up."""
    seconds: dict[str, float] = {}
    failed: list[str] = []
    for name, flow in FLOWS.items():
        tell(f"== {name}")
        began = time.monotonic()
        try:
            status = _play(RealShop(sources), flow, tell)
        except Exception:
            traceback.print_exc()
            status = 1
        seconds[f"{name}_seconds"] = round(time.monotonic() - began, 1)
        failed += [name] if status else []
    for name in FLOWS:
        tell(f"{'FAIL' if name in failed else 'ok  '}  {name} ({seconds[f'{name}_seconds']:.0f} s)")
    found = {"name": "e2e all", "promise": "every flow holds on a real WooCommerce", "holds": not failed}
    print(json.dumps({**found, "figures": seconds, "failed": failed, "runs": 1, "commit": commit()}), flush=True)
    return 1 if failed else 0


def _play(shop: RealShop, flow: Flow, tell: Tell) -> int:
    with shop:
        try:
            status = flow(shop, tell)
        except Exception:
            print(shop.tail(), file=sys.stderr)
            raise
        finally:
            if shop.keep:
                _wait_for_a_person(shop)
        if status != 0:
            print(shop.tail(), file=sys.stderr)
        return status


def _wait_for_a_person(shop: RealShop) -> None:
    """--keep: leave the shop up until Ctrl-C; its folder stays after that."""
    print(f"the shop is up at {shop.url} (admin / admin), its files are in {shop.folder}; Ctrl-C ends it", flush=True)
    try:
        signal.pause()
    except KeyboardInterrupt:
        print(f"ended; the files stay in {shop.folder}", flush=True)


def _look_for_servers() -> None:
    for names in (servers.MARIADB, servers.NGINX, servers.PHP_FPM):
        servers.program(*names)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.e2e", description="Flows on a real WooCommerce.")
    parser.add_argument("flow", choices=(*FLOWS, ALL))
    parser.add_argument("--keep", action="store_true", help="leave the shop up afterwards, until Ctrl-C")
    parser.add_argument("--json", action="store_true", help="print only the result")
    return parser


def _terminated(_number: int, _frame: FrameType | None) -> NoReturn:
    """End like an exception would, so that everything is cleaned up."""
    raise SystemExit(143)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
