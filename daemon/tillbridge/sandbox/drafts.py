"""Reads what the daemon asks the plugin to make, and refuses what is incomplete or does not add up."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tillbridge.sandbox.rest import RestError

AMOUNT = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", re.ASCII)
QUANTITY = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?", re.ASCII)
KINDS = ("item", "shipping", "fee")


def invalid(name: str, wanted: str) -> RestError:
    return RestError(400, "tillbridge_invalid_draft", f"{name}: expected {wanted}.")


@dataclass(frozen=True, slots=True)
class Row:
    """An object of a draft, with a name for each kind of value that may stand in it."""

    value: dict[str, Any]

    def text(self, name: str) -> str:
        found = self.value.get(name, "")
        if not isinstance(found, str):
            raise invalid(name, "a text")
        return found.strip()

    def said(self, name: str) -> str:
        """A text that says something."""
        found = self.text(name)
        if not found:
            raise invalid(name, "a text that says something")
        return found

    def whole(self, name: str, least: int) -> int:
        found = self.value.get(name)
        if not isinstance(found, int) or isinstance(found, bool) or found < least:
            raise invalid(name, f"a whole number from {least}")
        return found

    def amount(self, name: str) -> Decimal:
        return Decimal(self._fitting(name, AMOUNT, "an amount"))

    def quantity(self, name: str) -> Decimal:
        return Decimal(self._fitting(name, QUANTITY, "a quantity"))

    def time(self, name: str) -> datetime:
        try:
            return datetime.strptime(self.text(name), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError:
            raise invalid(name, "a time") from None

    def key(self) -> str:
        return self._fitting("key", re.compile("[0-9a-f]{32}"), "32 hex digits")

    def address(self, name: str) -> dict[str, str]:
        found = self.value.get(name)
        if not isinstance(found, dict):
            raise invalid(name, "an object")
        return {part: Row(found).text(part) for part in found}

    def rows(self, name: str) -> list[Row]:
        found = self.value.get(name)
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise invalid(name, "a list of objects")
        return [Row(one) for one in found]

    def taxes(self, is_rate: Callable[[int], bool]) -> dict[int, Decimal]:
        """The taxes of a line, each of a rate that the shop has."""
        taxes = {row.whole("rate_id", 1): row.amount("amount") for row in self.rows("taxes")}
        if not all(map(is_rate, taxes)):
            raise invalid("rate_id", "a tax rate of this shop")
        return taxes

    def _fitting(self, name: str, shape: re.Pattern[str], wanted: str) -> str:
        found = self.value.get(name)
        if not isinstance(found, str) or shape.fullmatch(found) is None:
            raise invalid(name, wanted)
        return found
