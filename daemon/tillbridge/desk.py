"""The desk at which a person asks the running daemon for more than its state: each question goes to its own verb."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tillbridge.backlog import Backlog
from tillbridge.doctor import Doctor, Examination
from tillbridge.hints import Hints
from tillbridge.ports import Said
from tillbridge.resync import Resync


@dataclass(frozen=True, slots=True)
class FrontDesk:
    """`ports.Desk`. `way_here` looks at the way on which a question came (who asked through the shop, "" nobody)."""

    examine: Doctor
    way_here: Callable[[str], Examination]
    inspect: Callable[[], Said]
    look_again: Resync
    backlog: Backlog
    hints: Hints

    def doctor(self, asked_by_shop: str) -> Said:
        return self.examine(self.way_here(asked_by_shop))

    def check(self) -> Said:
        return self.inspect()

    def resync(self, what: str) -> Said:
        return self.look_again(what)

    def queue(self, state: str, limit: int) -> Said:
        return self.backlog.listed(state, limit)

    def message(self, number: int) -> Said:
        return self.backlog.shown(number)

    def retry(self, only: int | None) -> Said:
        return self.backlog.retry(only)

    def release(self, only: int | None) -> Said:
        return self.backlog.release(only)

    def discard(self, number: int, reason: str) -> Said:
        return self.backlog.discard(number, reason)

    def webhook(self) -> Said:
        return self.hints.status()

    def set_webhook(self, verb: str) -> Said:
        return self.hints.set(verb)
