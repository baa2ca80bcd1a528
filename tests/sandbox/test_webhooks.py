"""The sandbox shop's door for the till's webhooks: nobody can fill the outbox through it, and nothing stays in it."""

from __future__ import annotations

from tests.sandbox.builders import DOOR, Store
from tillbridge.sandbox.records import Row


def knock(store: Store) -> int:
    return store.exchange("POST", f"/wp-json/wc-tillbridge/v1/pos/{DOOR}", {}, b"a customer's name").status


def waiting(store: Store) -> list[Row]:
    return store.shop.shim.page(1000)[0]


def test_no_more_than_five_hundred_webhooks_wait() -> None:
    store = Store()
    assert {knock(store) for _ in range(500)} == {200}
    assert knock(store) == 429
    store.forget()
    assert knock(store) == 200


def test_what_a_webhook_said_is_erased_once_it_is_acknowledged() -> None:
    store = Store()
    knock(store)
    (row,) = waiting(store)
    assert row.about["body"]
    store.shop.shim.ack([row.id])
    assert [kept.row.about for kept in store.shop.state.acked] == [{"erased": True}]


def test_what_a_webhook_said_is_erased_after_a_quarter_of_an_hour() -> None:
    store = Store()
    knock(store)
    store.time.passes(minutes=15)
    assert [row.about for row in waiting(store)] == [{"erased": True}]
