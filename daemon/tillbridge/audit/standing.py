"""Why the POS has something else of an order than the shop, as far as the books can tell."""

from __future__ import annotations

from dataclasses import dataclass

from tillbridge.audit.papers import ALONE
from tillbridge.core.auditing import Share
from tillbridge.core.paper import Paper
from tillbridge.core.positions import Order
from tillbridge.core.wanted import Alone, Parked, Wanted
from tillbridge.ports import Story, Waiting
from tillbridge.ports.paperwork import STOCK_ONLY, Dossier

Because = tuple[str, str, str]
"""The kind of row, a stable reason, and words."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the books know of an order. `sold`: orders travel as sales. `arrivals`: what the POS told of it and the shop
    does not have yet."""

    dossier: Dossier
    order: Order | None
    message: Waiting | None
    sold: bool
    arrivals: tuple[Waiting, ...] = ()

    def of(self, verdict: Wanted | Alone | Parked, had: Share) -> Because:
        """Why the sides differ. `verdict` is what the policy makes of the order, `had` what the POS has of it."""
        alone = self._alone(verdict)
        if (moving := self._between()) is not None:
            return moving
        if alone:
            kind = STOCK_ONLY if alone == STOCK_ONLY else "left_alone"
            if had == Share():
                return kind, alone, ALONE.get(alone, alone)
            return "differs", alone, f"the POS has something of it, although {ALONE.get(alone, alone)}"
        if not self.sold and had == Share():
            return STOCK_ONLY, "as_stock", "orders travel as stock only"
        if (waiting := self._waiting()) is not None:
            return waiting
        if self.order is not None and not self.order.admitted:
            return "not_admitted", "not_admitted", "it has had no status yet at which orders are sent"
        if self.order is None and had == Share():
            return "unknown", "unknown", "nothing of it ever reached the daemon: `tillbridge resync ORDER` looks at it"
        if isinstance(verdict, Parked):
            return "differs", verdict.code, f"{verdict.sentence} — {verdict.fix}"
        return "differs", "differs", "the documents of the POS do not come to what the order comes to"

    def _between(self) -> Because | None:
        """What one side has and the other does not, because nobody knows yet whether it arrived."""
        if self.dossier.filing is not None:
            return "under_way", "under_way", "a document was sent, and it is not certain yet what became of it"
        for arrival in self.arrivals:
            if arrival.state == "parked":
                return "parked", arrival.reason, arrival.sentence
            return "waiting", "coming_back", arrival.sentence or "the shop is to be told what happened at the POS"
        return None

    def _waiting(self) -> Because | None:
        """Why its next document was not sent."""
        message = self.message
        if message is None:
            return None
        if message.state == "parked":
            return "parked", message.reason, message.sentence
        if message.state != "done":
            words = message.sentence or "its document is to be sent"
            return "waiting", "given_up" if message.state == "dead" else "waiting", words
        if message.reason == "discarded":
            return "differs", "discarded", f"given up by a person: {message.sentence}"
        return None

    def _alone(self, verdict: Wanted | Alone | Parked) -> str:
        if self.dossier.alone:
            return self.dossier.alone
        return verdict.code if isinstance(verdict, Alone) and self.sold else ""


def standing(story: Story, paper: Paper, dossier: Dossier, *, sold: bool) -> Standing:
    """What the books know of an order."""
    order = story.orders([paper.ref]).get(paper.ref)
    arrivals = tuple(story.waiting_arrivals(paper.ref))
    return Standing(dossier, order, story.paper_message(paper.ref), sold, arrivals)
