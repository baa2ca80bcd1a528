"""What a person may ask of the running daemon: the promise that the listener relies on, and the verbs keep."""

from __future__ import annotations

from typing import Protocol

from tillbridge.core.stock import SideName
from tillbridge.ports.runs import Run

Said = dict[str, object]
"""An answer, ready for JSON."""


class Controls(Protocol):
    """What a person may ask of the running daemon."""

    def status(self) -> Said:
        """In step? since when? freshness per flow, waiting, parked, what needs a person. JSON-ready."""

    def pause(self, flow: str) -> Said:
        """Stop writing: flow is `to-pos`, `to-store` or `all`. Raises `Malformed` for another word. Survives a
        restart."""

    def resume(self, flow: str) -> Said: ...

    def sync(self, flow: str) -> Said:
        """Look now: both feeds are read and everything due is tried again."""

    def hint(self, side: SideName) -> None:
        """That side says that it has news; read its feed soon. Never blocks."""

    def healthy(self) -> tuple[bool, Said]:
        """For a watchdog: is the daemon doing its work? No secrets, no figures of the shop."""

    def figures(self) -> dict[str, float]:
        """Gauges for monitoring by Prometheus name, e.g. `tillbridge_messages{state="ready"}`."""


class Desk(Protocol):
    """What a person may ask besides steering. Everything is JSON-ready, and no secret is in it."""

    def doctor(self, asked_by_shop: str) -> Said:
        """Every hop from shop to till, looked at now. `asked_by_shop` is who asks through the shop, "" on this host:
        a question that came through the shop proves that the shop reaches us. Never raises."""

    def check(self) -> Said:
        """Both sides' data and accounts, what is held out, and every setting with where it comes from."""

    def resync(self, what: str) -> Said:
        """Read both sides of one SKU now, or the lines of an order. Raises `UnknownSku`, `SideTrouble`."""

    def queue(self, state: str, limit: int) -> Said:
        """What waits for a person or is tried again, and what is held out. Raises `Malformed` for another state."""

    def message(self, number: int) -> Said:
        """One message. Raises `UnknownMessage`."""

    def retry(self, only: int | None) -> Said:
        """Try again now: one message (raises `UnknownMessage`), or all."""

    def release(self, only: int | None) -> Said: ...
    def discard(self, number: int, reason: str) -> Said: ...
    def webhook(self) -> Said:
        """Whether the POS says by itself that it has news, and to whom."""

    def set_webhook(self, verb: str) -> Said:
        """`enable` or `disable` that. Raises `Malformed` for another word."""

    def reconcile(self, what: str, kind: str) -> Said:
        """Begin a run over one SKU or ("") the whole shop; kind is `RECONCILE` or `PLAN`. Raises `UnknownSku`."""

    def run(self, number: int, rows: int) -> Said:
        """How far a run has come, or what it came to, with so many findings. Raises `UnknownRun`."""

    def runs(self) -> Said:
        """The latest runs."""

    def undo(self, number: int) -> Said:
        """Take back what a run carried over. Raises `UnknownRun`, `CannotUndo`."""

    def why(self, what: str, lines: int) -> Said:
        """Every number of an SKU or an order, with so many lines of the journal. Raises `UnknownSku`."""

    def begin_audit(self, first: str, last: str) -> Said:
        """Begin to compare what both sides say of these days ("" for `last`: of that one). Raises `Malformed`."""

    def audit(self, number: int) -> Said:
        """How far that has come, or what it came to. Raises `Malformed` for one that is not known (any more)."""

    def export_person(self, customer: str) -> Said:
        """What is held of a customer of the shop, by its number there: `items`, each with `name` and `value`. Raises
        `Malformed`."""

    def erase_person(self, customer: str) -> Said:
        """Forget it, here and at the POS where it can: whether something was `removed` and something is `retained`, and
        the `messages` that say what. Raises `Malformed`."""

    def decisions(self) -> Said:
        """What waits for a person's word, with the choices."""

    def decide(self, name: str, choice: str, words: str) -> Said:
        """Do what a person says. Raises `UnknownDecision`, and `Malformed` for a choice that is not offered."""


class Reconciling(Protocol):
    """What begins runs."""

    def begin(self, what: str, kind: str) -> Run:
        """Over one SKU or ("") the whole shop. Raises `UnknownSku`."""
