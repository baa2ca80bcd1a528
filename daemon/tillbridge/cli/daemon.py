"""The daemon itself: set up, run, parted from its shop, and tried out."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys

from tillbridge import demo, init
from tillbridge.app import build
from tillbridge.cli.asking import environment, order, settings_of
from tillbridge.cli.exits import FOUND, WELL
from tillbridge.cli.words import Verbs
from tillbridge.demo.stage import Voice
from tillbridge.running import Bridge, Ending


def add(verbs: Verbs) -> None:
    init.add_arguments(verbs.add("init", _init, "Write the settings, and print the code that pairs a shop."))
    verbs.add("disconnect", _part, "Part from the shop: the daemon forgets its secrets, and keeps its books.")
    site = verbs.add("site", _site, "The shop has moved to another address; a copy of it is told in WordPress instead.")
    site.add_argument("what", choices=("moved",))
    site.add_argument("address", help="where it lies now, such as https://shop.example")
    site.add_argument("--rest-url", help="where its REST routes lie (default: /wp-json/ below the address)")
    verbs.add("run", _run, "Run the daemon until it is told to stop.")
    trial = verbs.add_free("demo", _demo, "A till, a shop and the bridge on this machine, selling on both sides.")
    trial.add_argument("--seconds", type=float, help="end by itself after so many seconds")
    trial.add_argument("--json", action="store_true", help="print only one JSON object, at the end")


def _init(arguments: argparse.Namespace) -> int:
    return init.run(arguments, environment())


def _run(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    os.umask(0o077)  # what the daemon makes is its own: the books tell what the shop sells
    ending = Ending()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.stop.set())
    bridge = build(settings, environment(), ending)
    bridge.start()
    paired = isinstance(bridge, Bridge)
    print(json.dumps({"ready": True, "listener": bridge.server.address, "paired": paired}), flush=True)
    bridge.supervise(ending.stop)
    well = bridge.stop()
    if ending.renews:
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # anew, with what was agreed
    return WELL if well else FOUND


def _part(arguments: argparse.Namespace) -> int:
    order(settings_of(arguments), "disconnect", {})
    print("Parted. The shop still has its half: `wp tillbridge disconnect --forget`, or its page, removes it.")
    return WELL


def _site(arguments: argparse.Namespace) -> int:
    address = arguments.address.rstrip("/")
    place: dict[str, object] = {"address": address, "rest_url": arguments.rest_url or f"{address}/wp-json/"}
    order(settings_of(arguments), "site", place)
    print(f"Moved to {address}. In the shop: `wp tillbridge site moved`, or its page, says the same to the plugin.")
    return WELL


def _demo(arguments: argparse.Namespace) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # its programs must not outlive it
    return demo.run(arguments.seconds, Voice.JSON if arguments.json else Voice.WORDS)
