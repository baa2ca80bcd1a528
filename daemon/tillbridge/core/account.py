"""What the two accounts must have for orders to become sales, and what of that is missing or does not fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from tillbridge.core.order_policy import OrderPolicy, UnlinkedLine, UnmappedPayment, UnmappedTax, Unpaid
from tillbridge.core.pos_papers import PosTax, PosTerms

MOST_NAMED = 3
"""So many tax rates are named where there are more."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """A payment gateway of the shop. Only those that are `enabled` are offered to customers."""

    id: str
    title: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A tax rate of the shop, with its tax class (`standard`, `reduced-rate` …). `country` "" is everywhere."""

    id: str
    name: str
    percent: Decimal
    tax_class: str
    country: str = ""


@dataclass(frozen=True, slots=True)
class StoreAccount:
    """What a shop takes money by. `currency` is ISO 4217, "" where it is not known."""

    currency: str = ""
    gateways: tuple[Gateway, ...] = ()
    rates: tuple[TaxRate, ...] = ()
    classes: tuple[str, ...] = ()


def currencies_differ(store: str, pos: str) -> str:
    """Why no order of this shop can be a sale at this POS; "" where the currencies are the same, or one is unknown."""
    if not store or not pos or store == pos:
        return ""
    return (
        f"The shop's prices are in {store}, the POS's in {pos}: no order can be a sale there. Set both to the same "
        "currency, or write as = stock under [orders]"
    )


def store_misfits(policy: OrderPolicy, store: StoreAccount, pos: PosTerms) -> Iterator[str]:
    """What of the shop's account would keep orders back, each with its fix."""
    if differ := currencies_differ(store.currency, pos.currency):
        yield differ
    if policy.unmapped_payment is UnmappedPayment.PARK:
        for gateway in store.gateways:
            if gateway.enabled and gateway.id not in policy.payments:
                yield (
                    f"Customers can pay by {gateway.title!r} ({gateway.id}), which is no payment type of the POS yet: "
                    f"such orders wait. Write {gateway.id} = {_one_of(pos.payment_types, 'PAYMENT TYPE')} under "
                    "[payments]"
                )
    if policy.unmapped_tax is UnmappedTax.PARK:
        yield from _unmapped_taxes(policy, store, pos)
    yield from _unknown_in_shop(policy, store)


def _unmapped_taxes(policy: OrderPolicy, store: StoreAccount, pos: PosTerms) -> Iterator[str]:
    """A shop may have thousands of rates, one for each postcode, so the classes are told, with some of their rates."""
    lacking: dict[str, list[str]] = {}
    for rate in store.rates:
        if rate.percent and rate.id not in policy.taxes and rate.tax_class not in policy.taxes:
            lacking.setdefault(rate.tax_class, []).append(f"{rate.id} {rate.name!r}")
    for tax_class, rates in lacking.items():
        yield (
            f"Of the tax class {tax_class} these rates are no tax of the POS yet: {_some(rates)}. "
            f"Orders with them wait. Write {tax_class} = {_one_of(_names(pos.taxes), 'TAX')} under [taxes], or a line "
            "for the number of each"
        )


def pos_misfits(policy: OrderPolicy, pos: PosTerms) -> Iterator[str]:
    """What the settings name of the POS that it does not have, each with its fix. A POS that names no payment types, or
    no taxes, takes any."""
    types, taxes = pos.payment_types, _names(pos.taxes)
    if policy.unlinked_line is UnlinkedLine.CUSTOM and not pos.open_lines:
        yield (
            "[orders] unlinked_line = custom, and the POS takes no line without a product of its own: such orders "
            "wait. Write park or leave-out"
        )
    if policy.unmapped_payment is UnmappedPayment.DEFAULT:
        yield from _unknown("[orders] default_payment", policy.default_payment, types, "payment type")
    if policy.unpaid is Unpaid.TYPE:
        yield from _unknown("[orders] unpaid_type", policy.unpaid_type, types, "payment type")
    if policy.unmapped_tax is UnmappedTax.DEFAULT:
        yield from _unknown("[orders] default_tax", policy.default_tax, taxes, "tax")
    for gateway, name in policy.payments.items():
        yield from _unknown(f"[payments] {gateway}", name, types, "payment type")
    for tax, name in policy.taxes.items():
        yield from _unknown(f"[taxes] {tax}", name, taxes, "tax")


def _unknown_in_shop(policy: OrderPolicy, store: StoreAccount) -> Iterator[str]:
    """Entries of [taxes] that no tax of the shop can ever meet: a slip of the pen, or a rate that was deleted."""
    if not store.classes:
        return
    met = {*store.classes, *(rate.id for rate in store.rates)}
    for key in policy.taxes:
        if key not in met:
            yield (
                f"[taxes] names {key}, and the shop has no such tax rate or tax class: it has the classes "
                f"{', '.join(store.classes)} and the rates {_some([rate.id for rate in store.rates])}. "
                "Correct it"
            )


def _unknown(where: str, name: str, known: tuple[str, ...], what: str) -> Iterator[str]:
    if name and known and name not in known:
        has = ", ".join(known)
        yield f"{where} = {name} names no {what} of the POS, which has: {has}. Correct it, or add it there"


def _some(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return (", ".join(names[:MOST_NAMED]) or "none") + more


def _names(taxes: Iterable[PosTax]) -> tuple[str, ...]:
    return tuple(tax.name for tax in taxes)


def _one_of(known: tuple[str, ...], word: str) -> str:
    return " or ".join(known) if known else word
