"""What the settings say of orders and people: days, statuses, names at the POS, and the keys of free sections."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from tillbridge.settings.kinds import Kind, Unfit, choice

LONGEST = 100
"""Letters of a name at the POS, or of a line of an address."""


def optional_choice(*words: str) -> Kind[str]:
    """One of `words`, or nothing."""

    def read(text: str) -> str:
        if text and text not in words:
            raise Unfit
        return text

    return Kind(f"{' or '.join(words)}, or nothing", read)


def _day(text: str) -> date | None:
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise Unfit
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unfit("there is no such day") from None


def _line(text: str) -> str:
    if len(text) > LONGEST:
        raise Unfit(f"{len(text)} letters")
    if not text.isprintable():
        raise Unfit
    return text


def _name(text: str) -> str:
    if not text:
        raise Unfit
    return _line(text)


def _pattern(pattern: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise Unfit
        return text

    return read


def _status(text: str) -> str:
    # 20 characters is what WordPress keeps of a status.
    return _pattern(r"[a-z0-9_-]{1,20}")(text.removeprefix("wc-"))


FLOW = choice("off", "to-pos", "to-store", "both")
DAY: Kind[date | None] = Kind("a day such as 2026-01-31, or nothing", _day)
LINE = Kind(f"a text of at most {LONGEST} letters, or nothing", _line)
STATUS = Kind("an order status as WooCommerce stores it, such as completed or on-hold", _status)
COUNTRY = Kind("a country's two capital letters such as DE, or nothing", _pattern(r"(?:[A-Z]{2})?"))
NAME = Kind(f"a name as the POS has it, of at most {LONGEST} letters", _name)
GATEWAY = Kind(
    "the id of a payment gateway as WooCommerce has it (such as bacs), none for orders without one, or gift_card",
    _pattern(r"[0-9A-Za-z._:-]{1,100}"),
)
TAX = Kind(
    "the number of a tax rate in the shop, or the short name of a tax class (such as standard or reduced-rate)",
    _pattern(r"[0-9a-z_%-]{1,200}"),
)
