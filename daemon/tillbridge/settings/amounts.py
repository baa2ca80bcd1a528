"""What the settings say in numbers of pieces: quantities, shares of the products, and a quantity for each product."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from tillbridge.core.stock import PRECISION, parse_quantity
from tillbridge.errors import Malformed
from tillbridge.settings.kinds import Kind, Unfit

MOST_TOLD = 5
"""So many wrong entries of one option are told one by one. A list of a thousand would hide what to do."""

_ENTRY = re.compile(r'[^\S\n]*("[^"\n]+"[^\S\n]*=[^,\n]*|[^,\n]*)(?:[,\n]|$)')
"""An entry ends at a comma or a line's end. A SKU in quotation marks may hold commas."""


def _quantity(text: str) -> Decimal:
    if not text[:1].isdigit():
        raise Unfit
    try:
        return parse_quantity(text, "quantity")
    except Malformed:
        raise Unfit from None


def _above_zero(text: str) -> Decimal:
    quantity = _quantity(text)
    if not quantity:
        raise Unfit
    return quantity


def _share(text: str) -> Decimal:
    match = re.fullmatch(r"([0-9]{1,3}) ?%", text)
    if not match or not 1 <= int(match[1]) <= 100:
        raise Unfit
    return Decimal(match[1]) / 100


def _per_product(text: str) -> Mapping[str, Decimal]:
    found: dict[str, Decimal] = {}
    wrong = []
    entries = (match[1].strip() for match in _ENTRY.finditer(text))
    for number, entry in enumerate(filter(None, entries), start=1):
        try:
            sku, quantity = _one_product(entry)
            if sku in found:
                raise Unfit("this SKU stands there twice: keep one of the two")
        except Unfit as unfit:
            # What holds an @ may be an address with a password, here as everywhere.
            shown = "which is not shown" if "@" in entry else repr(entry)
            wrong.append(f"entry {number}, {shown} ({unfit})")
        else:
            found[sku] = quantity
    if wrong:
        more = len(wrong) - MOST_TOLD
        raise Unfit(found="; ".join(wrong[:MOST_TOLD]) + (f"; and {more} more like these" if more > 0 else ""))
    return MappingProxyType(found)


def _one_product(entry: str) -> tuple[str, Decimal]:
    # The last = divides, since a SKU may hold one too, and a quantity cannot.
    sku, equals, count = (part.strip() for part in entry.rpartition("="))
    if not equals:
        comma = re.fullmatch(r"[0-9]+", entry)
        raise Unfit("write decimals with a dot, such as 1.5" if comma else "write = and a quantity behind the SKU")
    if sku.startswith('"'):
        if len(sku) < 3 or not sku.endswith('"'):
            raise Unfit("close the quotation marks around the SKU")
        sku = sku[1:-1].strip()
    if not sku:
        raise Unfit("write the SKU before the =")
    try:
        return sku, _quantity(count)
    except Unfit:
        raise Unfit(f"write {QUANTITY.allowed} behind the last =") from None


QUANTITY = Kind(f"a quantity such as 0, 3 or 1.5, with at most {PRECISION} decimals", _quantity)
ABOVE_ZERO = Kind(f"a quantity above zero such as 3 or 1.5, with at most {PRECISION} decimals", _above_zero)
SHARE = Kind("a percentage such as 20%, from 1% to 100%", _share)
PER_PRODUCT = Kind(
    "SKU = n with n such as 3 or 1.5, one on each line (further in than the option itself) or separated by commas, or "
    "nothing. A SKU with a comma in it, or with # or ; at its start, stands in quotation marks",
    _per_product,
    lines=True,
)
