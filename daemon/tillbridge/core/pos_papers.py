"""The POS's documents and customers as it shows them: to be compared with the shop's, and made into orders there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from tillbridge.core.difference import Returns
from tillbridge.core.documents import Portion
from tillbridge.core.paper import Person
from tillbridge.core.stock import ZERO, plain


class PosPaperKind(StrEnum):
    """What a document of the POS is. A pickup and a shipment say that a web order left the shop; they move nothing."""

    SALE = "sale"
    RETURN = "return"
    EXCHANGE = "exchange"
    VOID = "void"
    PICKUP = "pickup"
    SHIPMENT = "shipment"


@dataclass(frozen=True, slots=True)
class PosPaperLine:
    """A line of it, in positive amounts but for discounts. `line` is what the order calls it, "" where it was rung at
    the counter; `item` the POS's item, "" for an open line."""

    line: str
    item: str
    sku: str
    name: str
    portion: Portion
    restock: bool = True


@dataclass(frozen=True, slots=True)
class PosPaper:
    """A document. `sold` left the shop, `returned` came back. `total` is what the customer pays, below zero where it is
    paid out, and so are `payments` by type.

    `reference` and `order` name the web order that it is about (`order` for people), `sale` the receipt that something
    came back on, `customer` is the POS's id. `key` is ours where we made it, as we made it, else "".
    """

    kind: PosPaperKind
    number: str
    at: datetime
    outlet: str
    sold: tuple[PosPaperLine, ...] = ()
    returned: tuple[PosPaperLine, ...] = ()
    payments: Mapping[str, Decimal] = field(default_factory=dict)
    total: Decimal = ZERO
    reference: str = ""
    order: str = ""
    sale: str = ""
    customer: str = ""
    key: str = ""

    @property
    def taxes(self) -> dict[str, Decimal]:
        """The tax in its total, by the POS's name of it; what came back is taken off."""
        found: dict[str, Decimal] = {}
        for sign, lines in ((1, self.sold), (-1, self.returned)):
            for line in lines:
                for tax, amount in line.portion.taxes.items():
                    found[tax] = plain(found.get(tax, ZERO) + sign * amount)
        return {tax: amount for tax, amount in found.items() if amount}


@dataclass(frozen=True, slots=True)
class PosTax:
    """A tax that the POS has, in per cent."""

    name: str
    percent: Decimal


@dataclass(frozen=True, slots=True)
class PosTerms:
    """What the POS's documents may name. No `taxes`: it takes any name for one. `currency` is ISO 4217. `is_open`:
    whether its register takes documents now, None where it does not say."""

    currency: str
    payment_types: tuple[str, ...]
    taxes: tuple[PosTax, ...] = ()
    open_lines: bool = True
    returns: Returns = Returns.AS_TOLD
    is_open: bool | None = None


@dataclass(frozen=True, slots=True)
class PosPerson:
    """A customer under the POS's id. Of whom was `erased` nothing but that is known."""

    ref: str
    person: Person
    erased: bool = False
