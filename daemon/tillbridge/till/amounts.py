"""How the till counts: pieces to a thousandth and money to a cent, in whole numbers, so that nothing is ever rounded.

SQLite would keep decimals as floats; whole thousandths add up exactly for ever.
"""

from __future__ import annotations

import re

from tillbridge.till.refusal import Refusal

PRECISION = 3
"""Decimal places of a quantity."""

LARGEST = 10**12
"""In thousandths, the most one line may move: a thousand million pieces is a typing error."""

LARGEST_LEVEL = 10**15
"""In thousandths. Beyond this a level is a mistake, and the sums of a database stop being exact."""

LARGEST_TOTAL = 10**15
"""In cents."""

_QUANTITY = re.compile(r"(-?)([0-9]{1,10})(?:\.([0-9]{1,3}))?")
_PRICE = re.compile(r"([0-9]{1,7})(?:\.([0-9]{1,2}))?")


def thousandths(value: object, where: str) -> int:
    """Read a quantity such as "-2" or "0.250" (text or a whole number) as thousandths; a refusal names `where`."""
    small = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST
    text = str(value) if small else value
    found = _QUANTITY.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise Refusal("quantity_invalid", f'{where}: a quantity is text like "2" or "-0.250", three decimals at most')
    sign, whole, part = found.groups()
    number = int(whole) * 1000 + int((part or "").ljust(PRECISION, "0"))
    if number > LARGEST:
        raise Refusal("quantity_invalid", f"{where}: more than {LARGEST // 1000} pieces")
    return -number if sign else number


def spell(number: int) -> str:
    """Thousandths as people and programs read them: "5", "-0.25"."""
    whole, part = divmod(abs(number), 1000)
    text = f"{whole}.{part:03d}".rstrip("0") if part else str(whole)
    return "-" + text if number < 0 else text


def cents(value: object, where: str) -> int:
    """Read a price such as "9.99" as cents."""
    found = _PRICE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise Refusal("price_invalid", f'{where}: a price is text such as "9.99", not negative, two decimals at most')
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def signed_cents(value: object, where: str) -> int:
    """Read an amount such as "-9.99" as cents."""
    below = isinstance(value, str) and value.startswith("-")
    found = cents(value[1:] if below and isinstance(value, str) else value, where)
    return -found if below else found


def money(number: int) -> str:
    """Cents as a price: "9.99"."""
    whole, part = divmod(abs(number), 100)
    return f"{'-' if number < 0 else ''}{whole}.{part:02d}"


def line_total(quantity: int, price: int) -> int:
    """What a line costs in cents, half a cent rounded up, as the receipt prints it."""
    return (quantity * price + 500) // 1000
