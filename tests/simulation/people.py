"""Everybody who moves stock besides the daemon, and the goods that they move."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from tests.simulation.shop_people import AT_THE_SHOP, Lines, ShopPeople
from tests.simulation.steps import SKUS
from tests.simulation.till_people import AT_THE_TILL, TillPeople
from tillbridge.sandbox.shop import Shop
from tillbridge.till.book import Book
from tillbridge.till.catalogue import Card
from tillbridge.till.papers import Kind


class People:
    """They begin with some goods on the shelf, which shop and till do not always agree on."""

    def __init__(self, shop: Shop, book: Book, dice: Random) -> None:
        self.products: list[int] = []
        self.items: list[int] = []
        self.at_the_shop = ShopPeople(shop, self.products)
        self.at_the_till = TillPeople(book, self.items)
        for number in range(SKUS):
            level = dice.randint(0, 20)
            at_shop = level if dice.random() < 0.7 else dice.randint(0, 20)
            self.products.append(
                shop.add_product(f"Thing {number}", f"SKU-{number}", Decimal(at_shop), regular_price="9.99").id
            )
            self.items.append(book.catalogue.add(Card(f"SKU-{number}", f"Thing {number}", 999)).id)
            self.at_the_till.ring(Kind.DELIVERY, [(number, level)])
        for sku in ("", "TWICE", "TWICE"):
            shop.add_product("Held out", sku, Decimal(3))

    def happens_at_the_shop(self, what: str) -> bool:
        """Whether it is something of the shop; else it is of the till."""
        return what in AT_THE_SHOP

    def do(self, what: str, lines: Lines, number: int) -> None:
        """Let it happen. `number` chooses an order, a level, a direction, where one is needed."""
        if what in AT_THE_SHOP:
            AT_THE_SHOP[what](self.at_the_shop, lines, number)
        else:
            AT_THE_TILL[what](self.at_the_till, lines, number)
