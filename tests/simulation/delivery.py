"""The shop's push: the rows of its outbox on their way to the daemon, lost, late, twice or out of order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from random import Random

from tillbridge.sandbox.shop import Shop
from tillbridge.sandbox.wire import push_body

ROWS = 500


class Delivery:
    """`deliver` hands a body to whoever listens, and gives back the ids that were stored."""

    def __init__(
        self,
        shop: Shop,
        deliver: Callable[[bytes], list[str]],
        later: Callable[[float, Callable[[], None]], None],
        met: Counter[str],
        dice: Random,
    ) -> None:
        self._shop = shop
        self._deliver = deliver
        self._later = later
        self._met = met
        self._dice = dice
        self.fates: list[tuple[str, float]] = []

    def __call__(self) -> None:
        """Push what may travel."""
        rows, _ = self._shop.shim.page(ROWS)
        if not rows:
            return
        fate, seconds = self.fates.pop(0) if self.fates else ("", 0.0)
        if fate:
            self._met[fate] += 1
        if fate == "reorder":
            for row in reversed(rows):
                self._later(self._dice.uniform(0.0, 30.0), partial(self._arrive, push_body(self._shop, [row])))
            return
        body = push_body(self._shop, rows)
        if fate == "push-lost":
            return
        if fate == "push-delayed":
            self._later(seconds, partial(self._arrive, body))
            return
        acked = self._deliver(body)
        if fate == "push-twice":
            self._deliver(body)
        if fate != "ack-lost":
            self._shop.shim.ack(acked)

    def _arrive(self, body: bytes) -> None:
        """A push whose answer nobody hears."""
        self._deliver(body)
