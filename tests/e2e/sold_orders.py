"""What the till has of an order against what the shop shows of it: per line, per tax, payments, total, stock.

Nothing here is the daemon's own arithmetic: the shop's figures are read by a program of the owner's, and the till's are
the sums of its documents under the order's reference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Json = dict[str, Any]
Sums = dict[str, Decimal]
CENT = Decimal("0.01")
LINES = ("line_items", "shipping_lines", "fee_lines")
BACK = ("return", "void")
NOTHING = ("cancelled", "failed", "pending")
"""The statuses at which nothing of an order is sold."""


def _sums() -> Sums:
    return defaultdict(Decimal)


@dataclass
class Sold:
    """Sums of an order: by line quantity and net, by line and tax the tax, by tax as the shop sums it (`rates`), by
    payment type, in total, by item."""

    quantity: Sums = field(default_factory=_sums)
    net: Sums = field(default_factory=_sums)
    taxes: Sums = field(default_factory=_sums)
    rates: Sums = field(default_factory=_sums)
    payments: Sums = field(default_factory=_sums)
    total: Decimal = Decimal(0)
    moved: Sums = field(default_factory=_sums)

    def by_tax(self) -> Sums:
        """The taxes of all lines together, by the till's name."""
        found = _sums()
        for name, amount in self.taxes.items():
            found[name.split("/")[1]] += amount
        return found


def at_till(documents: Iterable[Json]) -> Sold:
    """What its documents come to."""
    sold = Sold()
    for document in documents:
        sign = -1 if document["kind"] in BACK else 1
        for name, way in (("lines", sign), ("returned", -1)):
            for line in document[name]:
                _add(sold, str(line["line"]), line["quantity"], line["net"], way)
                for tax in line["taxes"]:
                    sold.taxes[f"{line['line']}/{tax['tax']}"] += way * Decimal(tax["amount"])
        total = Decimal(document["total"])
        for payment in document["payments"]:
            sold.payments[payment["type"]] += (-1 if total < 0 else 1) * Decimal(payment["amount"])
        sold.total += total
        for movement in document["movements"]:
            sold.moved[str(movement["item_id"])] += Decimal(movement["delta"])
    return sold


def in_shop(order: Json, refunds: Iterable[Json], taxes: Mapping[int, str]) -> Sold:
    """What the shop shows, refunds taken off, exact to six decimals; `taxes` names its rates as the till does."""
    sold, rest = Sold(), Decimal(order["total"])
    if order["status"] in NOTHING:
        return sold
    for line in (line for name in LINES for line in order[name]):
        goods = "quantity" in line and "product_id" in line
        _add(sold, str(line["id"]), str(line["quantity"]) if goods else "0", line["total"], 1)
        for tax in line["taxes"]:
            sold.taxes[f"{line['id']}/{taxes[int(tax['id'])]}"] += Decimal(tax["total"] or "0")
    for row in order["tax_lines"]:
        both = Decimal(row["tax_total"]) + Decimal(row["shipping_tax_total"])
        sold.rates[taxes[int(row["rate_id"])]] += both
    for refund in refunds:
        rest -= Decimal(refund["amount"])
        for line in (line for name in LINES for line in refund[name]):
            of = next(str(meta["value"]) for meta in line["meta_data"] if meta["key"] == "_refunded_item_id")
            quantity = abs(Decimal(str(line["quantity"]))) if "product_id" in line else Decimal(0)
            sold.quantity[of] -= quantity
            sold.net[of] += Decimal(line["total"])
            for tax in line["taxes"]:
                name, amount = taxes[int(tax["id"])], Decimal(tax["total"] or "0")
                sold.taxes[f"{of}/{name}"] += amount
                sold.rates[name] += amount
    sold.total = rest
    return sold


def differences(shop: Sold, till: Sold, refunds: int) -> list[str]:
    """In which places they differ: quantity and total not at all, other amounts by less than a cent for each time that
    the shop's own exact figure was rounded."""
    found = [] if shop.total == till.total else [f"total {till.total}, shop {shop.total}"]
    slack = CENT * (1 + 2 * refunds)
    for line in {*shop.quantity, *till.quantity} - {"amount"}:
        if shop.quantity[line] != till.quantity[line]:
            found.append(f"line {line}: {till.quantity[line]} pieces, shop {shop.quantity[line]}")
    for what, wanted, had in (("net", shop.net, till.net), ("tax", shop.taxes, till.taxes)):
        for name in {*wanted, *had} - {"amount"}:
            if abs(wanted[name] - had[name]) >= slack:
                found.append(f"{what} of {name}: {had[name]}, shop {wanted[name]}")
    for name, amount in shop.rates.items():
        if abs(amount - till.by_tax()[name]) > slack:
            found.append(f"tax {name}: {till.by_tax()[name]}, shop {amount}")
    return found


def without(shop: Sold, till: Sold) -> Sold:
    """The shop's figures without the lines that the till does not have: a line is left out whole."""
    kept = Sold()
    for name in till.net:
        kept.quantity[name], kept.net[name] = shop.quantity[name], shop.net[name]
    kept.taxes.update({name: amount for name, amount in shop.taxes.items() if name.split("/")[0] in till.net})
    kept.total = (sum(kept.net.values(), Decimal(0)) + sum(kept.taxes.values(), Decimal(0))).quantize(CENT)
    return kept


def _add(sold: Sold, line: str, quantity: str, net: str, way: int) -> None:
    sold.quantity[line] += way * Decimal(quantity)
    sold.net[line] += way * Decimal(net)
