"""What WordPress' tools for a person's data ask: what is held of a customer, and to forget it, here and at the POS.

The shop names the customer by its own number, a guest by an order of theirs (`order:NUMBER`); no name or address is
asked for, and none is held. Of guests the POS knows somebody only where the settings have them made there.
"""

from __future__ import annotations

from tillbridge.core.actions import Status
from tillbridge.core.people import email_key
from tillbridge.errors import Malformed, SideTrouble
from tillbridge.people import Ends
from tillbridge.ports import Books, PosPapers, Said
from tillbridge.ports.persons import Acquaintance

ORDERS = 100
"""Orders of a customer that are looked at, the newest."""

NO_KEY = "the shop gave no key for WooCommerce's REST API, so which orders are this person's cannot be asked"
GUEST_UNASKED = "The shop or the till system could not be asked who this guest is."
AGAIN = "Make this request again once both answer."


class Privacy:
    """Answers about one customer. `ends` is None where the shop gave no key to ask it by; `site` is how documents of
    the POS name this shop."""

    def __init__(
        self, books: Books, ends: Ends | None, papers: PosPapers, site: str, *, guests: bool = False
    ) -> None:
        """`guests`: whether guests become customers of the POS."""
        self._books = books
        self._ends = ends
        self._papers = papers
        self._site = site
        self._guests = guests

    def export(self, customer: str) -> Said:
        """Everything that is held, as rows of name and value. Raises `Malformed`."""
        if (order := _order_of_guest(customer)) is not None:
            return self._export_guest(order)
        known = self._known(customer)
        items: list[tuple[str, str]] = []
        if known.pos_ref:
            items.append(("Customer of the till system", f"number {known.pos_ref} there is account {known.ref} here"))
            if known.agreed.key:
                items.append(("Data in step", "digests, by which a later change is seen; no data can be read in them"))
        if known.erased:
            items.append(("Erased", "only the number of the account is kept, so that it stays so"))
        return {"items": [{"name": name, "value": value} for name, value in [*items, *self._orders(known)]]}

    def erase(self, customer: str) -> Said:
        """Forget it, here and at the POS where it can. Raises `Malformed`."""
        if (order := _order_of_guest(customer)) is not None:
            return self._erase_guest(order)
        known = self._known(customer)
        if not known.pos_ref:
            self._forget(known)
            return _said(removed=False, retained=False)
        if self._ends is None:
            self._forget(known)
            words = "is unlinked. Erase it there by hand."
            return _said(f"Customer {known.pos_ref} of the till system {words}", removed=True, retained=True)
        outcome = self._ends.pos.erase_person(known.pos_ref)
        match outcome.status:
            case Status.APPLIED | Status.DUPLICATE | Status.NOT_FOUND:
                self._forget(known)
                return _said(
                    f"The till system has forgotten who its customer {known.pos_ref} was.", removed=True, retained=False
                )
            case Status.REFUSED | Status.INVALID:
                self._forget(known)
                words = "is unlinked, but the till system would not erase it. Erase it there by hand."
                return _said(f"Customer {known.pos_ref} of the till system {words}", removed=True, retained=True)
            case _:
                words = "The till system could not be asked to forget its customer, so nothing was erased."
                return _said(f"{words} {AGAIN}", removed=False, retained=True)

    def _export_guest(self, order: str) -> Said:
        try:
            found = self._guest_at_pos(order)
            rows = [{"name": "Customer of the till system", "value": f"number {ref} there"} for ref in found]
        except SideTrouble:
            rows = [{"name": "Not asked", "value": f"{GUEST_UNASKED} {AGAIN}"}]
        return {"items": rows}

    def _erase_guest(self, order: str) -> Said:
        if self._ends is None:
            return _said(removed=False, retained=False)
        try:
            found = self._guest_at_pos(order)
        except SideTrouble:
            return _said(f"{GUEST_UNASKED} {AGAIN}", removed=False, retained=True)
        messages: list[str] = []
        erased = 0
        for ref in found:
            gone = self._ends.pos.erase_person(ref).status in (Status.APPLIED, Status.DUPLICATE, Status.NOT_FOUND)
            erased += gone
            words = "has forgotten who its customer {} was." if gone else "did not erase its customer {}. {}"
            messages.append(f"The till system {words.format(ref, AGAIN)}")
        return _said(*messages, removed=bool(erased), retained=erased < len(found))

    def _guest_at_pos(self, order: str) -> list[str]:
        """Customers of the POS with the e-mail address of the guest who made that order, and who are nobody's account.
        Raises `SideTrouble`."""
        guest = self._ends.shop.guest(order) if self._ends is not None and self._guests else None
        if self._ends is None or guest is None or not (address := email_key(guest.email)):
            return []
        there = self._ends.pos.find_person(guest.email.strip(), "")
        refs = [one.ref for one in there if not one.erased and email_key(one.person.email) == address]
        with self._books.writing() as unit:
            linked = unit.linked_people(refs)
        return [ref for ref in refs if ref not in linked]

    def _known(self, customer: str) -> Acquaintance:
        if not (customer.isascii() and customer.isdecimal() and len(customer) <= 16 and int(customer) > 0):
            raise Malformed(f"customer: found {ascii(customer[:40])}, allowed is the number of an account")
        with self._books.writing() as unit:
            return unit.acquaintance(customer)

    def _forget(self, known: Acquaintance) -> None:
        """Also of whom nothing was known: what WordPress erases besides would tell the POS of them."""
        with self._books.writing() as unit:
            unit.forget_person(known.ref)

    def _there(self, order: str) -> str:
        found = self._papers.documents_of(f"{self._site}:{order}")
        documents = ", ".join(f"{one.kind} {one.number} of {one.at.date().isoformat()}" for one in found)
        return f"the till system has {documents or 'no document of it any more'}"

    def _orders(self, known: Acquaintance) -> list[tuple[str, str]]:
        """Which orders the books know, and what the POS has of each."""
        if self._ends is None:
            return [("Orders", NO_KEY)]
        try:
            refs = self._ends.shop.orders_of(known.ref, ORDERS)
            with self._books.writing() as unit:
                here = unit.orders(refs)
                told = {ref for ref in refs if not unit.dossier(ref).taken.empty or unit.dossier(ref).filed_at}
            rows = [(f"Order {ref}", self._there(ref)) for ref in refs if ref in told]
        except SideTrouble:
            return [("Orders", f"The shop or the till system could not be asked. {AGAIN}")]
        stock = [ref for ref in refs if ref in here and ref not in told]
        return rows + ([("Orders whose stock was carried over", ", ".join(stock))] if stock else [])


def _order_of_guest(customer: str) -> str | None:
    """The order that names a guest, None where an account is named. Raises `Malformed`."""
    kind, colon, number = customer.partition(":")
    if not colon:
        return None
    if kind != "order" or not (number.isascii() and number.isdecimal() and len(number) <= 16):
        raise Malformed(f"customer: found {ascii(customer[:40])}, allowed is the number of an account, or order:NUMBER")
    return number


def _said(*messages: str, removed: bool, retained: bool) -> Said:
    return {"removed": removed, "retained": retained, "messages": list(messages)}
