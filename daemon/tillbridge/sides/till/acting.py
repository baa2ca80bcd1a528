"""Carrying out actions at the POS: stock in batches, documents one by one and before it. Trouble is an outcome."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tillbridge.core import trouble
from tillbridge.core.actions import Action, AdjustStock, Outcome, Status
from tillbridge.core.documents import AmendSale, Document, RecordReturn, RecordSale, VoidSale
from tillbridge.errors import SideTrouble
from tillbridge.sides.till import mapping, papers
from tillbridge.sides.till.client import Declined, TillClient
from tillbridge.sides.till.people import People

_UNSUPPORTED = Outcome(Status.INVALID, reason="unsupported", sentence="this POS cannot void a key")


class Acting:
    """`outlet` says where an action happens that names no outlet; it may ask the POS, and raises `SideTrouble`."""

    def __init__(self, client: TillClient, people: People, outlet: Callable[[str], str], batch: int) -> None:
        self._client = client
        self._people = people
        self._outlet = outlet
        self._batch = batch

    def apply(self, actions: Sequence[Action]) -> list[Outcome]:
        """One outcome for each action, in order. Where one call goes wrong, those behind it are not sent."""
        settled: dict[int, Outcome] = {}
        documents: list[tuple[int, Document, str]] = []
        rows: list[tuple[int, AdjustStock, str]] = []
        try:
            for at, action in enumerate(actions):
                if isinstance(action, AdjustStock):
                    rows.append((at, action, self._outlet(action.outlet)))
                elif isinstance(action, RecordSale | AmendSale | RecordReturn | VoidSale):
                    documents.append((at, action, self._outlet(action.heading.outlet)))
                else:
                    settled[at] = _UNSUPPORTED
        except SideTrouble as error:
            return [trouble.of_unsent(error)] * len(actions)
        unsent = self._record(documents, settled)
        if unsent is None:
            unsent = self._adjust(rows, settled)
        return [settled[at] if at in settled or unsent is None else unsent for at in range(len(actions))]

    def _record(self, documents: Sequence[tuple[int, Document, str]], settled: dict[int, Outcome]) -> Outcome | None:
        """Documents, one call each. What the outcome of those behind is, where one call went wrong."""
        for at, document, outlet in documents:
            try:
                settled[at] = self._send(document, outlet)
            except SideTrouble as error:
                settled[at] = trouble.of_call(error)
                return trouble.never_sent(settled[at])
        return None

    def _send(self, document: Document, outlet: str) -> Outcome:
        customer = ""
        if isinstance(document, RecordSale) and document.buyer is not None:
            customer = document.buyer
        elif isinstance(document, RecordSale) and document.customer is not None:
            known = self._people.of_order(document.customer, document.heading.reference)
            if known.status is not Status.APPLIED:
                return known
            customer = known.document
        key = mapping.marked(document.key)
        try:
            status, answer = self._client.record(*papers.request(document, key, outlet, customer))
        except Declined as no:
            return papers.refused(no)
        return papers.recorded(status, answer, key)

    def _adjust(self, rows: Sequence[tuple[int, AdjustStock, str]], settled: dict[int, Outcome]) -> Outcome | None:
        """Movements of stock, in batches."""
        for start in range(0, len(rows), self._batch):
            batch = rows[start : start + self._batch]
            actions = [action for _, action, _ in batch]
            unsent = None
            try:
                body = self._client.adjust([mapping.adjustment(action, outlet) for _, action, outlet in batch])
                outcomes = mapping.outcomes(body, actions)
            except Declined as no:
                refused = Outcome(Status.INVALID, reason=no.code or f"http_{no.status}", sentence=no.words)
                outcomes = [refused] * len(batch)
            except SideTrouble as error:
                outcomes = [trouble.of_call(error)] * len(batch)
                unsent = trouble.never_sent(outcomes[0])
            settled |= {at: outcome for (at, _, _), outcome in zip(batch, outcomes, strict=True)}
            if unsent is not None:
                return unsent
        return None
