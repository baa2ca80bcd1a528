"""The desk at which a person asks the running daemon for more than its state: each question goes to its own verb."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tillbridge.audit import Audits
from tillbridge.backlog import Backlog
from tillbridge.decisions import Decisions
from tillbridge.doctor import Doctor, Examination
from tillbridge.hints import Hints
from tillbridge.ports import Reconciling, Said
from tillbridge.privacy import Privacy
from tillbridge.resync import Resync
from tillbridge.runs import Report
from tillbridge.undo import Undo
from tillbridge.why import Why


@dataclass(frozen=True, slots=True)
class FrontDesk:
    """`ports.Desk`. `way_here` looks at the way on which a question came (who asked through the shop, "" nobody)."""

    examine: Doctor
    way_here: Callable[[str], Examination]
    inspect: Callable[[], Said]
    look_again: Resync
    backlog: Backlog
    hints: Hints
    reconciling: Reconciling
    report: Report
    take_back: Undo
    explain: Why
    waiting_for_word: Decisions
    privacy: Privacy
    audits: Audits

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

    def reconcile(self, what: str, kind: str) -> Said:
        return self.report(self.reconciling.begin(what, kind).id, 0)

    def run(self, number: int, rows: int) -> Said:
        return self.report(number, rows)

    def runs(self) -> Said:
        return self.report.recent()

    def undo(self, number: int) -> Said:
        return self.take_back(number)

    def why(self, what: str, lines: int) -> Said:
        return self.explain(what, lines)

    def begin_audit(self, first: str, last: str) -> Said:
        return self.audits.begin(first, last)

    def audit(self, number: int) -> Said:
        return self.audits.look(number)

    def export_person(self, customer: str) -> Said:
        return self.privacy.export(customer)

    def erase_person(self, customer: str) -> Said:
        return self.privacy.erase(customer)

    def decisions(self) -> Said:
        return self.waiting_for_word.listed()

    def decide(self, name: str, choice: str, words: str) -> Said:
        return self.waiting_for_word.decide(name, choice, words)
