"""What customers and staff of the shop do with an order's money, where orders travel as sales."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from decimal import Decimal
from random import Random

from tests.simulation.shop_people import LIVING, OPEN, Lines, ShopPeople
from tillbridge.sandbox.money_records import Extra, Tax
from tillbridge.sandbox.orders import GivenBack, RefundRefused, Wanted
from tillbridge.sandbox.posted_lines import repriced, with_extras
from tillbridge.sandbox.records import Line, Order, Refund

CENT = Decimal("0.01")
PERSON = {
    "first_name": "Wilhelmine", "last_name": "Ottokar", "company": "", "address_1": "Gasse 7", "address_2": "",
    "city": "Weimar", "state": "", "postcode": "99423", "country": "DE", "email": "wilhelmine@example.org",
    "phone": "+49 3643 12345",
}  # fmt: skip
"""Whoever buys. Nothing of it may be found in our books."""


class Buyers:
    """They act as `ShopPeople` do, on orders with prices, taxes, coupons, shipping and fees. `untold` are orders of
    which something changed that the shop tells nobody."""

    def __init__(self, people: ShopPeople, unlinked: int) -> None:
        """`unlinked` is a product that no item of the till has the SKU of."""
        self.people = people
        self.shop = people.shop
        self.unlinked = unlinked
        self.untold: set[int] = set()

    def buy(self, lines: Lines, number: int) -> None:
        """An order of any kind; a third is paid later."""
        dice = Random(number)
        wanted = [Wanted(self.people.products[sku], quantity) for sku, quantity in lines]
        if dice.random() < 0.15:
            wanted.append(Wanted(wanted[0].product_id, 1))  # the same product on a line of its own
        if dice.random() < 0.06:
            wanted.append(Wanted(self.unlinked, 1))
        method = dice.choice(("cod", "cod", "bacs", "paypal", "paypal", "", "stripe"))
        status = "on-hold" if method == "bacs" else dice.choice(("processing", "processing", "processing", "pending"))
        named = {"customer_id": 7} if dice.random() < 0.3 else {}
        with self.shop.request() as request:
            self.shop.orders.create(
                request, wanted, status, extras=_extras(dice), coupons=_coupons(dice), created_via="store-api",
                payment_method=method, billing=dict(PERSON), shipping={}, **named,
            )  # fmt: skip

    def pay(self, _: Lines, number: int) -> None:
        """The money of a bank transfer is here, or of an order that waited for it."""
        self.people.set_status(number, {"on-hold", "pending"}, "processing")

    def refund_amount(self, _: Lines, number: int) -> None:
        """Money alone, for no line."""
        if (order := self._order(number)) is not None:
            left = self.shop.orders.left(order.id)
            amount = min(left, Decimal(1 + number % 700) / 100)
            if amount > 0:
                self._give(order, amount, [], restock=False)

    def refund_all(self, _: Lines, number: int) -> None:
        """Everything that is left, shipping and fees too; the goods come back half of the time."""
        if (order := self._order(number)) is None:
            return
        lines = [self._rest(order, line) for line in order.lines]
        lines += [self._rest_of_extra(order, extra) for extra in order.extras]
        lines = [one for one in lines if one.quantity or one.total]
        left = self.shop.orders.left(order.id)
        if left > 0:
            self._give(order, left, lines, restock=number % 2 == 0)

    def refund_twice(self, lines: Lines, number: int) -> None:
        """Two people refund at once."""
        self.people.refund(lines, number)
        self.people.refund(lines, number)

    def refund_by_status(self, _: Lines, number: int) -> None:
        self.people.set_status(number, LIVING, "refunded")

    def delete_refund(self, lines: Lines, number: int) -> None:
        before = {refund.id: refund.order_id for refund in self.shop.state.refunds}
        self.people.delete_refund(lines, number)
        now = {refund.id for refund in self.shop.state.refunds}
        self.untold |= {order for refund, order in before.items() if refund not in now}

    def reprice(self, _: Lines, number: int) -> None:
        """Another price for a line."""
        if (found := self.people._line(number)) is None:
            return
        order, line = found
        total = (line.total * (50 + number % 100) / 100).quantize(CENT)
        with self.shop.request("rest") as request:
            now = self.shop.state.orders[order.id]
            self.shop.orders.change(request, repriced(now, line.id, {"total": str(total), "subtotal": str(total)}))

    def edit_line(self, lines: Lines, number: int) -> None:
        """Another quantity; over REST the order is saved with it."""
        if (found := self.people._line(number)) is None:
            return
        order, line = found
        with self.shop.request("rest") as request:
            self.shop.orders.edit_line(request, order.id, line.id, 1 + number % 5)
            self.shop.orders.keep(request, self.shop.state.orders[order.id])

    def add_line(self, lines: Lines, number: int) -> None:
        if (order := self._order(number)) is not None:
            sku, quantity = lines[0]
            with self.shop.request("rest") as request:
                self.shop.orders.add_line(request, order.id, Wanted(self.people.products[sku], quantity))

    def add_fee(self, _: Lines, number: int) -> None:
        if (order := self._order(number)) is not None:
            fee = {"fee_lines": [{"name": "Gift wrap", "total": "2.49"}]}
            with self.shop.request("rest") as request:
                more = with_extras(order, fee, lambda: self.shop.state.next("item"))
                self.shop.orders.change(request, more)

    def _order(self, number: int) -> Order | None:
        return self.people._order(number, LIVING | {"shipped"})

    def _refunds(self, order: Order) -> list[Refund]:
        return [refund for refund in self.shop.state.refunds if refund.order_id == order.id]

    def _rest(self, order: Order, line: Line) -> GivenBack:
        """What of a line is not refunded yet, in cents."""
        back = [one for refund in self._refunds(order) for one in refund.lines if one.line_id == line.id]
        quantity = max(0, line.quantity - sum(one.quantity for one in back))
        total = line.total.quantize(CENT) - sum((one.total for one in back), Decimal(0))
        return GivenBack(line.id, quantity, max(total, Decimal(0)), _taxes(line.taxes))

    def _rest_of_extra(self, order: Order, extra: Extra) -> GivenBack:
        gone = any(one.line_id == extra.id for refund in self._refunds(order) for one in refund.lines)
        if gone or extra.total <= 0:
            return GivenBack(extra.id, 0)
        return GivenBack(extra.id, 0, extra.total.quantize(CENT), _taxes(extra.taxes))

    def _give(self, order: Order, amount: Decimal, lines: Sequence[GivenBack], *, restock: bool) -> None:
        with suppress(RefundRefused), self.shop.request("admin") as request:
            self.shop.orders.refund(request, order.id, amount, lines)
            if restock:
                self.shop.orders.restock(request, order.id, lines)
            self.shop.orders.close_refund(request, order.id)


def _taxes(taxes: Sequence[Tax]) -> tuple[Tax, ...]:
    whole = ((tax.rate, tax.total.quantize(CENT)) for tax in taxes)
    return tuple(Tax(rate, amount, amount) for rate, amount in whole if amount)


def _extras(dice: Random) -> list[Extra]:
    found = []
    if dice.random() < 0.4:
        found.append(Extra(0, "shipping", "Parcel", Decimal("4.90"), method_id="flat_rate"))
    if dice.random() < 0.2:
        found.append(Extra(0, "fee", "Insurance", dice.choice((Decimal("2.50"), Decimal("0.95"), Decimal("-0.20")))))
    return found


def _coupons(dice: Random) -> tuple[str, ...]:
    return dice.choice(((), (), (), ("third",), ("five",), ("one",), ("third", "one")))


WITH_MONEY: dict[str, Callable[[Buyers, Lines, int], None]] = {
    "buy": Buyers.buy,
    "ship": lambda buyers, _, number: buyers.people.set_status(number, OPEN | {"completed"}, "shipped"),
    "pay": Buyers.pay,
    "refund-amount": Buyers.refund_amount,
    "refund-all": Buyers.refund_all,
    "refund-twice": Buyers.refund_twice,
    "refund-by-status": Buyers.refund_by_status,
    "delete-refund": Buyers.delete_refund,
    "reprice": Buyers.reprice,
    "edit-line": Buyers.edit_line,
    "add-line": Buyers.add_line,
    "add-fee": Buyers.add_fee,
}
"""Some stand in the place of what `AT_THE_SHOP` has under the name."""
