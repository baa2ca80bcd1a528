"""The shop's orders in full, read over WooCommerce's public API (wc/v3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tillbridge.core.paper import Paper
from tillbridge.errors import BadAnswer
from tillbridge.sides.woocommerce import paper_shapes
from tillbridge.sides.woocommerce.holdings import is_order
from tillbridge.sides.woocommerce.standard import StandardApi

DECIMALS = "6"
"""With so many WooCommerce keeps amounts; by itself it shows two, of which no sum is exact."""
PAGE = 100
OVERLAP = 10
"""Orders that leave a list while it is paged (to the trash) move the others forward: pages overlap by so many."""
TRIES = 3
NO_ORDER = "woocommerce_rest_shop_order_invalid_id"
LISTS = ("any", "trash")
"""`any` is every status but the trash and drafts of the checkout."""


class StorePapers:
    """Implements `ports.Papers`."""

    def __init__(self, standard: StandardApi) -> None:
        self._standard = standard

    def paper(self, order: str) -> Paper | None:
        """An order and its refunds, which must be those that the order names: else it changed between the two calls,
        and both are read again."""
        if not is_order(order):
            return None
        for _ in range(TRIES):
            body = self._standard.find(f"orders/{order}", {"dp": DECIMALS}, NO_ORDER)
            if body is None:
                return None
            refunds = self._refunds(order, body)
            if refunds is not None:
                return self._named(order, paper_shapes.paper(body, refunds))
        raise BadAnswer(f"order {order}: refunds: not those that the order names, however often both are read")

    def papers_between(self, begin: datetime, end: datetime) -> Iterator[Paper]:
        """Created, paid or refunded then. Each of these also changes the order, so that those changed since `begin` are
        all that can be meant; the dates of each decide."""
        since = begin.astimezone(UTC) - timedelta(seconds=1)
        seen: set[str] = set()
        for status in LISTS:
            for ref in self._changed_since(since, status):
                if ref in seen:
                    continue
                seen.add(ref)
                paper = self.paper(ref)
                if paper is not None and _concerns(paper, begin, end):
                    yield paper

    def _changed_since(self, since: datetime, status: str) -> Iterator[str]:
        """The ids of a list, in their order; some of them twice."""
        asked = {
            "modified_after": since.strftime("%Y-%m-%dT%H:%M:%S"), "dates_are_gmt": "true", "status": status,
            "orderby": "id", "order": "asc", "per_page": str(PAGE), "_fields": "id",
        }  # fmt: skip
        offset = 0
        while True:
            page = self._list("orders", {**asked, "offset": str(offset)})
            yield from (paper_shapes.ref(row) for row in page)
            if len(page) < PAGE:
                return
            offset += PAGE - OVERLAP

    def _refunds(self, order: str, body: Mapping[str, Any]) -> list[Any] | None:
        """The refunds that the order names; None where the shop has others by now."""
        named = paper_shapes.refund_ids(body)
        if not named:
            return []
        found: list[Any] = []
        page: list[Any] = []
        while not found or len(page) == PAGE:
            at = str(len(found) // PAGE + 1)
            page = self._list(f"orders/{order}/refunds", {"dp": DECIMALS, "per_page": str(PAGE), "page": at})
            if not page:
                break
            found += page
        return found if sorted(paper_shapes.ref(row) for row in found) == named else None

    def _list(self, endpoint: str, params: Mapping[str, str]) -> list[Any]:
        found = self._standard.read(endpoint, params)
        if not isinstance(found, list):
            raise BadAnswer(f"wc/v3 {endpoint}: expected a list, found {found!r:.80}")
        return found

    def _named(self, order: str, paper: Paper) -> Paper:
        if paper.ref != order:
            raise BadAnswer(f"order {order}: id: asked for it, answered {paper.ref}")
        return paper


def _concerns(paper: Paper, begin: datetime, end: datetime) -> bool:
    moments = [paper.created, *([paper.paid] if paper.paid else []), *(refund.at for refund in paper.refunds)]
    return any(begin <= moment < end for moment in moments)
