"""What runs the queue of a real shop, Action Scheduler, in which WooCommerce's webhooks wait.

A shop that is kept well runs it each minute by WP-CLI. A page of wp-admin, opened while something waits, starts a chain
of requests that runs it every five seconds until it is empty. Nothing else does.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from tests.e2e.people import Staff
from tests.e2e.wordpress import RealShop

NO_CHAIN = """<?php
add_filter( 'action_scheduler_allow_async_request_runner', '__return_false' );
"""

A_MINUTE_AGO = "DELETE FROM wp_options WHERE option_name = 'action_scheduler_lock_async-request-runner'"
"""A page begins the chain once a minute at most."""


@contextmanager
def minutely(shop: RealShop) -> Iterator[threading.Lock]:
    """Now and then each minute, as the cron of the shop's machine would; the lock is free between the runs."""
    over, between = threading.Event(), threading.Lock()
    began = time.monotonic()

    def keep() -> None:
        for minute in count(1):
            if over.wait(max(0.0, began + 60 * minute - time.monotonic())):
                return
            with between:
                _run_what_is_due(shop)

    _run_what_is_due(shop)
    with ThreadPoolExecutor(1) as pool:
        kept = pool.submit(keep)
        try:
            yield between
        finally:
            over.set()
            kept.result()


def _run_what_is_due(shop: RealShop) -> None:
    """The queue by its own command as well: cron comes to it only if nothing before it ends the whole run, as
    WooCommerce's clean-up of personal data does (7.9).
    """
    shop.wp("cron", "event", "run", "--due-now")
    shop.wp("action-scheduler", "run", "--force")


@contextmanager
def nobody_in_admin(shop: RealShop) -> Iterator[None]:
    """A chain that runs ends, and none begins."""
    plugin = add_plugin(shop, "no-chain.php", NO_CHAIN)
    try:
        yield
    finally:
        plugin.unlink()


def look_into_admin(shop: RealShop) -> None:
    """The first page of wp-admin for a minute; the chain begins if something waits and no run is under way."""
    shop.sql(A_MINUTE_AGO)
    Staff(shop).products_page()


def add_plugin(shop: RealShop, name: str, text: str) -> Path:
    """A must-use plugin of the shop."""
    folder = shop.folder / "site/wp-content/mu-plugins"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name
