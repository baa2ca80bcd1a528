"""Puts together what tells the POS of orders: where they are read, and the policy by which they become sales."""

from __future__ import annotations

import hashlib
import threading
from datetime import UTC, datetime

from tillbridge.core.order_policy import OrderPolicy
from tillbridge.engine import Meeting, Telling, are_sold
from tillbridge.errors import SettingsError
from tillbridge.people import Ends
from tillbridge.ports import Books, Clock
from tillbridge.settings import Settings, order_policy
from tillbridge.shop import Shop
from tillbridge.sides.till.side import TillSide
from tillbridge.sides.woocommerce.side import StoreSide

FRESH = 600.0
"""Seconds for which it is believed what the two sides say of themselves."""

NO_KEY = (
    "orders.as: found sale, but the shop gave no key for WooCommerce's REST API, so no order can be read, allowed: "
    "stock, or pair the shop (`tillbridge init`)"
)

BEGAN = "sales_since"
"""The note of when orders first travelled as sales: older ones are left alone, where the owner names no day."""


def build_telling(
    settings: Settings,
    shop: Shop,
    books: Books,
    sides: tuple[StoreSide, TillSide],
    clock: Clock,
) -> Telling | None:
    """None where orders do not travel as sales. Raises `SettingsError` where the shop gave no key to read them by: what
    they took would be told to nobody."""
    if not are_sold(settings):
        return None
    papers = sides[0].papers()
    if papers is None:
        raise SettingsError([NO_KEY])
    began = _began(books, clock.wall())
    return Telling(shop.site, papers, Policies(settings, sides, clock, began), clock.wall, sides[1])


def build_meeting(shop: Shop, sides: tuple[StoreSide, TillSide]) -> Meeting | None:
    """None where the shop gave no key to read its customers by: then none travels."""
    store, pos = sides
    customers = store.customers()
    if customers is None:
        return None
    secret = hashlib.sha256(f"people:{shop.secret.reveal()}".encode()).digest()
    return Meeting(Ends(customers, pos, pos.abilities.groups), secret)


def of_people(settings: Settings) -> frozenset[str]:
    """What the POS is to tell of its customers."""
    return frozenset({"pos.customer"} if settings.sync.customers != "off" else ())


class Policies:
    """The policy as it is now: what the owner wrote, together with what both sides say of themselves."""

    def __init__(self, settings: Settings, sides: tuple[StoreSide, TillSide], clock: Clock, began: datetime) -> None:
        self._settings = settings
        self._store, self._pos = sides
        self._clock = clock
        self._began = began
        self._lock = threading.Lock()
        self._found: tuple[float, OrderPolicy] | None = None

    def __call__(self) -> OrderPolicy:
        """Raises `SideTrouble` while one of them cannot be asked."""
        with self._lock:
            now = self._clock.now()
            if self._found is None or now >= self._found[0]:
                self._found = (now + FRESH, self._ask())
            return self._found[1]

    def _ask(self) -> OrderPolicy:
        terms = self._pos.terms()
        return order_policy(
            self._settings, self._store.zone(), self._began, terms.currency, open_lines=terms.open_lines
        )


def _began(books: Books, now: datetime) -> datetime:
    """When orders first travelled as sales: now, where they never did."""
    with books.writing() as unit:
        noted = unit.noted(BEGAN)
        if not noted:
            noted = now.astimezone(UTC).isoformat()
            unit.note(BEGAN, noted)
    return datetime.fromisoformat(noted)
