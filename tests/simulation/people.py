"""Everybody who moves stock besides the daemon, and the goods that they move."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from tests.simulation.counter import AT_THE_COUNTER, CounterPeople
from tests.simulation.customers import WITH_MONEY, Buyers
from tests.simulation.money import CLASSES, PRICES, UNLINKED_PRICE, Money, open_for_business
from tests.simulation.shop_people import AT_THE_SHOP, Lines, ShopPeople
from tests.simulation.steps import SKUS
from tests.simulation.till_people import AT_THE_TILL, TillPeople
from tillbridge.sandbox.shop import Shop
from tillbridge.till.book import Book
from tillbridge.till.catalogue import Card
from tillbridge.till.papers import Kind


class People:
    """They begin with some goods on the shelf, which shop and till do not always agree on."""

    def __init__(self, shop: Shop, book: Book, dice: Random, money: Money | None = None) -> None:
        """`money`: what the shop takes money by, where orders travel as sales."""
        self.products: list[int] = []
        self.items: list[int] = []
        self.at_the_shop = ShopPeople(shop, self.products)
        self.at_the_till = TillPeople(book, self.items)
        self.at_the_counter = CounterPeople(book, self.items, taxed=money is not None and money.taxed)
        priced = money is not None
        for number in range(SKUS):
            level = dice.randint(0, 20)
            at_shop = level if dice.random() < 0.7 else dice.randint(0, 20)
            self.products.append(
                shop.add_product(
                    f"Thing {number}",
                    f"SKU-{number}",
                    Decimal(at_shop),
                    regular_price=PRICES[number] if priced else "9.99",
                    tax_class=CLASSES[number] if priced else "",
                ).id
            )
            self.items.append(book.catalogue.add(Card(f"SKU-{number}", f"Thing {number}", 999)).id)
            self.at_the_till.ring(Kind.DELIVERY, [(number, level)])
        for sku in ("", "TWICE", "TWICE"):
            held_out = shop.add_product("Held out", sku, Decimal(3), regular_price=UNLINKED_PRICE if priced else "")
        self.buyers = None if money is None else Buyers(self.at_the_shop, held_out.id)
        if money is not None:
            open_for_business(shop, money)

    def happens_at_the_shop(self, what: str) -> bool:
        """Whether it is something of the shop; else it is of the till."""
        return what in AT_THE_SHOP or what in WITH_MONEY

    def do(self, what: str, lines: Lines, number: int) -> None:
        """Let it happen. `number` chooses an order, a level, a direction, where one is needed."""
        if self.buyers is not None and what in WITH_MONEY:
            WITH_MONEY[what](self.buyers, lines, number)
        elif what in AT_THE_COUNTER:
            AT_THE_COUNTER[what](self.at_the_counter, lines, number)
        elif what in AT_THE_SHOP:
            AT_THE_SHOP[what](self.at_the_shop, lines, number)
        else:
            AT_THE_TILL[what](self.at_the_till, lines, number)
