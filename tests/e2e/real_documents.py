"""The plugin makes orders and refunds in a real WooCommerce: the contract, and what only a real shop can show. Run
through `python -m tests.e2e contract`."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.contracts.documents_contract import Clerk, DocumentsContract
from tests.contracts.shim_caller import Json
from tests.e2e.real_money import RealDesk, handed_down
from tests.e2e.real_shim import RealShim
from tests.e2e.wordpress import RealShop

LISTENER = """<?php
add_filter( 'pre_wp_mail', function ( $sent, $mail ) {
	file_put_contents( WP_CONTENT_DIR . '/mails.txt', $mail['subject'] . "\\n", FILE_APPEND );
	return true;
}, 10, 2 );
$hook = (string) get_option( 'e2e_dies_at', '' );
if ( '' !== $hook && false !== strpos( $_SERVER['REQUEST_URI'] ?? '', 'wc-tillbridge' ) ) {
	add_action( $hook, function () {
		update_option( 'e2e_dies_at', '' );
		posix_kill( getmypid(), 9 );
	}, 1 );
}
"""
ACCOUNT = "echo md5( wp_json_encode( array( get_userdata( 1 )->data, get_user_meta( 1 ) ) ) );"
RUNS_THE_SHOP = "echo get_userdata( 1 )->user_email;"


class RealCounter:
    """A real shop, called from both sides."""

    def __init__(self, shop: RealShop) -> None:
        self.shop = shop
        self.desk = RealDesk(shop)
        self.shim = RealShim(shop)
        self._mails = shop.folder / "site" / "wp-content" / "mails.txt"
        plugins = shop.folder / "site" / "wp-content" / "mu-plugins"
        plugins.mkdir(exist_ok=True)
        self._listener = plugins / "listens-to-mails.php"
        self._listener.write_text(LISTENER, encoding="utf-8")
        self._mails.touch()
        self._mails.chmod(0o666)

    def mails(self) -> list[str]:
        """What was written to anybody since the last look."""
        found = self._mails.read_text(encoding="utf-8").splitlines()
        self._mails.write_text("", encoding="utf-8")
        return found

    def dies_at(self, hook: str) -> None:
        """The next request of the daemon is killed where this hook fires."""
        self.shop.wp("option", "update", "e2e_dies_at", hook)

    def clear(self) -> None:
        self._listener.unlink()
        self.desk.clear()


@pytest.fixture(scope="module")
def counter() -> Iterator[RealCounter]:
    """One shop for all of them."""
    counter = RealCounter(handed_down())
    yield counter
    counter.clear()


class TestRealDocuments(DocumentsContract):
    """The contract."""

    @pytest.mark.parametrize("mail", [False, True])
    def test_the_customer_is_written_to_only_where_it_is_asked_for(
        self, clerk: Clerk, counter: RealCounter, mail: bool
    ) -> None:
        counter.mails()
        made = clerk.made("/orders", clerk.sale(status="processing", mail=mail))
        sale = counter.mails()
        clerk.made(f"/orders/{made['order_id']}/status", {"status": "completed", "mail": mail})
        completed = counter.mails()
        clerk.made("/refunds", clerk.refund(made, mail=mail))
        refunded = counter.mails()
        assert [bool(one) for one in (completed, refunded)] == [mail, mail]
        assert mail or not sale

    def test_the_order_of_who_runs_the_shop_is_theirs_and_their_account_stays_as_it_is(
        self, clerk: Clerk, counter: RealCounter
    ) -> None:
        email, before = counter.shop.wp("eval", RUNS_THE_SHOP), counter.shop.wp("eval", ACCOUNT)
        billing = {"first_name": "Somebody", "last_name": "Else", "email": email, "city": "Elsewhere"}
        order = clerk.shown(clerk.made("/orders", clerk.sale(billing=billing)))
        assert (order["customer_id"], order["billing"]["city"]) == (1, "Elsewhere")
        assert counter.shop.wp("eval", ACCOUNT) == before

    def test_an_account_that_there_is_not_makes_it_a_guests_order(self, clerk: Clerk) -> None:
        assert clerk.shown(clerk.made("/orders", clerk.sale(customer_id=987_654)))["customer_id"] == 0

    def test_requests_at_the_same_moment_with_the_same_key_make_one_order(self, clerk: Clerk) -> None:
        sale = clerk.sale(document="sale at once " + secrets.token_hex(4))
        with ThreadPoolExecutor(4) as pool:
            made: list[Json] = list(pool.map(lambda _: clerk.made("/orders", sale), range(4)))
        assert len({one["order_id"] for one in made}) == 1
        assert sorted(one["again"] for one in made) == [False, True, True, True]

    @pytest.mark.parametrize(
        "hook",
        [
            "woocommerce_new_order_item", "woocommerce_after_order_object_save", "woocommerce_order_status_completed",
            "woocommerce_order_status_changed", "woocommerce_new_order",
        ],
    )  # fmt: skip
    def test_an_order_whose_request_was_killed_is_made_whole(
        self, clerk: Clerk, counter: RealCounter, hook: str
    ) -> None:
        sale = clerk.sale()
        counter.dies_at(hook)
        assert clerk.caller.post("/orders", sale).status >= 500
        made = clerk.made("/orders", sale)
        order = clerk.shown(made)
        assert (order["status"], order["total"], len(order["line_items"])) == ("completed", "25.38", 1)
        assert (len(order["fee_lines"]), len(order["shipping_lines"]), len(order["tax_lines"])) == (1, 1, 1)
        assert (clerk.stock(), clerk.held(made)) == (("10", []), "2")
        assert clerk.made("/orders", sale)["order_id"] == made["order_id"]

    @pytest.mark.parametrize(
        "hook",
        ["woocommerce_new_order_item", "woocommerce_refund_created", "woocommerce_before_order_item_object_save"],
    )
    def test_a_refund_whose_request_was_killed_is_made_once(
        self, clerk: Clerk, counter: RealCounter, hook: str
    ) -> None:
        order = clerk.made("/orders", clerk.sale())
        draft = clerk.refund(order)
        counter.dies_at(hook)
        assert clerk.caller.post("/refunds", draft).status >= 500
        made = clerk.made("/refunds", draft)
        (refund,) = clerk.desk.call("GET", f"orders/{order['order_id']}/refunds?dp=2")
        assert (refund["id"], refund["amount"], len(refund["line_items"])) == (made["refund_id"], "9.99", 1)
        assert (clerk.stock(), clerk.held(order)) == (("10", []), "1")

    @pytest.mark.parametrize("hook", ["woocommerce_order_fully_refunded", "woocommerce_order_status_refunded"])
    def test_an_order_whose_last_refund_was_killed_is_settled(
        self, clerk: Clerk, counter: RealCounter, hook: str
    ) -> None:
        order = clerk.made("/orders", clerk.sale())
        draft = clerk.refund(order, amount="25.38", lines=[])
        counter.dies_at(hook)
        assert clerk.caller.post("/refunds", draft).status >= 500
        assert clerk.made("/refunds", draft)["status"] == "refunded"
        (refund,) = clerk.desk.call("GET", f"orders/{order['order_id']}/refunds?dp=2")
        assert refund["amount"] == "25.38"
