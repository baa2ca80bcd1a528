"""Questions about differences that a run found and left, because nobody had said that they count."""

from __future__ import annotations

from collections.abc import Sequence

from tillbridge.core.stock import spell
from tillbridge.decisions.asked import MOST, Asked, Choice, Deciding, subjects
from tillbridge.mending import REPORTED, note_of
from tillbridge.ports import Alert, Pending, Sighting

_Waiting = tuple[Alert, Sighting]


class Reported:
    """A level that differs from its account. Accepted, the next look enters it, if it is still the same by then. What
    differs at the other side of the same item, or at another outlet, is another question."""

    name = REPORTED

    def rows(self, pending: Pending) -> list[Asked]:
        waiting = pending.reported(REPORTED)
        return [_asked(one, subject) for subject, one in _named(waiting)[:MOST]]

    def find(self, pending: Pending, subject: str) -> Asked | None:
        found = _meant(pending, subject)
        return None if found is None else _asked(found, subject)

    def decide(self, deciding: Deciding, subject: str, _: str) -> None:
        found = _meant(deciding.unit, subject)
        if found is None:
            return
        alert, sighting = found
        deciding.note(note_of(sighting.seen), spell(sighting.seen.amount))
        words = "it is entered at the next look, if it is still the same (`tillbridge reconcile` looks now)"
        deciding.say(words, alert.sku)


def _named(waiting: Sequence[_Waiting]) -> list[tuple[str, _Waiting]]:
    """Each with what its question is called: the item, the side, and the outlet where the side has such."""
    items = subjects([(sighting.seen.link, alert.sku) for alert, sighting in waiting])
    found: list[tuple[str, _Waiting]] = []
    for alert, sighting in waiting:
        seen = sighting.seen
        outlet = f":{seen.outlet}" if seen.outlet else ""
        found.append((f"{items[seen.link]}:{seen.side}{outlet}", (alert, sighting)))
    return found


def _meant(pending: Pending, subject: str) -> _Waiting | None:
    """The SKU alone will do where only one difference of it waits."""
    named = _named(pending.reported(REPORTED))
    exact = [one for name, one in named if name == subject]
    found = exact or [(alert, sighting) for _, (alert, sighting) in named if alert.sku == subject]
    return found[0] if len(found) == 1 else None


def _asked(waiting: _Waiting, subject: str) -> Asked:
    alert, sighting = waiting
    seen = sighting.seen
    words = (
        f"{alert.sku!r} shows {spell(seen.level)} at the {seen.side}, known is {spell(seen.known)}: the difference of"
        f" {seen.amount:+f} is explained by nothing"
    )
    choice = Choice("accept", "it happened there: it is entered at the next look, by whose word counts")
    return Asked(REPORTED, subject, words, (choice,), sku=alert.sku, amount=seen.amount)
