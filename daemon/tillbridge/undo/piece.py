"""One piece of an undo: what a run did to so many items is taken back in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
from tillbridge.ports import DONE, UNDO, JournalLine, Row, Ruling, Run, Unit

UNDONE_BY = "undone_by"
"""The fact of a run that says which run undid it."""

SOLD, PUT_BACK = "sold", "put_back"
"""The kinds of rulings by which a person said what a held fall was."""

AT_ONCE = 100
"""Items in one transaction: it holds the books for some 20 ms."""

_RULINGS_LOOKED_AT = 100


def undone_by(unit: Unit, run: Run) -> Run | None:
    """The run that undid this one, if one did."""
    number = run.facts.get(UNDONE_BY)
    return unit.run(number) if isinstance(number, int) else None


def is_in_force(unit: Unit, number: int) -> bool:
    """Whether what a run did still holds: it was not undone, or that was undone in turn."""
    run, holds = unit.run(number), True
    while run is not None and (run := undone_by(unit, run)) is not None:
        holds = not holds
    return holds


@dataclass(slots=True)
class Piece:
    """One piece on its way into the books. `new` is the undo's own run, as the piece before this one left it."""

    unit: Unit
    run: Run
    new: Run
    at_once: int
    shelves: dict[int, Shelf] = field(default_factory=dict)
    before: dict[int, Shelf] = field(default_factory=dict)
    rows: list[dict[str, object]] = field(default_factory=list)
    left: list[dict[str, object]] = field(default_factory=list)
    facts: dict[str, object] = field(default_factory=dict)

    @staticmethod
    def moves_more(run: Run) -> bool:
        """Whether it moved something besides links. That was one decision about few of them: it is undone as a whole,
        so that lines and links never disagree."""
        return any(run.facts.get(name) for name in ("lines", "orders", "notes"))

    def take_back(self) -> Run:
        """The entries and rulings at the next items, and at the end what else the run moved; the undo's run after
        it."""
        unit, run = self.unit, self.run
        limit = None if self.moves_more(run) else self.at_once
        links = unit.links_of_run(run.id, self._number("after"), limit)
        self.shelves = unit.shelves_by_link(links)
        self.before = dict(self.shelves)
        going = [link for link in links if link in self.shelves]  # of a link that ended there is nothing to undo
        lines = unit.entered_by(run.id, going)
        for line in lines:
            self._entry(line)
        for ruling in reversed(unit.rulings_of_run(run.id, going)):
            self._ruling(ruling)
        self._folded(lines, going)
        more = limit is not None and len(links) == limit
        if not more:
            self._lines(run.facts.get("lines"))
            self._orders(run.facts.get("orders"))
            self._notes(run.facts.get("notes"))
        self._save()
        after = self._on_its_way(links) if more else self._at_its_end()
        unit.save_run(after)
        return after

    def _save(self) -> None:
        """What moved, and what follows from it."""
        unit = self.unit
        touched = [shelf for link, shelf in self.shelves.items() if shelf != self.before[link]]
        for shelf in touched:
            words = f"run {self.run.id} undone"
            unit.rule(self.before[shelf.link.id], shelf, self.new.id, UNDO, f"run:{self.run.id}", words)
        alerts.watch(unit, touched)
        make_due(unit, touched)

    def _on_its_way(self, links: Sequence[int]) -> Run:
        """With where the next piece begins."""
        facts = {**self.new.facts, **self._counts(), "seen": self._number("seen") + len(links), "after": max(links)}
        return replace(self.new, facts=facts)

    def _at_its_end(self) -> Run:
        return replace(self.new, state=DONE, finished=self.unit.now, facts={**self.facts, **self._counts()})

    def _counts(self) -> dict[str, object]:
        return {
            "undone": self._number("undone") + len(self.rows),
            "left": self._number("left") + len(self.left),
        }

    def _number(self, name: str) -> int:
        found = self.new.facts.get(name, 0)
        return found if isinstance(found, int) else 0

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
        if not rulings.fits(after) or self._was_settled(ruling):
            words = f"({ruling.words}) what it concerned has been decided anew since: undo the later runs first"
            self.left.append(_row(shelf, "", amount, words))
            return
        self.shelves[ruling.link] = after
        self.rows.append(_row(shelf, "", amount, f"taken back: {ruling.words}; {rulings.follows(shelf, after)}"))

    def _was_settled(self, ruling: Ruling) -> bool:
        """Whether a person has said since what becomes of the difference that this undo left standing: what the undo
        took back has crossed by that word, and must not cross once more."""
        return ruling.kind == UNDO and any(
            one.kind in rulings.SETTLING and one.run > ruling.run and is_in_force(self.unit, one.run)
            for one in self.unit.rulings_of_link(ruling.link, _RULINGS_LOOKED_AT)
        )

    def _folded(self, lines: Iterable[JournalLine], links: Sequence[int]) -> None:
        """What the run entered so long ago that the journal keeps only its sum."""
        there = {(one.link, one.side, one.outlet) for one in lines}
        for row in self.unit.found_by(self.run.id, links):
            if row.verdict != Verdict.REPORTED and (row.link, row.side, row.outlet) not in there:
                self.left.append(_left(row))

    def _lines(self, given_back: Any) -> None:
        """Positions of order lines that the run moved: `[order, line, link, by how much]`, and behind it by how much
        what their documents leave of them moved, where they have any."""
        if not given_back:
            return
        known = {
            (one.order, one.line, one.link): one
            for one in self.unit.lines_of_orders({order for order, *_ in given_back})
        }
        moved = []
        for order, line, link, amount, *left in given_back:
            if (order, line, link) not in known:
                continue  # of a link that ended
            old = known[order, line, link]
            rest = plain((old.rest or Decimal(0)) - Decimal(left[0])) if left else old.rest
            moved.append(replace(old, position=plain(old.position - Decimal(amount)), rest=rest))
        self.unit.save_lines(moved)
        self.facts["lines"] = [[*one[:3], *(spell(-Decimal(amount)) for amount in one[3:])] for one in given_back]

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
