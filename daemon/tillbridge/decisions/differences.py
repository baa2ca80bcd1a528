"""Questions about differences that a run found and left, because nobody had said that they count."""

from __future__ import annotations

from tillbridge.core.stock import spell
from tillbridge.decisions.asked import MOST, Asked, Choice, Deciding
from tillbridge.mending import REPORTED, accepted
from tillbridge.ports import Alert, Pending, Sighting


class Reported:
    """A level that differs from its account. Accepted, the next look enters it, if it is still the same by then."""

    name = REPORTED

    def rows(self, pending: Pending) -> list[Asked]:
        return [_asked(alert, sighting) for alert, sighting in pending.reported(REPORTED)[:MOST]]

    def find(self, pending: Pending, subject: str) -> Asked | None:
        return next((one for one in self.rows(pending) if one.sku == subject), None)

    def decide(self, deciding: Deciding, subject: str, _: str) -> None:
        for alert, sighting in deciding.unit.reported(REPORTED):
            if alert.sku == subject:
                deciding.note(accepted(sighting.seen.link), spell(sighting.seen.amount))
                words = "it is entered at the next look, if it is still the same (`tillbridge reconcile` looks now)"
                deciding.say(words, subject)


def _asked(alert: Alert, sighting: Sighting) -> Asked:
    seen = sighting.seen
    words = (
        f"{alert.sku!r} shows {spell(seen.level)} at the {seen.side}, known is {spell(seen.known)}: the difference of"
        f" {seen.amount:+f} is explained by nothing"
    )
    choice = Choice("accept", "it happened there: it is entered at the next look, by whose word counts")
    return Asked(REPORTED, alert.sku, words, (choice,), sku=alert.sku, amount=seen.amount)
