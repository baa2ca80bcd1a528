"""What keeps in the shop what the POS tells, put together from the settings and from what both sides say."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

import pytest

from tests.fakes import VirtualClock
from tillbridge import arriving, settings
from tillbridge.core.account import StoreAccount, TaxRate
from tillbridge.core.homeward import Homeward
from tillbridge.core.pos_papers import PosTax, PosTerms
from tillbridge.errors import SettingsError
from tillbridge.settings import Settings
from tillbridge.shop import Shop

SHOP = cast(Shop, type("OneShop", (), {"site": "shop-1"})())


class OneStore:
    def __init__(self, papers: object = "papers") -> None:
        self._papers = papers

    def papers(self) -> object:
        return self._papers

    def documents(self) -> str:
        return "documents"

    def account(self) -> StoreAccount:
        return StoreAccount("EUR", (), (TaxRate("7", "VAT", Decimal(7), "standard"),))

    def user(self, login: str) -> str:
        return "4" if login == "till" else ""


class OneTill:
    def terms(self) -> PosTerms:
        return PosTerms("EUR", ("cash",), (PosTax("VAT", Decimal(7)),))


def written(**values: str) -> Settings:
    given = {tuple(name.split("__", 1)): value for name, value in values.items()}
    chosen = {("pos", "url"): "http://till.example", ("pos", "token"): "env:TOKEN"} | given
    return settings.read(None, {"TOKEN": "a token"}, cast(Any, chosen))


@pytest.mark.parametrize(
    ("values", "topics"),
    [
        ({}, set()),
        ({"orders__as": "sale"}, {"pos.returned", "pos.collected", "pos.shipped"}),
        ({"orders__as": "sale", "sync__orders": "to-pos"}, set()),
        ({"orders__pos_sales": "orders"}, {"pos.sold"}),
        ({"orders__pos_sales": "orders", "sync__orders": "to-pos"}, set()),
        ({"orders__pos_sales": "orders", "orders__as": "sale"},
         {"pos.sold", "pos.returned", "pos.collected", "pos.shipped"}),
    ],
)  # fmt: skip
def test_the_till_is_asked_for_what_the_owner_wants_kept(values: dict[str, str], topics: set[str]) -> None:
    assert arriving.topics(written(**values)) == topics


def built(chosen: Settings, store: Any = None) -> Any:
    sides = cast(Any, (store or OneStore(), OneTill()))
    return arriving.build_arriving(chosen, SHOP, sides, VirtualClock(), None)


def test_sales_are_kept_as_the_owner_wrote_and_both_sides_say() -> None:
    chosen = written(
        orders__pos_sales="orders", orders__pos_sales_shipping="local_pickup", orders__pos_sales_author="till",
        payments__cod="cash", taxes__standard="VAT",
    )  # fmt: skip
    assert built(chosen).homeward() == Homeward(
        True, "completed", "local_pickup", "4", False, {"cash": "cod"}, {"VAT": "7"}, "EUR", classes={"7": "standard"}
    )


def test_where_nothing_is_kept_nothing_is_put_together() -> None:
    assert built(written()) is None


def test_without_a_key_to_read_orders_by_no_sale_can_be_kept() -> None:
    with pytest.raises(SettingsError, match="pair the shop"):
        built(written(orders__pos_sales="orders"), OneStore(None))
