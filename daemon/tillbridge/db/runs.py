"""Runs, sightings, findings and rulings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from tillbridge.core.accounts import Account, Entry, EntryKind
from tillbridge.core.findings import Finding, Seen, Verdict
from tillbridge.core.stock import SideName, plain, spell
from tillbridge.core.targets import Shelf
from tillbridge.core.terms import Effect
from tillbridge.db.connect import Connection
from tillbridge.db.ledger import LedgerRows
from tillbridge.db.queue import marks
from tillbridge.ports import Row, Ruling, Run, Sighting

_RUN = "id, kind, scope, state, started, finished, body"
_RULING = "link, run, kind, document, changes, words, at"
_TOUCHED = (
    "SELECT link FROM entry WHERE run = ? AND run <> 0 AND link > ?"
    " UNION SELECT link FROM ruling WHERE run = ? AND link > ?"
    " UNION SELECT link FROM finding WHERE run = ? AND link > ? AND verdict <> ?"
)

RUNS_KEPT_SINCE = "runs_kept_since"
"""The note of the time (steady seconds) before which runs were tidied away."""


class RunRows(LedgerRows):
    """Runs and what they did, in a unit of work."""

    def __init__(self, connection: Connection, now: float) -> None:
        super().__init__(connection, now)

    def start_run(self, kind: str, scope: str, state: str, facts: Mapping[str, object]) -> Run:
        self._db.run(
            "INSERT INTO run (kind, scope, state, started, body) VALUES (?, ?, ?, ?, ?)",
            (kind, scope, state, self.now, json.dumps(facts)),
        )
        (number,) = self._db.rows("SELECT MAX(id) FROM run")[0]
        return Run(int(number), kind, scope, state, self.now, None, facts)

    def run(self, number: int) -> Run | None:
        rows = self._db.rows(f"SELECT {_RUN} FROM run WHERE id = ?", (number,))
        return _run(rows[0]) if rows else None

    def runs_in(self, states: Sequence[str]) -> list[Run]:
        rows = self._db.rows(f"SELECT {_RUN} FROM run WHERE state IN ({marks(states)}) ORDER BY id", list(states))
        return [_run(row) for row in rows]

    def save_run(self, run: Run) -> None:
        self._db.run(
            "UPDATE run SET state = ?, finished = ?, body = ? WHERE id = ?",
            (run.state, run.finished, json.dumps(dict(run.facts)), run.id),
        )

    def findings(self, run: int, found: Sequence[tuple[Finding, str]]) -> None:
        self._db.run_many(
            "INSERT INTO finding (run, link, side, outlet, level, known, amount, verdict, words, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run, link, side, outlet) DO UPDATE SET"
            " level = excluded.level, known = excluded.known, amount = excluded.amount, verdict = excluded.verdict,"
            " words = excluded.words, at = excluded.at",
            [(run, *_place(one.seen), *_figures(one.seen), str(one.verdict), words, self.now) for one, words in found],
        )

    def found_by(self, run: int, links: Sequence[int] | None = None) -> list[Row]:
        which, values = at_links(links)
        rows = self._db.rows(
            "SELECT finding.link, link.sku, side, outlet, level, known, amount, verdict, words FROM finding"
            f" JOIN link ON link.id = finding.link WHERE run = ?{which} ORDER BY link.sku, side, outlet",
            (run, *values),
        )
        return [
            Row(link, sku, SideName(side), outlet, Decimal(level), Decimal(known), Decimal(amount), verdict, words)
            for link, sku, side, outlet, level, known, amount, verdict, words in rows
        ]

    def links_of_run(self, run: int, after: int, limit: int | None) -> list[int]:
        rows = self._db.rows(
            f"{_TOUCHED} ORDER BY link LIMIT ?",
            (run, after, run, after, run, after, str(Verdict.REPORTED), -1 if limit is None else limit),
        )
        return [int(row[0]) for row in rows]

    def count_links_of_run(self, run: int) -> int:
        rows = self._db.rows(f"SELECT COUNT(*) FROM ({_TOUCHED})", (run, 0, run, 0, run, 0, str(Verdict.REPORTED)))
        return int(rows[0][0])

    def runs_tidied(self, number: int) -> float | None:
        rows = self._db.rows("SELECT seq FROM sqlite_sequence WHERE name = 'run'")
        if not rows or not 0 < number <= int(rows[0][0]) or self.run(number) is not None:
            return None
        noted = self._db.rows("SELECT value FROM note WHERE name = ?", (RUNS_KEPT_SINCE,))
        return float(noted[0][0]) if noted else None

    def entries_of(self, run: int) -> list[tuple[Account, Entry]]:
        rows = self._db.rows(
            "SELECT link, side, outlet, kind, amount, source, cause, document, line, effect FROM entry WHERE run = ?"
            " ORDER BY id",
            (run,),
        )
        shelves = self.shelves_by_link(sorted({row[0] for row in rows}))
        found: list[tuple[Account, Entry]] = []
        for link, side, outlet, kind, amount, source, cause, document, line, effect in rows:
            if link not in shelves:
                continue  # its link has ended
            account = next(one for one in shelves[link].of(SideName(side)) if one.outlet == outlet)
            paper = (source, cause, document, line)
            found.append((account, Entry(EntryKind(kind), Decimal(amount), *paper, Effect(effect), run)))
        return found

    def sightings(self) -> list[Sighting]:
        rows = self._db.rows(
            "SELECT link, side, outlet, level, amount, seen_at FROM sighting ORDER BY link, side, outlet"
        )
        return [sighting(row) for row in rows]

    def sight(self, seen: Sequence[Seen]) -> None:
        self._db.run_many(
            "INSERT INTO sighting (link, side, outlet, level, amount, seen_at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (link, side, outlet) DO UPDATE SET level = excluded.level, amount = excluded.amount,"
            " seen_at = CASE WHEN amount = excluded.amount THEN seen_at ELSE excluded.seen_at END",
            [(*_place(one), spell(one.level), spell(one.amount), self.now) for one in seen],
        )

    def forget_sightings(self, places: Sequence[Seen]) -> None:
        self._db.run_many(
            "DELETE FROM sighting WHERE link = ? AND side = ? AND outlet = ?", [_place(one) for one in places]
        )

    def rule(self, before: Shelf, after: Shelf, run: int, kind: str, document: str, words: str) -> None:
        changes = _changes(before, after)
        if before.terms == after.terms and not changes:
            return
        self.save_links([after])
        if changes:
            told = json.dumps({name: spell(amount) for name, amount in changes.items()})
            self._db.run(
                f"INSERT INTO ruling ({_RULING}) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (after.link.id, run, kind, document, told, words, self.now),
            )

    def rulings_of_run(self, run: int, links: Sequence[int] | None = None) -> list[Ruling]:
        which, values = at_links(links)
        rows = self._db.rows(f"SELECT {_RULING} FROM ruling WHERE run = ?{which} ORDER BY id", (run, *values))
        return [_ruling(row) for row in rows]

    def rulings_of_link(self, link: int, limit: int) -> list[Ruling]:
        rows = self._db.rows(f"SELECT {_RULING} FROM ruling WHERE link = ? ORDER BY id DESC LIMIT ?", (link, limit))
        return [_ruling(row) for row in rows]

    def noted_under(self, beginning: str) -> dict[str, str]:
        rows = self._db.rows(
            "SELECT name, value FROM note WHERE name >= ? AND name < ? AND value <> ''",
            (beginning, beginning + "\U0010ffff"),
        )
        return {str(name): str(value) for name, value in rows}


_SUMS = ("free", "held", "uncounted", "positions", "admitted", "buffer")


def at_links(links: Sequence[int] | None) -> tuple[str, list[int]]:
    """The condition that names these links, and its values; none where all are meant."""
    return ("", []) if links is None else (f" AND link IN ({marks(links)})", list(links))


def _changes(before: Shelf, after: Shelf) -> dict[str, Decimal]:
    """By how much each of the terms moved, the offset among them; only what moved."""
    moved = {"offset": after.link.offset - before.link.offset}
    moved |= {name: getattr(after.terms, name) - getattr(before.terms, name) for name in _SUMS}
    return {name: plain(amount) for name, amount in moved.items() if amount}


def _place(seen: Seen) -> tuple[int, str, str]:
    return seen.link, str(seen.side), seen.outlet


def _figures(seen: Seen) -> tuple[str, str, str]:
    return spell(seen.level), spell(seen.known), spell(seen.amount)


def _run(row: tuple[Any, ...]) -> Run:
    number, kind, scope, state, started, finished, body = row
    return Run(int(number), kind, scope, state, float(started), finished, json.loads(body))


def sighting(row: tuple[Any, ...]) -> Sighting:
    """Of the columns link, side, outlet, level, amount and seen_at."""
    link, side, outlet, level, amount, seen_at = row
    read, moved = Decimal(level), Decimal(amount)
    return Sighting(Seen(int(link), SideName(side), outlet, read, plain(read - moved)), float(seen_at))


def _ruling(row: tuple[Any, ...]) -> Ruling:
    link, run, kind, document, changes, words, at = row
    return Ruling(
        link, run, kind, document, {name: Decimal(one) for name, one in json.loads(changes).items()}, words, at
    )
