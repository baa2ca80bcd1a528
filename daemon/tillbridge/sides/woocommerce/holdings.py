"""What the shop holds on to, in our words: stock for the lines of its orders, and the keys of our own writes. Pure, and
strict about what it reads."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tillbridge.core.actions import OwnWrite
from tillbridge.core.positions import LineSeen, OrderSeen
from tillbridge.errors import BadAnswer
from tillbridge.sides.woocommerce.mapping import quantity

ORDER = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


def is_order(ref: str) -> bool:
    """Whether it can be the id of an order."""
    return ORDER.fullmatch(ref) is not None


def orders(body: Mapping[str, Any]) -> tuple[OrderSeen, ...]:
    """The orders of a page of orders/positions."""
    rows = body.get("orders")
    if not isinstance(rows, list):
        raise BadAnswer("orders/positions: the answer has no list of orders")
    return tuple(_order(row) for row in rows)


def asked_for(found: tuple[OrderSeen, ...], wanted: Sequence[str]) -> tuple[OrderSeen, ...]:
    """The answer to a question about these orders, which must be about no others, and about each once."""
    refs = [order.order for order in found]
    if len(set(refs)) < len(refs) or not set(refs) <= set(wanted):
        raise BadAnswer(f"orders/positions: asked for {wanted!r:.100}, answered {refs!r:.100}")
    return found


def _order(row: object) -> OrderSeen:
    if not isinstance(row, dict) or not _number(row.get("order_id"), 1) or not isinstance(row.get("status"), str):
        raise BadAnswer(f"orders/positions: an order has an unknown shape: {row!r:.200}")
    lines = row.get("lines")
    if not isinstance(lines, list):
        raise BadAnswer(f"orders/positions: order {row['order_id']} has no list of lines")
    seen = tuple(_line(row["order_id"], line) for line in lines)
    return OrderSeen(str(row["order_id"]), row["status"], seen, from_pos=bool(row.get("pos_document")))


def _line(order: int, row: object) -> LineSeen:
    """A line. One whose stock cannot be read holds an unknown amount, which is not zero."""
    shaped = (
        isinstance(row, dict)
        and _number(row.get("line_id"), 1)
        and all(_number(row.get(name), 0) for name in ("variation_id", "product_id"))
    )
    if not isinstance(row, dict) or not shaped:
        raise BadAnswer(f"orders/positions: a line of order {order} has an unknown shape: {row!r:.200}")
    refs = tuple(str(row[name]) for name in ("variation_id", "product_id") if row[name])
    return LineSeen(str(row["line_id"]), refs, quantity(row.get("reduced_stock")))


def own_writes(body: Mapping[str, Any]) -> list[OwnWrite]:
    """The writes of a page of stock/keys. A key without a delta was voided: it wrote nothing."""
    rows = body.get("keys")
    if not isinstance(rows, list):
        raise BadAnswer("stock/keys: the answer has no list of keys")
    return [write for write in map(_write, rows) if write is not None]


def _write(row: object) -> OwnWrite | None:
    if not isinstance(row, dict) or not isinstance(row.get("key"), str) or not row["key"] or "delta" not in row:
        raise BadAnswer(f"stock/keys: a key has an unknown shape: {row!r:.200}")
    if row["delta"] is None:
        return None
    delta = quantity(row["delta"])
    if delta is None or not _number(row.get("product_id"), 1):
        raise BadAnswer(f"stock/keys: what was written under a key cannot be read: {row!r:.200}")
    return OwnWrite(row["key"], str(row["product_id"]), "", delta)


def next_key(body: Mapping[str, Any], after: str) -> str | None:
    """Where the next page of stock/keys begins. One that does not lead forward would be asked for ever."""
    following = body.get("next")
    if following is None:
        return None
    if not isinstance(following, str) or following <= after:
        raise BadAnswer(f"stock/keys: the next page begins at {following!r}, after {after!r}")
    return following


def _number(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
