"""The shop's customers over WooCommerce's public API (wc/v3): read, found by e-mail address, written.

Whatever goes wrong is told without the shop's own message: it may name the person (`An account is already registered
with …`), and what is told here is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from tillbridge.core.paper import Person
from tillbridge.core.people import email_key
from tillbridge.errors import BadAnswer, CallRefused
from tillbridge.ports.persons import StorePerson
from tillbridge.sides.woocommerce.standard import StandardApi

UNKNOWN = "wc_user_invalid_id"
"""The shop's word for an id that is nobody's."""

NO_ORDER = "woocommerce_rest_shop_order_invalid_id"
"""The same for an order."""

STAFF = frozenset({"administrator", "shop_manager", "editor", "author", "contributor"})
"""Roles of those who look after the shop. Whatever else a role is called, it is one of customers."""

PAGE = 100

ADDRESS = {
    "first_name": "first_name",
    "last_name": "last_name",
    "company": "company",
    "street": "address_1",
    "street_2": "address_2",
    "postcode": "postcode",
    "city": "city",
    "state": "state",
    "country": "country",
    "phone": "phone",
}
"""Our fields as WooCommerce's billing address calls them."""

_NAMES = ("first_name", "last_name")
"""What stands in the account itself too."""

_Read = TypeVar("_Read")


class Customers:
    """Implements `ports.StorePeople`."""

    def __init__(self, standard: StandardApi) -> None:
        self._standard = standard

    def person(self, ref: str) -> StorePerson | None:
        """One customer, None where the shop has none of that id. Raises `SideTrouble`."""
        if not is_id(ref):
            return None
        with _nameless():
            body = self._standard.find(f"customers/{ref}", {}, UNKNOWN)
            return None if body is None else _same(ref, read(body))

    def find(self, email: str) -> tuple[StorePerson, ...]:
        """Whoever has an account of that address, staff too. Raises `SideTrouble`."""
        wanted = email_key(email)
        if not wanted:
            return ()
        with _nameless():
            body = self._standard.read("customers", {"email": email.strip(), "role": "all", "per_page": str(PAGE)})
            found = _each(body, "customers", lambda row: (read(row), email_key(_text(row, "email"))))
        return tuple(one for one, address in found if address == wanted)

    def change(self, ref: str, fields: Mapping[str, str]) -> StorePerson:
        """Write some fields of a customer's billing address, names in the account too. An e-mail address is written as
        that of bills: what somebody logs in with is theirs to change. Raises `SideTrouble`."""
        billing = {ADDRESS.get(name, name): value for name, value in fields.items()}
        names = {name: fields[name] for name in _NAMES if name in fields}
        with _nameless():
            return _same(ref, read(self._standard.change(f"customers/{ref}", {**names, "billing": billing})))

    def create(self, person: Person) -> StorePerson:
        """A new account; WooCommerce writes to its owner, where the shop lets it. Raises `SideTrouble`."""
        billing = {theirs: getattr(person, ours) for ours, theirs in ADDRESS.items()} | {"email": person.email}
        names = {name: getattr(person, name) for name in _NAMES}
        with _nameless():
            return read(self._standard.make("customers", {"email": person.email, **names, "billing": billing}))

    def guest(self, order: str) -> Person | None:
        """Who made that order without an account. Raises `SideTrouble`."""
        if not is_id(order):
            return None
        with _nameless():
            body = self._standard.find(f"orders/{order}", {"_fields": "id,customer_id,billing"}, NO_ORDER)
            if not isinstance(body, dict) or body.get("customer_id") != 0:
                return None
            return replace(read({"id": int(order), "billing": body.get("billing")}).person, id="")

    def orders_of(self, ref: str, limit: int) -> tuple[str, ...]:
        """The ids of a customer's orders, the newest first, so many (of at most 100). Raises `SideTrouble`."""
        if not is_id(ref):
            return ()
        asked = {
            "customer": ref, "status": "any", "orderby": "id", "order": "desc", "per_page": str(min(limit, PAGE)),
            "_fields": "id",
        }  # fmt: skip
        with _nameless():
            return tuple(_each(self._standard.read("orders", asked), "orders", _id))


def is_id(ref: str) -> bool:
    """Whether the shop may have something of that id."""
    return ref.isascii() and ref.isdecimal() and len(ref) <= 16 and int(ref) > 0


def read(body: object) -> StorePerson:
    """A customer as wc/v3 shows them. The address of bills goes before the account; where it says nothing, that counts.
    Raises `BadAnswer`, which tells the place and no value."""
    if not isinstance(body, dict):
        raise BadAnswer("a customer of the shop: not an object")
    billing = body.get("billing")
    if not isinstance(billing, dict):
        raise BadAnswer("a customer of the shop: billing is not an object")
    found = Person(**{ours: _text(billing, theirs) for ours, theirs in ADDRESS.items()})
    names = {name: getattr(found, name) or _text(body, name) for name in _NAMES}
    ref = _id(body)
    person = replace(found, id=ref, email=_text(billing, "email") or _text(body, "email"), **names)
    return StorePerson(ref, person, _text(body, "role") in STAFF)


def _id(body: Mapping[str, Any]) -> str:
    found = body.get("id")
    if isinstance(found, int) and not isinstance(found, bool) and found > 0:
        return str(found)
    raise BadAnswer("the shop: an id is not a positive whole number")


def _text(body: Mapping[str, Any], name: str) -> str:
    """A text; WooCommerce leaves out what an account never had."""
    found = body.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise BadAnswer(f"a customer of the shop: {name} is not a text")
    return found.encode("utf-8", "replace").decode("utf-8")


def _same(ref: str, found: StorePerson) -> StorePerson:
    if found.ref != ref:
        raise BadAnswer(f"customer {ref}: asked for that one, answered {found.ref}")
    return found


def _each(body: object, endpoint: str, make: Callable[[Mapping[str, Any]], _Read]) -> list[_Read]:
    if not (isinstance(body, list) and all(isinstance(row, dict) for row in body)):
        raise BadAnswer(f"wc/v3 {endpoint}: expected a list of objects")
    return [make(row) for row in body]


@contextmanager
def _nameless() -> Iterator[None]:
    """Takes the shop's message out of a refusal; its status and code stay."""
    try:
        yield
    except CallRefused as no:
        status, code = re.match(r"HTTP \d+", str(no)), re.search(r"\[[\w-]+\]$", str(no))
        parts = [found.group() for found in (status, code) if found]
        raise CallRefused(f"the shop refuses what was asked about a customer ({' '.join(parts)})") from None
