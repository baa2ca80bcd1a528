"""Reading the POS's JSON: whatever has another shape than agreed is said to have one. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tillbridge.errors import BadAnswer

OUR_MARK = "tillbridge-"
"""What our keys begin with on the wire. Other programs ring sales and book deliveries over the same API, under keys of
their own: only a change under a key of ours is an echo."""


def mapping(value: Any, where: str) -> dict[str, Any]:
    """A JSON object; raises `BadAnswer`."""
    if isinstance(value, dict):
        return value
    raise BadAnswer(f"{where}: found {str(value)[:80]!r}, expected an object")


def rows(data: dict[str, Any], name: str) -> list[Any]:
    """A list; raises `BadAnswer`."""
    found = data.get(name)
    if isinstance(found, list):
        return found
    raise BadAnswer(f"{name}: found {str(found)[:80]!r}, expected a list")


def text(data: dict[str, Any], name: str, *, empty: bool = False) -> str:
    """A text; raises `BadAnswer`."""
    value = data.get(name)
    if isinstance(value, str) and (value or empty) and storable(value):
        return value
    raise BadAnswer(f"{name}: found {str(value)[:80]!r}, expected a text")


def storable(value: str) -> bool:
    """Half of a surrogate pair is valid JSON, and yet no database takes it."""
    return value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)


def whole(data: dict[str, Any], name: str) -> int:
    """A whole number that is not below zero; raises `BadAnswer`."""
    value = data.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**12:
        return value
    raise BadAnswer(f"{name}: found {str(value)[:80]!r}, expected a whole number")


def time(value: Any) -> datetime | None:
    """A time with its offset, None where it is none."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
