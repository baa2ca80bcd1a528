"""Puts together what keeps in the shop what the POS tells: of the shop's own orders, and of its sales."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import asdict

from tillbridge.core.account import TaxRate
from tillbridge.core.homeward import Homeward, payments_back, taxes_back
from tillbridge.core.paper import Person
from tillbridge.core.pos_papers import PosTerms
from tillbridge.engine import Arriving, Telling, are_sold
from tillbridge.errors import SettingsError
from tillbridge.ports import Clock
from tillbridge.settings import Settings
from tillbridge.shop import Shop
from tillbridge.sides.till.side import TillSide
from tillbridge.sides.woocommerce.side import StoreSide
from tillbridge.telling import FRESH, Policies

log = logging.getLogger(__name__)

NO_KEY = (
    "orders.pos_sales: found orders, but the shop gave no key for WooCommerce's REST API, so no order can be read, "
    "allowed: no, or pair the shop (`tillbridge init`)"
)

OF_ORDERS = frozenset({"pos.returned", "pos.collected", "pos.shipped"})


def keeps_sales(settings: Settings) -> bool:
    """Whether sales at the POS become orders."""
    return settings.orders.pos_sales == "orders" and settings.sync.orders in ("to-store", "both")


def topics(settings: Settings) -> frozenset[str]:
    """What the POS is to tell of orders and sales beside its stock."""
    kept = OF_ORDERS if are_sold(settings) and settings.sync.orders == "both" else frozenset()
    return kept | {"pos.sold"} if keeps_sales(settings) else kept


def build_arriving(
    settings: Settings, shop: Shop, sides: tuple[StoreSide, TillSide], clock: Clock, telling: Telling | None
) -> Arriving | None:
    """None where nothing of it is kept. Raises `SettingsError` where the shop gave no key to read its orders by."""
    if not topics(settings):
        return None
    store, pos = sides
    papers = store.papers()
    if papers is None:
        raise SettingsError([NO_KEY])
    policy = Policies(settings, sides, clock, clock.wall()) if telling is None else telling.policy
    home = Homewards(settings, sides, clock)
    return Arriving(shop.site, papers, store.documents(), pos, policy, home, settings.orders.mail)


def _default_tax(settings: Settings) -> str:
    return settings.orders.default_tax if settings.orders.unmapped_tax == "default" else ""


def homeward_of(settings: Settings, terms: PosTerms, rates: Sequence[TaxRate] = (), author: str = "") -> Homeward:
    """What the owner decided; `rates` are the shop's, `author` is the id there of who stands for it."""
    orders = settings.orders
    return Homeward(
        pos_sales=keeps_sales(settings),
        status=orders.pos_sales_status,
        shipping=orders.pos_sales_shipping,
        author=author,
        mail=orders.mail,
        payments=payments_back(settings.payments),
        taxes=taxes_back(settings.taxes, rates, terms.taxes, _default_tax(settings)),
        classes={rate.id: rate.tax_class for rate in rates},
        currency=terms.currency,
        billing=Person(**asdict(settings.billing)),
    )


class Homewards:
    """What the owner decided, together with what both sides say of themselves, as it is now."""

    def __init__(self, settings: Settings, sides: tuple[StoreSide, TillSide], clock: Clock) -> None:
        self._settings = settings
        self._store, self._pos = sides
        self._clock = clock
        self._lock = threading.Lock()
        self._found: tuple[float, Homeward] | None = None

    def __call__(self) -> Homeward:
        """Raises `SideTrouble` while one of them cannot be asked."""
        if not keeps_sales(self._settings):
            return Homeward()
        with self._lock:
            now = self._clock.now()
            if self._found is None or now >= self._found[0]:
                self._found = (now + FRESH, self._ask())
            return self._found[1]

    def _ask(self) -> Homeward:
        terms = self._pos.terms()
        needed = self._settings.taxes or _default_tax(self._settings)
        rates = self._store.account().rates if needed else ()
        return homeward_of(self._settings, terms, rates, self._author(self._settings.orders.pos_sales_author))

    def _author(self, login: str) -> str:
        author = self._store.user(login) if login else ""
        if login and not author:
            log.warning("orders.pos_sales_author: the shop has no user %r; orders of POS sales are nobody's", login)
        return author
