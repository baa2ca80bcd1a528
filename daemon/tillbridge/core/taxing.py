"""Which of the POS's taxes a tax of the store is."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from tillbridge.core.order_policy import STANDARD, OrderPolicy, UnmappedTax
from tillbridge.core.paper import LineKind, Paper, PaperLine
from tillbridge.core.reckoning import Amounts
from tillbridge.core.stock import ZERO, plain


@dataclass(slots=True)
class Book:
    """The taxes of one order, and what of them has no tax of the POS: line, rate, and tax class where it is known.

    Shipping and discounts are taxed as the goods are, and do not name the class: it is that of the goods at this rate.
    """

    policy: OrderPolicy
    classes: dict[str, str]
    unmapped: list[tuple[PaperLine, str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, paper: Paper, policy: OrderPolicy) -> Book:
        classes: dict[str, str] = {}
        for line in paper.lines:
            if line.kind is LineKind.ITEM:
                for tax in line.taxes:
                    classes.setdefault(tax.rate, line.tax_class or STANDARD)
        return cls(policy, classes)

    def taxes(self, line: PaperLine, amounts: Amounts) -> dict[str, Decimal]:
        """The taxes of a line by the POS's names; those of zero are left out. Notes what is not mapped."""
        found: dict[str, Decimal] = {}
        for rate, amount in amounts.taxes.items():
            if not amount:
                continue
            name = self._name(line, rate)
            found[name] = plain(found.get(name, ZERO) + amount)
        return {name: amount for name, amount in found.items() if amount}

    def _name(self, line: PaperLine, rate: str) -> str:
        tax_class = self._tax_class(line, rate)
        mapped = self.policy.taxes.get(rate) or self.policy.taxes.get(tax_class)
        if not mapped and self.policy.unmapped_tax is UnmappedTax.DEFAULT:
            mapped = self.policy.default_tax
        if not mapped:
            self.unmapped.append((line, rate, tax_class))
        return mapped or ""

    def _tax_class(self, line: PaperLine, rate: str) -> str:
        own = line.kind is LineKind.ITEM or line.kind is LineKind.FEE and line.net >= 0
        if own or line.tax_class:
            return line.tax_class or STANDARD
        return self.classes.get(rate, "")
