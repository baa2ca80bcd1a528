"""Questions about what was held because it was too much at once, or rests on a backup that was put back."""

from __future__ import annotations

from dataclasses import replace

from tillbridge import braking, recovering
from tillbridge.core.findings import Believe
from tillbridge.core.stock import SideName
from tillbridge.decisions.asked import Asked, Choice, Deciding
from tillbridge.poll import BOOKS, restored
from tillbridge.ports import DONE, HELD, WAITING, Pending, Run

GO_ON, DROP = "go-on", "drop"


class HeldRuns:
    """Of each scope the latest run that a brake holds; earlier ones found the same, and go with it."""

    name = "run"

    def rows(self, pending: Pending) -> list[Asked]:
        latest = {run.scope: run for run in pending.runs_in((HELD,))}
        return [_held(run) for run in latest.values()]

    def find(self, pending: Pending, subject: str) -> Asked | None:
        return next((_held(run) for run in pending.runs_in((HELD,)) if str(run.id) == subject), None)

    def decide(self, deciding: Deciding, subject: str, choice: str) -> None:
        unit = deciding.unit
        held = unit.runs_in((HELD,))
        run = next(one for one in held if str(one.id) == subject)
        for other in held:
            if other.scope == run.scope and other.id != run.id:
                unit.save_run(replace(other, state=DONE, facts={**other.facts, "superseded_by": run.id}))
        if choice == GO_ON:
            facts = {name: fact for name, fact in run.facts.items() if name not in ("reason", "due_at")}
            facts |= {"allowed": True, "rounds": 0}
            unit.save_run(replace(run, state=WAITING, finished=None, facts=facts))
            deciding.cannot_be_undone(f"undo run {run.id} itself, once it is done")
            deciding.say(f"run {run.id} goes on: it looks once more, and enters what is still the same")
        else:
            unit.save_run(replace(run, state=DONE, facts={**run.facts, "dropped": True}))
            deciding.cannot_be_undone("a new run finds the same again: `tillbridge reconcile`")
            deciding.say(f"run {run.id} is dropped: nothing of what it found is entered")


class BrakedSides:
    """Too many items of a side changed at once without a document."""

    name = "brake"

    def rows(self, pending: Pending) -> list[Asked]:
        return [_braked(side) for side in SideName if pending.noted(braking.note_of(side)) == "on"]

    def find(self, pending: Pending, subject: str) -> Asked | None:
        return next((one for one in self.rows(pending) if one.subject == subject), None)

    def decide(self, deciding: Deciding, subject: str, _: str) -> None:
        released = braking.release(deciding.unit, SideName(subject))
        deciding.cannot_be_undone("what was held is booked; put the levels right on that side where they are wrong")
        deciding.say(f"{released} events that were held are booked, and for an hour nothing of the {subject} is held")


class PutBack:
    """A side, or our own books, were restored from a backup; nothing is written until a person says what counts."""

    name = "restored"

    def rows(self, pending: Pending) -> list[Asked]:
        return [_restored(what, why) for what in (*SideName, BOOKS) if (why := pending.noted(restored(str(what))))]

    def find(self, pending: Pending, subject: str) -> Asked | None:
        return next((one for one in self.rows(pending) if one.subject == subject), None)

    def decide(self, deciding: Deciding, subject: str, choice: str) -> None:
        if subject == BOOKS:
            recovering.go_on(deciding.unit)
            deciding.say("writing goes on")
        else:
            run = recovering.believe(deciding.unit, SideName(subject), choice)
            deciding.say(f"writing goes on; run {run.id} looks at both sides and enters what differs by your word")
        deciding.cannot_be_undone("undo the run that followed from it; `tillbridge runs` lists it")


def _held(run: Run) -> Asked:
    choices = (
        Choice(GO_ON, "it is right: look once more, and enter it"),
        Choice(DROP, "it is not: enter nothing of it"),
    )
    about = f" of {run.scope!r}" if run.scope else ""
    words = f"run {run.id}{about} is held: {run.facts.get('reason', 'it would change too much')}"
    return Asked("run", str(run.id), words, choices, run=run.id)


def _braked(side: SideName) -> Asked:
    words = f"too many items of the {side} changed at once without a sale, a return or a delivery"
    return Asked(
        "brake", str(side), words, (Choice(GO_ON, "it is right: carry it over, and hold nothing for an hour"),)
    )


def _restored(what: str, why: str) -> Asked:
    if what == BOOKS:
        return Asked("restored", BOOKS, why, (Choice(GO_ON, "the books are up to date: write again"),))
    choices = tuple(Choice(str(word), _BELIEVE[word].format(side=what)) for word in Believe)
    return Asked("restored", str(what), why, choices)


_BELIEVE = {
    Believe.OURS: "the books are right: what the {side} lost is put back there",
    Believe.THEIRS: "the {side} is right: the other side follows",
    Believe.APART: "neither: what differs is left standing, item by item",
}
