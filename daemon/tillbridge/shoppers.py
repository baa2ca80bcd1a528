"""Who in the shop somebody is who bought at the counter: the account in whose name an order of that sale stands.

What is known of a person passes through and is kept nowhere. No account is made or changed here, and one of staff is
only named: a sale to the shop's own administrator is an order of theirs like any other.
"""

from __future__ import annotations

from dataclasses import replace

from tillbridge.core.paper import Person
from tillbridge.core.people import filled
from tillbridge.errors import BadAnswer
from tillbridge.people import NOT_TOLD, Ends
from tillbridge.ports import Books
from tillbridge.ports.persons import StorePerson


class Shoppers:
    """`to_store`: whether what is known of a customer at the POS may travel to the shop. Where it may not, an account
    that is linked already is named, and nothing else is told."""

    def __init__(self, books: Books, ends: Ends, *, to_store: bool) -> None:
        self._books = books
        self._ends = ends
        self._to_store = to_store

    def __call__(self, pos_ref: str) -> Person | None:
        """The buyer of a sale by the POS's id, as the order is to name them: `id` is the account, "" where they have
        none. None is nobody whom the shop may know. Raises `SideTrouble`."""
        if not pos_ref:
            return None
        try:
            return self._found(pos_ref)
        except BadAnswer:
            raise BadAnswer(NOT_TOLD) from None

    def _found(self, pos_ref: str) -> Person | None:
        with self._books.writing() as unit:
            known = unit.acquaintance_at(pos_ref)
        account = self._ends.shop.person(known.ref) if known is not None else None
        if not self._to_store:
            return None if account is None else replace(account.person, id=account.ref)
        there = self._ends.pos.person(pos_ref)
        if there is None or there.erased:
            return None
        if account is None:
            account = self._of_address(there.person.email.strip())
        if account is None:
            return replace(there.person, id="")
        return replace(filled(there.person, account.person), id=account.ref)

    def _of_address(self, email: str) -> StorePerson | None:
        """The one account of that e-mail address, whoever's it is; two accounts are nobody's for certain."""
        found = self._ends.shop.find(email) if email else ()
        return found[0] if len(found) == 1 else None
