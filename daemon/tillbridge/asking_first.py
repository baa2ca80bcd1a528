"""A POS without idempotency keys is asked for a document before it is told of it: it may have it from an earlier try.

Such a POS would record the same document twice, where its answer was lost or the books were put back to a backup. What
it is asked by is the document's own key, and the order's reference, under which its adapter finds what it recorded.
"""

from __future__ import annotations

from collections.abc import Sequence

from tillbridge.core import trouble
from tillbridge.core.actions import Action, Outcome, Status
from tillbridge.core.documents import AmendSale, RecordReturn, RecordSale, VoidSale
from tillbridge.errors import SideTrouble
from tillbridge.ports import Abilities, PosPapers, Taking


class AskingFirst:
    """Implements `ports.Taking` in the POS's place."""

    def __init__(self, pos: Taking, papers: PosPapers) -> None:
        self._pos = pos
        self._papers = papers
        self.abilities: Abilities = pos.abilities

    def apply(self, actions: Sequence[Action]) -> list[Outcome]:
        """One outcome for each action, in order; never raises."""
        return [self._apply(action) for action in actions]

    def _apply(self, action: Action) -> Outcome:
        if isinstance(action, RecordSale | AmendSale | RecordReturn | VoidSale):
            try:
                found = self._papers.find_document(action.key, action.heading.reference)
            except SideTrouble as error:
                return trouble.of_unsent(error)
            if found.status is Status.APPLIED:
                return Outcome(Status.DUPLICATE, document=found.document)
        (outcome,) = self._pos.apply([action])
        return outcome


def by_its_memory(pos: Taking, papers: PosPapers | None) -> Taking:
    """How a POS is told of documents: one that knows keys tells a repetition by itself."""
    return pos if pos.abilities.key_memory is not None or papers is None else AskingFirst(pos, papers)
