"""What the till takes: its payment types and taxes, whether the register is open, how strict it is with addresses.

Kept with the books, so that they are the same after the next start.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from tillbridge.till.refusal import Refusal
from tillbridge.till.storage import writing

DEFAULT_PAYMENTS = ("cash", "card", "other", "transfer", "gift_card")


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax by the name that this till has for it; `percent` is decimal text."""

    name: str
    percent: str


@dataclass(frozen=True, slots=True)
class Rules:
    """No `taxes` means that it takes any name for one."""

    payment_types: tuple[str, ...] = DEFAULT_PAYMENTS
    taxes: tuple[Tax, ...] = ()
    register_open: bool = True
    strict_postcode: bool = False

    def must_know_payment(self, payment: str) -> None:
        """A refusal for a payment type that this till does not have."""
        if payment not in self.payment_types:
            known = ", ".join(self.payment_types)
            raise Refusal("payment_unknown", f"there is no payment type {payment!r} here, there are: {known}", 409)

    def must_know_tax(self, tax: str) -> None:
        """A refusal for a tax that this till does not have."""
        if self.taxes and tax not in (known.name for known in self.taxes):
            names = ", ".join(known.name for known in self.taxes)
            raise Refusal("tax_unknown", f"there is no tax {tax!r} here, there are: {names}", 409)


class Memory:
    """Named texts that the till keeps about itself."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def setting(self, name: str) -> str | None:
        """Something that the till remembers."""
        row = self._db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def keep(self, name: str, value: str | None) -> None:
        """Remember it, or forget it with None."""
        with writing(self._db):
            if value is None:
                self._db.execute("DELETE FROM setting WHERE name = ?", (name,))
            else:
                self._db.execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", (name, value))

    def rules(self) -> Rules:
        """What the till takes."""
        kept = self.setting("rules")
        if kept is None:
            return Rules()
        body: dict[str, Any] = json.loads(kept)
        taxes = tuple(Tax(*pair) for pair in body["taxes"])
        return Rules(tuple(body["payment_types"]), taxes, body["register_open"], body["strict_postcode"])

    def keep_rules(self, rules: Rules) -> None:
        """Take that from now on."""
        body = {
            "payment_types": rules.payment_types,
            "taxes": [[tax.name, tax.percent] for tax in rules.taxes],
            "register_open": rules.register_open,
            "strict_postcode": rules.strict_postcode,
        }
        self.keep("rules", json.dumps(body))
