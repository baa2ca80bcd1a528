"""What a run came to, and how far one has come that is still under way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from tillbridge.core.moments import moment
from tillbridge.core.stock import ZERO, SideName, plain, spell
from tillbridge.ports import FAILED, HELD, LOOKING, PLAN, UNDOING, WAITING, Row, Ruling, Run, Said, Stories, Story
from tillbridge.undo import UNDONE_BY, UnknownRun, unknown

ROWS = 1000
"""Findings that are told where nobody says how many."""

MOST_ROWS = 100_000
WORST = 10
RECENT = 50

FIRST_LOOK = 80
"""Percent of a run that its first look at both sides is counted for; the looks after it share the rest."""

_OWN = ("looked", "links", "moving", "unreachable", UNDONE_BY)
_FOR_VERBS = ("due_at", "lines", "orders", "notes", "after", "of", "seen")
"""Facts that have a place of their own in the answer, and those that only a verb needs."""


class Report:
    """Reports when called."""

    def __init__(self, stories: Stories) -> None:
        self._stories = stories

    def __call__(self, number: int, rows: int = ROWS) -> Said:
        """One run, with its first findings by SKU, the largest, and totals over all. Raises `UnknownRun`."""
        with self._stories.reading() as story:
            run = story.run(number)
            if run is None:
                raise UnknownRun(unknown(story, number))
            return _told(story, run, min(rows, MOST_ROWS))

    def recent(self) -> Said:
        """The latest runs, the newest first."""
        with self._stories.reading() as story:
            runs = story.recent_runs(RECENT)
            return {"rows": [{**_head(run, story.now), "findings": count, "words": words(run, count)}
                             for run, count in runs]}  # fmt: skip


def _told(story: Story, run: Run, rows: int) -> Said:
    amounts = story.amounts_found(run.id)
    rulings = story.rulings_of_run(run.id)[:rows]
    skus = story.skus({one.link for one in rulings})
    return {
        **_head(run, story.now),
        "words": words(run, len(amounts)),
        "progress": progress(run, story.count_links()),
        "looked": _number(run, "looked"),
        "links": _number(run, "links"),
        "moving": _number(run, "moving"),
        "unreachable": run.facts.get("unreachable") is True,
        "figures": {name: fact for name, fact in run.facts.items() if name not in (*_OWN, *_FOR_VERBS)},
        "totals": totals(amounts),
        "rows": [_row(one) for one in story.found(run.id, rows)],
        "worst": [_row(one) for one in story.worst_found(run.id, WORST)],
        "rulings": [_ruling(one, skus) for one in rulings],
    }


def _head(run: Run, now: float) -> Said:
    end = now if run.finished is None else run.finished
    return {
        "run": run.id,
        "kind": run.kind,
        "scope": run.scope,
        "state": run.state,
        "started": moment(run.started),
        "finished": None if run.finished is None else moment(run.finished),
        "seconds": round(max(0.0, end - run.started), 3),
        "undone_by": run.facts.get(UNDONE_BY),
    }


def totals(amounts: Sequence[tuple[SideName, Decimal]]) -> Said:
    """How much was found, by side, and what it comes to in pieces."""
    sides = Counter(side for side, _ in amounts)
    return {
        "findings": len(amounts),
        "by_side": {str(side): sides[side] for side in SideName},
        "rises": spell(plain(sum((amount for _, amount in amounts if amount > ZERO), ZERO))),
        "falls": spell(plain(sum((amount for _, amount in amounts if amount < ZERO), ZERO))),
    }


def progress(run: Run, links: int) -> Said:
    """How far it has come, for a bar. `links`: how many there are, as long as the run has not counted them."""
    if run.state == UNDOING:
        seen, whole = _number(run, "seen") or 0, _number(run, "of") or 0
        return {"percent": 100 * seen // max(whole, 1), "words": f"takes back: {seen} of {whole} items so far"}
    if run.state == WAITING:
        rounds = min(_number(run, "rounds") or 0, 4)
        return {"percent": FIRST_LOOK + 4 * rounds, "words": "waits, and looks again at what differs"}
    if run.state != LOOKING:
        return {"percent": 100, "words": "over"}
    side, looked = run.facts.get("counting"), _number(run, "looked") or 0
    if side is None or run.scope or not links:
        return {"percent": 0, "words": "reads both sides"}
    counted = min(looked, links) + (links if side == SideName.POS else 0)
    return {"percent": FIRST_LOOK * counted // (2 * links), "words": f"counts the {side}: {looked} so far"}


def words(run: Run, found: int) -> str:
    """What a run came to, in a sentence."""
    if run.state in (LOOKING, WAITING):
        return "still under way"
    if run.state == UNDOING:
        return f"still under way: {_number(run, 'seen') or 0} of {_number(run, 'of') or 0} items of run {run.scope}"
    reason = str(run.facts.get("reason", ""))
    if run.state in (HELD, FAILED):
        return f"{run.state}: {reason}"
    if "choice" in run.facts:
        return f"{run.facts.get('asked')} — decided: {run.facts['choice']}"
    if "undone" in run.facts:
        return f"undid {run.facts['undone']} of run {run.scope}, left {run.facts.get('left', 0)}"
    done = "would be entered" if run.kind == PLAN else "found"
    said = f"{found} {'difference' if found == 1 else 'differences'} {done}" if found else "nothing differs"
    moving = _number(run, "moving")
    said += f", {moving} still moving" if moving else ""
    said += "; dropped" if run.facts.get("dropped") else ""
    said += f"; it would be held: {reason}" if reason and run.kind == PLAN else ""
    return said + (f"; undone by run {run.facts[UNDONE_BY]}" if UNDONE_BY in run.facts else "")


def _number(run: Run, name: str) -> int | None:
    fact = run.facts.get(name)
    return fact if isinstance(fact, int) else None


def _row(row: Row) -> Said:
    return {
        "sku": row.sku,
        "side": str(row.side),
        "outlet": row.outlet,
        "level": spell(row.level),
        "known": spell(row.known),
        "difference": spell(row.amount),
        "verdict": row.verdict,
        "words": row.words,
    }


def _ruling(ruling: Ruling, skus: dict[int, str]) -> Said:
    return {
        "sku": skus.get(ruling.link, ""),
        "kind": ruling.kind,
        "document": ruling.document,
        "changes": {name: spell(amount) for name, amount in ruling.changes.items()},
        "words": ruling.words,
    }
