"""How much stock the lines of the make-believe shop's orders hold."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from tillbridge.sandbox.records import Line, Order, State
from tillbridge.sandbox.wire import quantity

SETTLED = frozenset({"completed", "refunded", "cancelled", "failed"})
"""An order in one of these has given its stock back, or is settled."""


def positions_of(state: State, order_ids: Iterable[int]) -> list[dict[str, Any]]:
    """Those of these orders that there are, in the order of the ids."""
    found = (state.orders.get(order_id) for order_id in dict.fromkeys(order_ids))
    return [_row(state, order) for order in found if order is not None]


def open_positions(state: State, after: int, limit: int) -> tuple[list[dict[str, Any]], int | None]:
    """Orders that hold stock and are not settled, by id, and where the next page begins."""
    holding = sorted(order.id for order in state.orders if order.id > after and _is_open(order))
    page = holding[:limit]
    rows = [_row(state, state.orders[order_id]) for order_id in page]
    return rows, page[-1] if len(holding) > limit else None


def _is_open(order: Order) -> bool:
    return order.status not in SETTLED and any(line.reduced for line in order.lines)


def _row(state: State, order: Order) -> dict[str, Any]:
    lines = [_line(state, order, line) for line in order.lines]
    document = next((value for _, key, value in order.meta if key == "_tillbridge_pos_document"), "")
    return {"order_id": order.id, "status": order.status, "pos_document": document, "lines": lines}


def _line(state: State, order: Order, line: Line) -> dict[str, Any]:
    refunds = (refund for refund in state.refunds if refund.order_id == order.id)
    refunded = sum(back.quantity for refund in refunds for back in refund.lines if back.line_id == line.id)
    return {
        "line_id": line.id, "product_id": line.product_id, "variation_id": line.variation_id,
        "quantity": quantity(Decimal(line.quantity)), "refunded": quantity(Decimal(refunded)),
        "reduced_stock": quantity(line.reduced or Decimal(0)),
    }  # fmt: skip
