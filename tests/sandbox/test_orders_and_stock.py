"""The sandbox shop moves stock where a recorded WooCommerce does, and nowhere else (see `woocommerce/hooks.md`)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.sandbox.builders import Store


@pytest.fixture
def store() -> Store:
    return Store()


def test_a_sale_lowers_the_level_and_is_told(store: Store) -> None:
    cup = store.product(7)
    order = store.shop.checkout((cup.id, 2))
    assert store.level(cup) == 5
    (row,) = store.moves()
    assert (row.before, row.delta, row.path) == (Decimal(7), Decimal(-2), "relative")
    assert (row.cause.type, row.cause.order_id, row.cause.line_id) == ("order_line", order.id, order.lines[0].id)
    assert store.shop.state.orders[order.id].lines[0].reduced == 2


@pytest.mark.parametrize("status", ["processing", "on-hold", "completed"])
def test_an_order_takes_its_stock_only_once(store: Store, status: str) -> None:
    cup = store.product(7)
    order = store.shop.checkout((cup.id, 2), status="pending")
    assert store.level(cup) == 7
    for later in (status, "completed", "processing"):
        store.shop.set_status(order.id, later)
    assert store.level(cup) == 5
    assert store.deltas() == [-2]


@pytest.mark.parametrize("status", ["cancelled", "pending", "failed"])
def test_a_status_that_gives_up_the_order_gives_its_stock_back(store: Store, status: str) -> None:
    cup = store.product(7)
    order = store.shop.checkout((cup.id, 2))
    store.shop.set_status(order.id, status)
    assert store.level(cup) == 7
    assert [row.cause.type for row in store.moves()] == ["order_line", "restore"]
    assert store.shop.state.orders[order.id].lines[0].reduced is None


def test_an_order_that_never_took_stock_gives_none_back(store: Store) -> None:
    cup = store.product(7)
    order = store.shop.checkout((cup.id, 2), status="pending")
    store.shop.set_status(order.id, "cancelled")
    assert store.level(cup) == 7
    assert store.deltas() == []


def test_trash_and_deletion_move_nothing(store: Store) -> None:
    cup = store.product(7)
    order = store.shop.checkout((cup.id, 2))
    store.forget()
    store.shop.trash_order(order.id)
    assert store.level(cup) == 5
    store.shop.delete_order(order.id)
    assert store.level(cup) == 5
    assert store.deltas() == []


def test_an_order_out_of_the_trash_still_gives_its_stock_back(store: Store) -> None:
    cup = store.product(7)
    order = store.shop.checkout((cup.id, 2))
    store.shop.trash_order(order.id)
    store.shop.set_status(order.id, "cancelled")
    assert store.level(cup) == 7


def test_a_refund_gives_back_only_what_is_restocked(store: Store) -> None:
    cup = store.product(7, regular_price="5.00")
    order = store.shop.checkout((cup.id, 4))
    line = order.lines[0].id
    store.forget()
    store.shop.refund(order.id, [(line, 1)])
    store.shop.refund_without_goods(order.id, [(line, 2)])
    assert store.level(cup) == 4
    (row,) = store.moves()
    assert (row.delta, row.cause.type, row.cause.line_id) == (Decimal(1), "restock", line)
    kept = store.shop.state.orders[order.id].lines[0]
    assert (kept.reduced, kept.restocked) == (Decimal(3), 1)


def test_a_refund_of_everything_ends_the_order_without_moving_stock_twice(store: Store) -> None:
    cup = store.product(7, regular_price="5.00")
    order = store.shop.checkout((cup.id, 4))
    store.shop.refund(order.id)
    assert store.shop.state.orders[order.id].status == "refunded"
    assert store.level(cup) == 7
    assert store.deltas() == [-4, 4]


def test_the_status_refunded_restocks_nothing(store: Store) -> None:
    cup = store.product(7, regular_price="5.00")
    order = store.shop.checkout((cup.id, 4))
    store.shop.set_status(order.id, "refunded")
    assert store.level(cup) == 3
    assert [refund.amount for refund in store.shop.state.refunds] == [Decimal("20.00")]


def test_a_deleted_refund_takes_nothing_again(store: Store) -> None:
    cup = store.product(7, regular_price="5.00")
    order = store.shop.checkout((cup.id, 4))
    refund = store.shop.refund(order.id, [(order.lines[0].id, 1)])
    store.forget()
    assert store.rest("DELETE", f"orders/{order.id}/refunds/{refund.id}?force=true")[0] == 200
    assert store.level(cup) == 4
    assert store.moves() == []


def test_an_edited_line_moves_its_own_difference(store: Store) -> None:
    cup = store.product(20)
    order = store.shop.checkout((cup.id, 2))
    line = order.lines[0].id
    store.shop.edit_line(order.id, line, 5)
    store.shop.edit_line(order.id, line, 1)
    assert store.level(cup) == 19
    assert store.deltas() == [-2, -3, 4]
    store.shop.set_status(order.id, "cancelled")
    assert store.level(cup) == 20


def test_an_edited_line_of_an_unpaid_order_moves_nothing(store: Store) -> None:
    cup = store.product(20)
    order = store.shop.checkout((cup.id, 2), status="pending")
    store.shop.edit_line(order.id, order.lines[0].id, 5)
    assert store.level(cup) == 20
    store.shop.set_status(order.id, "processing")
    assert store.level(cup) == 15


def test_a_removed_line_gives_back_what_it_held(store: Store) -> None:
    cup = store.product(20)
    order = store.shop.checkout((cup.id, 2))
    path, body = f"orders/{order.id}", {"line_items": [{"id": order.lines[0].id, "quantity": 0}]}
    assert store.rest("PUT", path, body)[0] == 200
    assert store.level(cup) == 20


def test_a_typed_level_is_told_as_a_difference_and_again_not_at_all(store: Store) -> None:
    cup = store.product(7)
    store.shop.write_level(cup.id, Decimal(42), "rest")
    store.shop.write_level(cup.id, Decimal(42), "rest")
    (row,) = store.moves()
    assert (row.before, row.delta) == (Decimal(7), Decimal(35))
    assert (row.path, row.cause.type) == ("absolute", "rest")


def test_an_import_by_sql_is_told_by_nobody(store: Store) -> None:
    cup = store.product(7)
    store.shop.sql_level(cup.id, Decimal(3))
    assert store.level(cup) == 3
    assert store.moves() == []


def test_stock_of_a_variation_is_the_parents_where_the_parent_manages_it(store: Store) -> None:
    jar = store.product(10, type="variable")
    small = store.product(None, parent_id=jar.id)
    order = store.shop.checkout((small.id, 3))
    assert (order.lines[0].product_id, order.lines[0].variation_id) == (jar.id, small.id)
    assert store.shop.level(small.id) == store.shop.level(jar.id) == 7
    assert [row.product_id for row in store.moves()] == [jar.id]


def test_goods_without_stock_management_move_nothing(store: Store) -> None:
    cup = store.product(None)
    order = store.shop.checkout((cup.id, 3))
    store.shop.set_status(order.id, "cancelled")
    store.shop.write_level(cup.id, Decimal(9))
    assert store.shop.level(cup.id) is None
    assert store.moves() == []


def test_a_sale_between_read_and_absolute_write_is_lost_as_in_woocommerce(store: Store) -> None:
    cup = store.product(10)

    def meanwhile(step: str) -> None:
        if step == "stock.read":
            store.shop.fuse = lambda _step: None
            store.shop.checkout((cup.id, 4))

    store.shop.fuse = meanwhile
    store.rest("PUT", f"products/{cup.id}", {"inventory_delta": -1})
    assert store.level(cup) == 9
    assert store.deltas() == [-4, 3]


def test_an_order_says_what_it_is_at_the_end_of_the_request(store: Store) -> None:
    cup = store.product(10)
    order = store.shop.checkout((cup.id, 1))
    rows = [row for row in store.shop.shim.page(100)[0] if row.topic == "order.changed"]
    assert [row.about for row in rows] == [{"order_id": order.id, "status": "processing"}]
