"""The POS's customers: found, written down, forgotten. What is known of a person passes through and is never kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tillbridge.core import trouble
from tillbridge.core.actions import Outcome, Status
from tillbridge.core.paper import Person
from tillbridge.core.pos_papers import PosPerson
from tillbridge.errors import SideTrouble
from tillbridge.sides.till import papers, shapes
from tillbridge.sides.till.client import Declined, TillClient

_PARTS = ("first_name", "last_name", "company", "street", "street_2", "postcode", "city", "state", "country")

_SEVERAL = (
    "several customers of the POS have this e-mail address or phone number: choose one there, or erase the others"
)


class People:
    """The customers of one POS; `tag` tells this shop's from those of another shop at the same till."""

    def __init__(self, client: TillClient, tag: str) -> None:
        self._client = client
        self._tag = tag

    def find(self, email: str, phone: str) -> tuple[PosPerson, ...]:
        """Whoever has that e-mail address or phone number. Raises `SideTrouble`."""
        if not (email or phone):
            return ()
        return self._found({name: value for name, value in (("email", email), ("phone", phone)) if value})

    def person(self, ref: str) -> PosPerson | None:
        """One customer. Raises `SideTrouble`."""
        try:
            return _person(self._client.customer(ref))
        except Declined as no:
            if no.status == 404:
                return None
            raise

    def put(self, person: Person, ref: str = "", external: str = "") -> Outcome:
        """Write a customer down. `external` stands in for the shop's id where it has none. Never raises."""
        try:
            body = self._client.put_customer(self._body(person, external), ref)
            found = _person(body)
        except Declined as no:
            return papers.refused(no)
        except SideTrouble as error:
            return trouble.of_call(error)
        return Outcome(Status.APPLIED, document=found.ref)

    def erase(self, ref: str) -> Outcome:
        """Make the POS forget a customer. Never raises."""
        try:
            self._client.erase_customer(ref)
        except Declined as no:
            return papers.refused(no)
        except SideTrouble as error:
            return trouble.of_call(error)
        return Outcome(Status.APPLIED, document=ref)

    def of_order(self, person: Person, reference: str) -> Outcome:
        """The customer of an order: who is known is taken as they are, anybody else is written down once. Never
        raises; whatever goes wrong here, no document was sent."""
        try:
            found = self._found({"external_id": self._external(person, reference)})
            found = found or self.find(person.email, "") or self.find("", person.phone)
        except SideTrouble as error:
            return trouble.of_unsent(error)
        if len(found) > 1:
            return Outcome(Status.REFUSED, reason="customer_ambiguous", sentence=_SEVERAL)
        if found:
            return Outcome(Status.APPLIED, document=found[0].ref)
        return trouble.never_sent(self.put(person, external=self._external(person, reference)))

    def _external(self, person: Person, reference: str) -> str:
        return f"{shapes.OUR_MARK}{self._tag}:{person.id or reference}"

    def _found(self, query: dict[str, str]) -> tuple[PosPerson, ...]:
        data = shapes.mapping(self._client.customers(query), "/v1/customers")
        people: Sequence[Any] = shapes.rows(data, "customers")
        return tuple(_person(row) for row in people)

    def _body(self, person: Person, external: str) -> dict[str, Any]:
        name = f"{person.first_name} {person.last_name}".strip() or person.company
        told = {"external_id": external or self._external(person, "")} if external or person.id else {}
        return {
            **told,
            "name": papers.one_line(name),
            "email": papers.one_line(person.email),
            "phone": papers.one_line(person.phone),
            "address": {part: papers.one_line(getattr(person, part)) for part in _PARTS},
        }


def _person(body: Any) -> PosPerson:
    data = shapes.mapping(body, "customer")
    address = shapes.mapping(data.get("address", {}), "address")
    parts = {part: str(address.get(part) or "") for part in _PARTS}
    name = shapes.text(data, "name", empty=True)
    if name != f"{parts['first_name']} {parts['last_name']}".strip() and name != parts["company"]:
        parts["first_name"], _, parts["last_name"] = name.rpartition(" ")
    email, phone = (shapes.text(data, field, empty=True) for field in ("email", "phone"))
    return PosPerson(shapes.text(data, "id"), Person(email=email, phone=phone, **parts), data.get("erased") is True)
