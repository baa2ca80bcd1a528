"""What the make-believe shop keeps: products, orders, refunds, and the rows of its outbox.

Records are frozen and replaced whole, so that a backup is a shallow copy and a table knows which rows to save.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from tillbridge.sandbox.money_records import Amounts, Coupon, CouponLine, Extra, Tax, TaxLine, TaxRate

K = TypeVar("K", int, str)
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Product:
    """A product or a variation; `stock` is None where nobody has entered one."""

    id: int
    type: str
    name: str
    created: datetime
    modified: datetime
    sku: str = ""
    regular_price: str = ""
    sale_price: str = ""
    status: str = "publish"
    manage_stock: bool = False
    stock: Decimal | None = None
    stock_status: str = "instock"
    backorders: str = "no"
    parent_id: int = 0
    description: str = ""
    tax_class: str = ""
    options: tuple[tuple[str, str], ...] = ()
    total_sales: int = 0

    @property
    def price(self) -> str:
        return self.sale_price or self.regular_price


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order; `reduced` is WooCommerce's `_reduced_stock`, `restocked` its `_restock_refunded_items`."""

    id: int
    product_id: int
    variation_id: int
    name: str
    sku: str
    quantity: int
    subtotal: Decimal
    total: Decimal
    reduced: Decimal | None = None
    restocked: int = 0
    tax_class: str = ""
    taxes: tuple[Tax, ...] = ()
    total_tax: Decimal = Decimal(0)
    subtotal_tax: Decimal = Decimal(0)

    @property
    def sellable(self) -> int:
        return self.variation_id or self.product_id


@dataclass(frozen=True, slots=True)
class Order:
    """An order as its tables hold it. `stock_reduced` is WooCommerce's own mark that it took stock once. `amounts` is
    None where the order is the sum of its lines."""

    id: int
    status: str
    created: datetime
    modified: datetime
    lines: tuple[Line, ...] = ()
    stock_reduced: bool = False
    status_before_trash: str = ""
    completed: datetime | None = None
    paid: datetime | None = None
    customer_id: int = 0
    billing: dict[str, str] = field(default_factory=dict)
    shipping: dict[str, str] = field(default_factory=dict)
    payment_method: str = ""
    payment_method_title: str = ""
    transaction_id: str = ""
    created_via: str = "rest-api"
    customer_note: str = ""
    currency: str = "EUR"
    key: str = ""
    meta: tuple[tuple[int, str, Any], ...] = ()
    extras: tuple[Extra, ...] = ()
    coupons: tuple[CouponLine, ...] = ()
    tax_lines: tuple[TaxLine, ...] = ()
    prices_include_tax: bool = True
    amounts: Amounts | None = None

    @property
    def total(self) -> Decimal:
        return self.amounts.total if self.amounts else sum((line.total for line in self.lines), Decimal(0))

    def extra(self, extra_id: int) -> Extra | None:
        return next((extra for extra in self.extras if extra.id == extra_id), None)

    def line(self, line_id: int) -> Line | None:
        return next((line for line in self.lines if line.id == line_id), None)


@dataclass(frozen=True, slots=True)
class RefundLine:
    """What a refund takes back of one line; it need not be what was sold, and need not be restocked."""

    id: int
    line_id: int
    quantity: int
    total: Decimal
    taxes: tuple[Tax, ...] = ()


@dataclass(frozen=True, slots=True)
class Refund:
    """Money given back; whether goods came back with it was decided when it was made, and is not kept here."""

    id: int
    order_id: int
    amount: Decimal
    reason: str
    created: datetime
    lines: tuple[RefundLine, ...] = ()
    tax_lines: tuple[TaxLine, ...] = ()
    meta: tuple[tuple[int, str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a level moved, in the words of the wire."""

    type: str
    order_id: int = 0
    line_id: int = 0

    def wire(self) -> dict[str, Any]:
        told: dict[str, Any] = {"type": self.type}
        if self.order_id:
            told["order_id"] = self.order_id
        if self.line_id:
            told["line_id"] = self.line_id
        return told


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the outbox: opened before the shop writes, closed after it, sealed at the end of the request.

    `n` orders rows and is the row's logical time; `closed_n` is the counter when it was closed.
    """

    id: str
    n: int
    topic: str
    at: datetime
    state: str
    request: int
    product_id: int = 0
    sku: str = ""
    before: Decimal | None = None
    delta: Decimal | None = None
    path: str = "unknown"
    cause: Cause = Cause("other")
    closed_n: int = 0
    about: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Acked:
    """A row that the daemon has stored; kept a while, in case the daemon is restored from a backup."""

    row: Row
    acked_at: datetime


@dataclass(frozen=True, slots=True)
class Key:
    """A key of stock/apply that is taken, by an adjustment (`delta`) or by its void (`delta` is None)."""

    key: str
    product_id: int
    delta: Decimal | None
    at: datetime
    at_n: int
    settled_at: datetime | None = None


class Table(Generic[K, R]):
    """Records by key, in order of insertion; `changed` are the keys to save, in order of their first change."""

    def __init__(self) -> None:
        self._rows: dict[K, R] = {}
        self.changed: dict[K, None] = {}

    def __getitem__(self, key: K) -> R:
        return self._rows[key]

    def __contains__(self, key: K) -> bool:
        return key in self._rows

    def __iter__(self) -> Iterator[R]:
        return iter(self._rows.values())

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, key: K) -> R | None:
        return self._rows.get(key)

    def put(self, key: K, row: R) -> None:
        self._rows[key] = row
        self.changed[key] = None

    def drop(self, key: K) -> None:
        if self._rows.pop(key, None) is not None:
            self.changed[key] = None

    def copy(self) -> dict[K, R]:
        """What the table holds now; the records are frozen, so a shallow copy is a backup."""
        return dict(self._rows)

    def restore(self, rows: dict[K, R]) -> None:
        self.changed |= dict.fromkeys(self._rows) | dict.fromkeys(rows)
        self._rows = dict(rows)


class State:
    """The shop's whole database."""

    def __init__(self) -> None:
        self.products: Table[int, Product] = Table()
        self.orders: Table[int, Order] = Table()
        self.refunds: Table[int, Refund] = Table()
        self.rows: Table[str, Row] = Table()
        self.acked: Table[str, Acked] = Table()
        self.keys: Table[str, Key] = Table()
        self.numbers: Table[str, int] = Table()
        self.texts: Table[str, str] = Table()
        self.rates: Table[int, TaxRate] = Table()
        self.coupons: Table[str, Coupon] = Table()

    def next(self, name: str) -> int:
        """The next number of a sequence, as AUTO_INCREMENT gives it."""
        number = (self.numbers.get(name) or 0) + 1
        self.numbers.put(name, number)
        return number

    def tables(self) -> dict[str, Table[Any, Any]]:
        return dict(vars(self))

    def copy(self) -> dict[str, dict[Any, Any]]:
        return {name: table.copy() for name, table in self.tables().items()}

    def restore(self, backup: dict[str, dict[Any, Any]]) -> None:
        for name, table in self.tables().items():
            table.restore(backup[name])
