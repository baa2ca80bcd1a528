"""Whose sale an order is, found out before the POS is told of it: a POS that takes documents, seen through that.

The POS's id of the customer stays with the document that is under way, so that it is repeated as it was. What the POS
says comes back without what is known of the customer, since it is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tillbridge.core.actions import Action, Outcome, Status
from tillbridge.core.documents import RecordSale
from tillbridge.people import People, nameless
from tillbridge.ports import Abilities, Books, Taking


class Buying:
    """Implements `ports.Taking` in the POS's place."""

    def __init__(self, books: Books, people: People, pos: Taking) -> None:
        self._books = books
        self._people = people
        self._pos = pos
        self.abilities: Abilities = pos.abilities

    def apply(self, actions: Sequence[Action]) -> list[Outcome]:
        """One outcome for each action, in order; never raises."""
        return [self._apply(action) for action in actions]

    def _apply(self, action: Action) -> Outcome:
        if not isinstance(action, RecordSale):
            (outcome,) = self._pos.apply([action])
            return outcome
        buyer = action.buyer
        if buyer is None:
            found = self._people.buyer(_order(action), action.customer)
            if found.status is not Status.APPLIED:
                return found
            buyer = self._fixed(action, found.document)
        (outcome,) = self._pos.apply([replace(action, buyer=buyer, customer=action.customer if buyer else None)])
        return nameless(outcome, action.customer)

    def _fixed(self, sale: RecordSale, found: str) -> str:
        """Who it is from now on. Another worker may have been faster, where this one was paused past its lease."""
        with self._books.writing() as unit:
            dossier = unit.dossier(_order(sale))
            filing = dossier.filing
            if filing is None or filing.key != sale.key or not isinstance(filing.document, RecordSale):
                return found
            if filing.document.buyer is not None:
                return filing.document.buyer
            named = replace(filing, document=replace(filing.document, buyer=found))
            unit.save_dossier(replace(dossier, filing=named))
            return found


def _order(sale: RecordSale) -> str:
    return sale.heading.reference.rpartition(":")[2]
