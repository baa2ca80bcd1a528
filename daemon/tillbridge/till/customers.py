"""The people whom the till knows, under its own numbers. Whoever is erased leaves nothing but the number."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tillbridge.till.refusal import Refusal
from tillbridge.till.rules import Rules

ADDRESS = ("first_name", "last_name", "company", "street", "street_2", "postcode", "city", "state", "country")
"""The parts of an address; a country in two letters, ISO 3166."""

_PLACE = ADDRESS[2:]
"""Those that say where."""

_POSTCODES = {
    "AT": r"[0-9]{4}",
    "BE": r"[0-9]{4}",
    "CA": r"[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9]",
    "CH": r"[0-9]{4}",
    "DE": r"[0-9]{5}",
    "DK": r"[0-9]{4}",
    "ES": r"[0-9]{5}",
    "FR": r"[0-9]{5}",
    "GB": r"[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}",
    "IT": r"[0-9]{5}",
    "NL": r"[0-9]{4} ?[A-Z]{2}",
    "US": r"[0-9]{5}(-[0-9]{4})?",
}
"""How a strict till wants them; elsewhere anything but nothing will do."""

_ALL = "SELECT id, external_id, name, email, phone, address, erased FROM customer"


@dataclass(frozen=True, slots=True)
class Contact:
    """What is known of somebody. `external_id` is another program's name for them, "" where it has none."""

    name: str
    email: str = ""
    phone: str = ""
    address: Mapping[str, str] = field(default_factory=dict)
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody under the till's number."""

    id: int
    contact: Contact
    erased: bool = False


class Customers:
    """The customers in one database. Whoever writes opens the transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def customer(self, number: int) -> Customer:
        """One customer; a refusal where there is none of that number."""
        for found in self._read("WHERE id = ?", number):
            return found
        raise Refusal("customer_unknown", f"there is no customer {number}", 404)

    def living(self, number: int) -> Customer:
        """The same; a refusal also where that customer was erased."""
        found = self.customer(number)
        if found.erased:
            raise Refusal("customer_erased", f"customer {number} was erased", 409)
        return found

    def of_external(self, external_id: str) -> Customer | None:
        """Whom another program calls that."""
        return next(self._read("WHERE external_id = ?", external_id), None) if external_id else None

    def listed(self, after: int, limit: int, email: str = "", phone: str = "") -> list[Customer]:
        """Customers by their numbers: all, or those of an e-mail address, whatever its case, or of a phone number,
        however it is spaced. Whoever has any of both."""
        which = [
            ("email_sought", sought_email(email)),
            ("phone_sought", sought_phone(phone)),
        ]
        asked = [(column, sought) for column, sought in which if sought]
        if (email or phone) and not asked:
            return []
        where = " OR ".join(f"{column} = ?" for column, _ in asked) or "erased = 0"
        arguments = [sought for _, sought in asked]
        return list(self._read(f"WHERE id > ? AND ({where}) ORDER BY id LIMIT ?", after, *arguments, limit))

    def write(self, number: int | None, contact: Contact) -> int:
        """Write somebody down, anew with None; the number."""
        row = (
            contact.external_id or None,
            contact.name,
            contact.email,
            contact.phone,
            json.dumps({part: text for part, text in contact.address.items() if text}),
            sought_email(contact.email),
            sought_phone(contact.phone),
        )
        if number is None:
            columns = "external_id, name, email, phone, address, email_sought, phone_sought"
            made = self._db.execute(
                f"INSERT INTO customer ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",  # noqa: S608
                row,
            )
            return int(made.fetchone()[0])
        self._db.execute(
            "UPDATE customer SET external_id = ?, name = ?, email = ?, phone = ?, address = ?, email_sought = ?,"
            " phone_sought = ? WHERE id = ?",
            (*row, number),
        )
        return number

    def erase(self, number: int) -> None:
        """Forget who it was."""
        self.write(number, Contact(""))
        self._db.execute("UPDATE customer SET erased = 1 WHERE id = ?", (number,))

    def _read(self, which: str, *arguments: object) -> Iterator[Customer]:
        for row in self._db.execute(f"{_ALL} {which}", arguments):
            yield _customer(row)


def check_address(address: Mapping[str, str], rules: Rules) -> None:
    """A strict till takes no address without a proper postcode."""
    if not rules.strict_postcode or not any(address.get(part) for part in _PLACE):
        return
    country, postcode = address.get("country", "").upper(), address.get("postcode", "").strip().upper()
    if not re.fullmatch(_POSTCODES.get(country, r".+"), postcode):
        where = f" in {country}" if country else ""
        raise Refusal("postcode_invalid", f"{postcode or 'nothing'!r} is no postcode{where}", 409, field="postcode")


def sought_email(email: str) -> str:
    """An e-mail address as it is looked for."""
    return email.strip().casefold()


def sought_phone(phone: str) -> str:
    """A phone number as it is looked for: its digits, with + for the international prefix."""
    digits = re.sub(r"[^0-9+]", "", phone)
    return f"+{digits[2:]}" if digits.startswith("00") else digits


def _customer(row: tuple[Any, ...]) -> Customer:
    number, external_id, name, email, phone, address, erased = row
    return Customer(number, Contact(name, email, phone, json.loads(address), external_id or ""), bool(erased))
