"""Orders and refunds that the plugin makes in the shop for sales and returns at the POS."""

from __future__ import annotations

from tillbridge.core.drafts import Made, OrderDraft, RefundDraft
from tillbridge.sides.woocommerce import draft_shapes
from tillbridge.sides.woocommerce.client import ShimClient


class StoreDocuments:
    """Implements `ports.Documents`. Raises `Malformed` besides for ids that the store cannot have."""

    def __init__(self, shim: ShimClient) -> None:
        self._shim = shim

    def make_order(self, draft: OrderDraft) -> Made:
        return draft_shapes.made(self._shim.make("/orders", draft_shapes.order(draft)), "order_id")

    def make_refund(self, draft: RefundDraft) -> Made:
        return draft_shapes.made(self._shim.make("/refunds", draft_shapes.refund(draft)), "refund_id")

    def set_status(self, order: str, status: str, *, mail: bool = False) -> Made:
        route = f"/orders/{draft_shapes.number(order, 'order')}/status"
        return draft_shapes.made(self._shim.make(route, {"status": status, "mail": mail}), "order_id")
