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
    """What the books know of an order. `sold`: orders travel as sales."""

    dossier: Dossier
    order: Order | None
    message: Waiting | None
    sold: bool

    def of(self, verdict: Wanted | Alone | Parked, had: Share) -> Because:
        """Why the sides differ. `verdict` is what the policy makes of the order, `had` what the POS has of it."""
        message, alone = self.message, self._alone(verdict)
        if self.dossier.filing is not None:
            return "under_way", "under_way", "a document was sent, and it is not certain yet what became of it"
        if alone:
            kind = STOCK_ONLY if alone == STOCK_ONLY else "left_alone"
            if had == Share():
                return kind, alone, ALONE.get(alone, alone)
            return "differs", alone, f"the POS has something of it, although {ALONE.get(alone, alone)}"
        if not self.sold and had == Share():
            return STOCK_ONLY, "as_stock", "orders travel as stock only"
        if message is not None and message.state == "parked":
            return "parked", message.reason, message.sentence
        if message is not None and message.state != "done":
            words = message.sentence or "its document is to be sent"
            return "waiting", "given_up" if message.state == "dead" else "waiting", words
        if message is not None and message.reason == "discarded":
            return "differs", "discarded", f"given up by a person: {message.sentence}"
        if self.order is not None and not self.order.admitted:
            return "not_admitted", "not_admitted", "it has had no status yet at which orders are sent"
        if self.order is None and had == Share():
            return "unknown", "unknown", "nothing of it ever reached the daemon: `tillbridge resync ORDER` looks at it"
        if isinstance(verdict, Parked):
            return "differs", verdict.code, f"{verdict.sentence} — {verdict.fix}"
        return "differs", "differs", "the documents of the POS do not come to what the order comes to"

    def _alone(self, verdict: Wanted | Alone | Parked) -> str:
        if self.dossier.alone:
            return self.dossier.alone
        return verdict.code if isinstance(verdict, Alone) and self.sold else ""


def standing(story: Story, paper: Paper, dossier: Dossier, *, sold: bool) -> Standing:
    """What the books know of an order."""
    order = story.orders([paper.ref]).get(paper.ref)
    return Standing(dossier, order, story.paper_message(paper.ref), sold)
