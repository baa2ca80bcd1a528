"""Reads the fields of an answer of WooCommerce's REST API, and says exactly which one cannot be read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from html import unescape
from typing import Any

from tillbridge.core.stock import LARGEST, plain
from tillbridge.errors import BadAnswer

NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", re.ASCII)


class Fields:
    """An object of an answer. `where` names it for people: "order 94", "refund 7 of order 94".

    Every method raises `BadAnswer` with `where` and the field's name, where a field is missing or no such value.
    """

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, dict):
            raise BadAnswer(f"{where}: expected an object, found {value!r:.80}")
        self._value: Mapping[str, Any] = value
        self.where = where

    def has(self, name: str) -> bool:
        """Whether the field is there and says something."""
        return self._value.get(name) not in (None, "")

    def text(self, name: str, default: str | None = None) -> str:
        """A text; `default` where the field is missing or null."""
        found = self._value.get(name, default)
        found = default if found is None else found
        if not isinstance(found, str):
            raise self.bad(name, "a text")
        return found

    def name(self, name: str) -> str:
        """A text for people. WooCommerce escapes it for HTML."""
        return unescape(self.text(name, ""))

    def id(self, name: str) -> str:
        """A number by which something is known; "" for 0, which is nothing."""
        found = self._value.get(name)
        if not isinstance(found, int) or isinstance(found, bool) or found < 0:
            raise self.bad(name, "a whole number")
        return str(found) if found else ""

    def known(self, name: str) -> str:
        """The same, where there must be one."""
        found = self.id(name)
        if not found:
            raise self.bad(name, "a number above 0")
        return found

    def number(self, name: str) -> Decimal:
        """Money or a quantity: a number, or one in a text."""
        found = _number(self._value.get(name))
        if found is None:
            raise self.bad(name, "a number")
        return found

    def moment(self, name: str) -> datetime | None:
        """A time of the kind that ends in `_gmt`; None where there is none."""
        found = self._value.get(name)
        if found is None:
            return None
        try:
            read = datetime.fromisoformat(found)
        except (TypeError, ValueError):
            raise self.bad(name, "a time") from None
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)

    def objects(self, name: str, default: list[Any] | None = None) -> Iterator[Fields]:
        """A list of objects."""
        found = self._value.get(name, default)
        if not isinstance(found, list):
            raise self.bad(name, "a list")
        return (Fields(one, f"{self.where}: {name}[{at}]") for at, one in enumerate(found))

    def part(self, name: str) -> Fields:
        """An object; an empty list too, which is how PHP writes an empty one."""
        found = self._value.get(name)
        return Fields({} if found == [] else found, f"{self.where}: {name}")

    def meta(self, key: str) -> object:
        """The value of a piece of metadata; the last one counts, None where there is none."""
        found: object = None
        for row in self.objects("meta_data", []):
            if row.text("key", "") == key:
                found = row.raw("value")
        return found

    def meta_number(self, key: str) -> Decimal | None:
        """The same, where it must be a number; None where there is none."""
        found = self.meta(key)
        if found is None or found == "":
            return None
        read = _number(found)
        if read is None:
            raise BadAnswer(f"{self.where}: meta_data {key}: expected a number, found {found!r:.80}")
        return read

    def raw(self, name: str) -> object:
        return self._value.get(name)

    def bad(self, name: str, wanted: str) -> BadAnswer:
        return BadAnswer(f"{self.where}: {name}: expected {wanted}, found {self._value.get(name)!r:.80}")


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = value if isinstance(value, str) else repr(value)
    if NUMBER.fullmatch(text) is None:
        return None
    number = Decimal(text)
    return plain(number) if abs(number) <= LARGEST else None
