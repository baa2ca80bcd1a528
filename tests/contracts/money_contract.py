"""What the daemon relies on when it reads the money of orders: a shop comes to the figures of a real WooCommerce."""

from __future__ import annotations

import pytest

from tests.contracts.order_figures import MODES, SCENARIOS, Counter, Desk, figures, numbers, raw, recorded
from tillbridge.sides.woocommerce import paper_shapes


class MoneyContract:
    """The tests. Subclasses give a fixture `desk`."""

    @pytest.mark.parametrize("mode", MODES)
    @pytest.mark.parametrize("scenario", SCENARIOS)
    def test_an_order_comes_to_the_figures_of_a_real_shop(self, desk: Desk, mode: str, scenario: str) -> None:
        desk.mode(*MODES[mode])
        order = SCENARIOS[scenario](Counter(desk))
        body, refunds = raw(desk, order["id"])
        assert numbers(figures(desk, body, refunds)) == numbers(recorded()[f"{mode}: {scenario}"])
        paper = paper_shapes.paper(body, refunds)
        assert len(paper.refunds) == len(body["refunds"])
