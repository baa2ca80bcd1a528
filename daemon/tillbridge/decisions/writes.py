"""Questions about writes of which nobody can find out what became."""

from __future__ import annotations

from dataclasses import replace

from tillbridge.attempts import UNCERTAIN_WRITE
from tillbridge.core import accounts, routing
from tillbridge.core.accounts import Account, Settlement
from tillbridge.core.actions import Outcome, Status
from tillbridge.core.stock import spell
from tillbridge.core.targets import Shelf
from tillbridge.decisions.asked import MOST, Asked, Choice, Deciding
from tillbridge.ports import Outgoing, Pending

DONE, NOT_DONE = "done", "not-done"

_FINAL = "what became of a write is said once; if it was wrong, the level there differs, and a run finds it"


class UnsureWrites:
    """Only a person who looks at that side can tell. Until then nothing more is written there for the item."""

    name = "write"

    def rows(self, pending: Pending) -> list[Asked]:
        waiting = pending.unsure_writes(UNCERTAIN_WRITE)[:MOST]
        shelves = pending.shelves_by_link(sorted({one.link for one in waiting}))
        return [_asked(one, shelves[one.link]) for one in waiting if one.link in shelves]

    def find(self, pending: Pending, subject: str) -> Asked | None:
        return next((one for one in self.rows(pending) if one.subject == subject), None)

    def decide(self, deciding: Deciding, subject: str, choice: str) -> None:
        unit = deciding.unit
        waiting = next(one for one in unit.unsure_writes(UNCERTAIN_WRITE) if str(one.id) == subject)
        shelf = unit.shelves_by_link([waiting.link])[waiting.link]
        account = _unsettled(waiting, shelf)
        if account is not None:
            settlement = _settle(account, choice, unit.now)
            if settlement.entry is not None:
                unit.post([(settlement.account, settlement.entry)])
            else:
                unit.save([settlement.account])
            shelf = routing.with_account(shelf, settlement.account)
        unit.unpark(waiting.id)
        deciding.touched[shelf.link.id] = shelf
        deciding.cannot_be_undone(_FINAL)
        deciding.say(_SAID[choice], shelf.link.sku)


def _unsettled(waiting: Outgoing, shelf: Shelf) -> Account | None:
    return next((one for one in shelf.of(waiting.side) if one.unsettled is not None), None)


def _settle(account: Account, choice: str, now: float) -> Settlement:
    """As an answer of the side would. Nothing is in doubt any more: a person has looked."""
    attempt = account.unsettled
    assert attempt is not None
    sure = replace(account, unsettled=replace(attempt, doubt=None))
    return accounts.settle(sure, Outcome(Status.APPLIED if choice == DONE else Status.VOIDED), now)


def _asked(waiting: Outgoing, shelf: Shelf) -> Asked:
    account = _unsettled(waiting, shelf)
    amount = None if account is None or account.unsettled is None else account.unsettled.amount
    change = "a change" if amount is None else f"a change of {spell(amount)}"
    words = f"{change} of {shelf.link.sku!r} was sent to the {waiting.side}, and nobody knows whether it took effect"
    choices = (
        Choice(DONE, "it did: the level there has it already"),
        Choice(NOT_DONE, "it did not: what is lacking there is written anew"),
    )
    return Asked("write", str(waiting.id), f"{words}: {waiting.error}", choices, sku=shelf.link.sku, amount=amount)


_SAID = {DONE: "the write is entered as done", NOT_DONE: "the write is forgotten, and what is lacking is written anew"}
