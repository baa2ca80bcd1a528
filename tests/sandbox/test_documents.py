"""The sandbox shop makes orders and refunds as the plugin does, and goes on with what a dead request left."""

from __future__ import annotations

import pytest

from tests.contracts.documents_contract import Clerk, DocumentsContract
from tests.sandbox.test_dying_requests import dying_at
from tests.sandbox.test_order_figures import SandboxDesk
from tests.sandbox.test_shim_contract import Sandbox
from tillbridge.sandbox.site import PhpDied


class SandboxCounter:
    """A sandbox shop, called from both sides."""

    def __init__(self) -> None:
        self.desk = SandboxDesk()
        store = self.desk.store
        self.shim = Sandbox(store.shop, store.exchange, "/wp-json", store.time)


class TestSandboxDocuments(DocumentsContract):
    @pytest.fixture
    def counter(self) -> SandboxCounter:
        return SandboxCounter()


def die(clerk: Clerk, counter: SandboxCounter, route: str, draft: dict[str, object], step: str) -> None:
    counter.desk.store.shop.fuse = dying_at(step)
    with pytest.raises(PhpDied):
        clerk.caller.post(route, draft)
    counter.desk.store.shop.fuse = lambda _step: None


@pytest.mark.parametrize("step", ["document.begun", "order.status", "document.made"])
def test_an_order_of_which_only_half_was_made_is_made_whole(step: str) -> None:
    counter = SandboxCounter()
    clerk, sale = Clerk(counter), Clerk(counter).sale()
    sale["lines"][0]["product_id"] = clerk.cup
    die(clerk, counter, "/orders", sale, step)
    made = clerk.made("/orders", sale)
    order = clerk.shown(made)
    assert (order["status"], order["total"], len(order["line_items"])) == ("completed", "25.38", 1)
    assert len(list(counter.desk.store.shop.state.orders)) == 1
    assert (clerk.stock(), clerk.held(made)) == (("10", []), "2")


@pytest.mark.parametrize("step", ["refund.created", "document.begun", "document.made"])
def test_a_refund_of_which_only_half_was_made_is_made_whole(step: str) -> None:
    counter = SandboxCounter()
    clerk = Clerk(counter)
    order = clerk.made("/orders", clerk.sale())
    draft = clerk.refund(order)
    die(clerk, counter, "/refunds", draft, step)
    clerk.made("/refunds", draft)
    clerk.made("/refunds", draft)
    assert len(list(counter.desk.store.shop.state.refunds)) == 1
    assert clerk.held(order) == "1"
