"""Defects in how the till is told of orders as sales."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.simulation.defects.planting import Defect, Planting
from tests.simulation.options import Wishes
from tillbridge import papers
from tillbridge.core import paying, taxing, wanted
from tillbridge.core.actions import Status
from tillbridge.core.documents import RecordReturn, RecordSale
from tillbridge.core.order_policy import STANDARD
from tillbridge.core.paper import LineKind
from tillbridge.core.remaining import remains
from tillbridge.core.taken import after
from tillbridge.db.paperwork import PAPER_KIND, PaperRows
from tillbridge.db.queue import QueueRows
from tillbridge.papers import PaperRelay


def _key_per_try(planting: Planting) -> None:
    real = PaperRelay._begin_again

    def forgetful(self: Any, unit: Any, message: Any, dossier: Any, filing: Any, customer: Any) -> Any:
        key = self._chance.new_key()
        moved = self._moved(unit, filing)
        unit.save([replace(one, unsettled=replace(one.unsettled, key=key)) for one in moved])
        fresh = replace(filing, document=replace(filing.document, key=key))
        return real(self, unit, message, dossier, fresh, customer)

    planting.put(PaperRelay, "_begin_again", forgetful)


def _sold_unlooked(planting: Planting) -> None:
    """Nobody asks what became of a sale without an answer: it is forgotten, and made up anew."""
    real = PaperRelay._settle

    def hasty(self: Any, unit: Any, sent: Any, outcome: Any) -> None:
        is_sale = isinstance(sent.filing.document, RecordSale)
        if not is_sale or outcome.status is not Status.UNCERTAIN or not unit.held_of([sent.message]):
            real(self, unit, sent, outcome)
            return
        unit.save([replace(one, unsettled=None) for one in self._moved(unit, sent.filing)])
        unit.save_dossier(replace(unit.dossier(sent.order), filing=None))
        unit.again([sent.message])

    planting.put(PaperRelay, "_settle", hasty)


def _refund_per_hook(planting: Planting) -> None:
    """What came back is not taken off what the till has: the next hook of the order tells it again."""
    real = after

    def forgetful(taken: Any, document: Any) -> Any:
        return taken if isinstance(document, RecordReturn) else real(taken, document)

    planting.put(papers, "after", forgetful)


def _taken_too_soon(planting: Planting) -> None:
    """A document counts as taken when it is sent, whatever is answered."""
    real = PaperRelay._attempt

    def eager(self: Any, unit: Any, message: Any, dossier: Any, document: Any, *about: Any) -> Any:
        sent = real(self, unit, message, dossier, document, *about)
        if sent is not None:
            begun = unit.dossier(dossier.order)
            unit.save_dossier(replace(begun, taken=after(begun.taken, document)))
        return sent

    planting.put(PaperRelay, "_attempt", eager)
    planting.put(papers, "after", lambda taken, document: taken)


def _parked_for_good(planting: Planting) -> None:
    """Whatever stirs, and whoever says so: an order that was parked stays parked."""

    def stubborn(real: Callable[..., Any]) -> Callable[..., Any]:
        def act(self: Any, *about: Any) -> Any:
            which = "SELECT reason, error, id FROM message WHERE kind = ? AND state = 'parked'"
            parked = self._db.rows(which, (PAPER_KIND,))
            done = real(self, *about)
            self._db.run_many("UPDATE message SET state = 'parked', reason = ?, error = ? WHERE id = ?", parked)
            return done

        return act

    planting.put(PaperRows, "stir_papers", stubborn(PaperRows.stir_papers))
    planting.put(QueueRows, "release", stubborn(QueueRows.release))


def _fee_left_out(planting: Planting) -> None:
    real = remains

    def feeless(*about: Any) -> Any:
        left = real(*about)
        return replace(left, lines=tuple(one for one in left.lines if one.line.kind is not LineKind.FEE))

    planting.put(wanted, "remains", feeless)


def _one_tax(planting: Planting) -> None:
    real = taxing.Book._name

    def standard(self: Any, line: Any, rate: str) -> str:
        return self.policy.taxes.get(STANDARD) or real(self, line, rate)

    planting.put(taxing.Book, "_name", standard)


def _one_payment(planting: Planting) -> None:
    real = paying.paid

    def card(*about: Any) -> Any:
        paid = real(*about)
        return replace(paid, payments={"card": paid.total} if paid.total else {})

    planting.put(paying, "paid", card)


_SALES = Wishes(authority="both", reconcile="on", spoiling="off", restoring="off", orders="sale")

TELLING = (
    Defect("document-key-per-try", "a key is made for every try of a document", _key_per_try, _SALES),
    Defect("sold-unlooked", "a sale without an answer is made up anew, and not looked for", _sold_unlooked, _SALES),
    Defect("refund-per-hook", "a refund is told to the till with every hook of its order", _refund_per_hook, _SALES),
    Defect("taken-too-soon", "a document counts as taken before the till has confirmed it", _taken_too_soon, _SALES),
    Defect("parked-for-good", "an order that was parked is never released", _parked_for_good, _SALES),
    Defect("fee-left-out", "the money of a fee is left out", _fee_left_out, _SALES),
    Defect("one-tax", "every tax is told as that of the standard rate", _one_tax, _SALES),
    Defect("one-payment", "every order is told as paid by card", _one_payment, _SALES),
)
