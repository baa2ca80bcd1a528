"""Undoing a run: what it carried over is taken back, and what happened on a side stays there.

An entry is not taken out of the journal, since it happened. Its amount moves out of the targets, and the rulings of
the run are taken back by their opposites; the one rule writes what follows, and no later run finds it again. A run is
undone once. An undo is a run like any other, and may be undone itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from tillbridge import alerts
from tillbridge.booking import make_due
from tillbridge.core import findings, rulings
from tillbridge.core.accounts import Entry
from tillbridge.core.findings import Verdict
from tillbridge.core.stock import plain, spell
from tillbridge.core.targets import Shelf
from tillbridge.core.terms import Effect
from tillbridge.errors import Malformed
from tillbridge.ports import DONE, FAILED, PLAN, UNDO, Books, JournalLine, Row, Ruling, Run, Said, Unit

UNDONE_BY = "undone_by"
"""The fact of a run that says which run undid it."""

FINAL = "final"
"""The fact of a run that cannot be undone, with the sentence that says why."""

SOLD, PUT_BACK = "sold", "put_back"
"""The kinds of rulings by which a person said what a held fall was."""

_RULINGS_LOOKED_AT = 100


class UnknownRun(Malformed):
    """No run has this number."""


class CannotUndo(Malformed):
    """This run cannot be undone, or not now."""


class Undo:
    """Undoes when called. `stirred` wakes the writers."""

    def __init__(self, books: Books, stirred: Callable[[], None]) -> None:
        self._books = books
        self._stirred = stirred

    def __call__(self, number: int) -> Said:
        """Undo the run of that number, in one transaction. Raises `UnknownRun`, `CannotUndo`."""
        with self._books.writing() as unit:
            run = _checked(unit, number)
            undoing = _Undoing(unit, run)
            undoing.take_back()
            if undoing.is_empty():
                raise CannotUndo(f"run {number} changed nothing, so there is nothing to undo")
            said = undoing.close()
        self._stirred()
        return said


def _checked(unit: Unit, number: int) -> Run:
    run = unit.run(number)
    if run is None:
        raise UnknownRun(f"no run has the number {number}; `tillbridge runs` lists the latest")
    if run.kind == PLAN:
        raise CannotUndo(f"run {number} was a plan: it did nothing that could be undone")
    if UNDONE_BY in run.facts:
        raise CannotUndo(_already(unit, run))
    if run.state not in (DONE, FAILED):
        fix = f"decide it first (`tillbridge decide run:{number} drop`)" if run.finished else "wait until it ends"
        raise CannotUndo(f"run {number} is {run.state} and may still do more: {fix}")
    if run.facts.get(FINAL):
        raise CannotUndo(f"run {number} cannot be undone: {run.facts[FINAL]}")
    return run


def _already(unit: Unit, run: Run) -> str:
    """By which run, and how to take that back: the last of a chain is the one that can be undone."""
    last, undone = run, False
    while (follower := _undone_by(unit, last)) is not None:
        last, undone = follower, not undone
    fix = f"`tillbridge undo {last.id}` takes that back" if undone else f"`tillbridge undo {last.id}` undoes it again"
    return f"run {run.id} was undone already, by run {run.facts[UNDONE_BY]}; {fix}"


def _undone_by(unit: Unit, run: Run) -> Run | None:
    number = run.facts.get(UNDONE_BY)
    return unit.run(number) if isinstance(number, int) else None


def is_in_force(unit: Unit, number: int) -> bool:
    """Whether what a run did still holds: it was not undone, or that was undone in turn."""
    run, holds = unit.run(number), True
    while run is not None and (run := _undone_by(unit, run)) is not None:
        holds = not holds
    return holds


@dataclass(slots=True)
class _Undoing:
    """One undo on its way into the books."""

    unit: Unit
    run: Run
    new: Run = field(init=False)
    shelves: dict[int, Shelf] = field(default_factory=dict)
    before: dict[int, Shelf] = field(default_factory=dict)
    rows: list[dict[str, object]] = field(default_factory=list)
    left: list[dict[str, object]] = field(default_factory=list)
    facts: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.new = self.unit.start_run(UNDO, str(self.run.id), DONE, {})

    def take_back(self) -> None:
        """The entries of the run, its rulings, and what else it moved."""
        lines, taken = self.unit.entered_by(self.run.id), self.unit.rulings_of_run(self.run.id)
        self._read({one.link for one in lines} | {one.link for one in taken})
        for line in lines:
            self._entry(line)
        for ruling in reversed(taken):
            self._ruling(ruling)
        self._folded(lines)
        self._lines(self.run.facts.get("lines"))
        self._orders(self.run.facts.get("orders"))
        self._notes(self.run.facts.get("notes"))

    def is_empty(self) -> bool:
        return not (self.rows or self.left or self.facts)

    def close(self) -> Said:
        """Save it all; what is said of it."""
        touched = [shelf for link, shelf in self.shelves.items() if shelf != self.before[link]]
        for shelf in touched:
            words = f"run {self.run.id} undone"
            self.unit.rule(self.before[shelf.link.id], shelf, self.new.id, UNDO, f"run:{self.run.id}", words)
        alerts.watch(self.unit, touched)
        make_due(self.unit, touched)
        facts = {**self.facts, "undone": len(self.rows), "left": len(self.left)}
        self.unit.save_run(replace(self.new, finished=self.unit.now, facts=facts))
        self.unit.save_run(replace(self.run, facts={**self.run.facts, UNDONE_BY: self.new.id}))
        return {
            "run": self.new.id, "undid": self.run.id, "undone": len(self.rows), "rows": self.rows, "left": self.left,
        }  # fmt: skip

    def _read(self, links: Iterable[int]) -> None:
        self.shelves = self.unit.shelves_by_link(sorted(links))
        self.before = dict(self.shelves)

    def _entry(self, line: JournalLine) -> None:
        shelf = self.shelves[line.link]
        why = self._why_left(line, shelf)
        if why:
            self.left.append(_row(shelf, str(line.side), line.amount, why))
            return
        entry = Entry(line.kind, line.amount, "", line.cause, line.document, line.line, line.effect, line.run)
        after = findings.undo(shelf, entry, line.side)
        self.shelves[line.link] = after
        self.rows.append(
            _row(shelf, str(line.side), line.amount, f"{_WORDS[line.effect]}; {rulings.follows(shelf, after)}")
        )

    def _why_left(self, line: JournalLine, shelf: Shelf) -> str:
        """Why an entry stays as it is, "" where it can be undone."""
        if line.effect not in _WORDS:
            return "it belongs to an order, whose own record in the shop says the same: mend the order there"
        if line.effect is not Effect.HELD:
            return ""
        if self._was_ruled(line):
            return "a person has said since what this fall was: undo that decision first, by its own run"
        if shelf.terms.held < -line.amount:
            return "this fall is not kept off sale any more: what was told later has explained it"
        return ""

    def _was_ruled(self, line: JournalLine) -> bool:
        return any(
            one.kind in (SOLD, PUT_BACK) and one.at >= line.at and is_in_force(self.unit, one.run)
            for one in self.unit.rulings_of_link(line.link, _RULINGS_LOOKED_AT)
        )

    def _ruling(self, ruling: Ruling) -> None:
        shelf = self.shelves[ruling.link]
        changes = rulings.opposite(ruling.changes)
        after = rulings.moved(shelf, changes)
        amount = max(changes.values(), key=abs)
        if not rulings.fits(after):
            words = f"({ruling.words}) what it concerned has been decided anew since: undo the later runs first"
            self.left.append(_row(shelf, "", amount, words))
            return
        self.shelves[ruling.link] = after
        self.rows.append(_row(shelf, "", amount, f"taken back: {ruling.words}; {rulings.follows(shelf, after)}"))

    def _folded(self, lines: Iterable[JournalLine]) -> None:
        """What the run entered so long ago that the journal keeps only its sum."""
        there = {(one.link, one.side, one.outlet) for one in lines}
        for row in self.unit.found_by(self.run.id):
            if row.verdict != Verdict.REPORTED and (row.link, row.side, row.outlet) not in there:
                self.left.append(_left(row))

    def _lines(self, given_back: Any) -> None:
        """Positions of order lines that the run moved: `[order, line, link, by how much]`."""
        if not given_back:
            return
        known = {
            (one.order, one.line, one.link): one
            for one in self.unit.lines_of_orders({order for order, _, _, _ in given_back})
        }
        moved = []
        for order, line, link, amount in given_back:
            old = known[order, line, link]
            moved.append(replace(old, position=plain(old.position - Decimal(amount))))
        self.unit.save_lines(moved)
        self.facts["lines"] = [[*where, spell(-Decimal(amount))] for *where, amount in given_back]

    def _orders(self, marked: Any) -> None:
        """Statuses of orders that the run set: `[order, before, after]`."""
        if not marked:
            return
        known = self.unit.orders({order for order, _, _ in marked})
        back = [replace(known[order], status=before) for order, before, after in marked if known[order].status == after]
        self.unit.save_orders(back)
        self.facts["orders"] = [[order, after, before] for order, before, after in marked]

    def _notes(self, noted: Any) -> None:
        """Notes that the run made: `[name, before, after]`. One that says something else by now stays."""
        if not noted:
            return
        for name, before, after in noted:
            if self.unit.noted(name) == after:
                self.unit.note(name, before)
        self.facts["notes"] = [[name, after, before] for name, before, after in noted]


def _row(shelf: Shelf, side: str, amount: Decimal, words: str) -> dict[str, object]:
    return {"sku": shelf.link.sku, "side": side, "amount": spell(amount), "words": words}


def _left(row: Row) -> dict[str, object]:
    words = "the journal of that time was folded into one sum: set the level by hand where it is wrong"
    return {"sku": row.sku, "side": str(row.side), "amount": spell(row.amount), "words": words}


_WORDS = {
    Effect.COUNTED: "it stays on its side, and counts on the other no more",
    Effect.HELD: "it stays in the shop, and nobody is asked what it was any more",
    Effect.PUT_BACK: "it stays on its side after all",
    Effect.APART: "it is put back on its side",
    Effect.LOST: "the side keeps what it made of our write, and it is not made again",
}
