"""By what a WooCommerce shop takes money: its gateways, tax rates, tax classes and currency, over wc/v3."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from tillbridge.core.account import Gateway, StoreAccount, TaxRate
from tillbridge.core.order_policy import STANDARD
from tillbridge.errors import BadAnswer
from tillbridge.sides.woocommerce.standard import StandardApi

PAGE = 100
MOST_PAGES = 100
"""Pages of tax rates: some shops import those of every postcode. More would only be a list that repeats itself."""


def read(api: StandardApi) -> StoreAccount:
    """Four reads and more where there are many rates. Raises `SideTrouble`."""
    currency = _object(api.read("settings/general/woocommerce_currency", {"_fields": "id,value"}), "currency")
    gateways = _rows(api.read("payment_gateways", {"_fields": "id,title,enabled"}), "payment_gateways")
    classes = _rows(api.read("taxes/classes", {"_fields": "slug"}), "taxes/classes")
    return StoreAccount(
        _text(currency, "value"),
        tuple(Gateway(_text(row, "id"), str(row.get("title", "")), row.get("enabled") is True) for row in gateways),
        tuple(_rates(api)),
        tuple(_text(row, "slug") for row in classes),
    )


def user(api: StandardApi, login: str) -> str:
    """The id of the user of that login, "" where there is none. Raises `SideTrouble`."""
    asked = {"search": login, "role": "all", "per_page": str(PAGE), "_fields": "id,username"}
    for row in _rows(api.read("customers", asked), "customers"):
        if row.get("username") == login and isinstance(row.get("id"), int):
            return str(row["id"])
    return ""


def _rates(api: StandardApi) -> list[TaxRate]:
    found: list[TaxRate] = []
    for page in range(1, MOST_PAGES + 1):
        rows = _rows(api.read("taxes", {"per_page": str(PAGE), "page": str(page)}), "taxes")
        found += map(_rate, rows)
        if len(rows) < PAGE:
            break
    return found


def _rate(row: dict[str, Any]) -> TaxRate:
    number, percent = row.get("id"), row.get("rate")
    try:
        value = Decimal(percent) if isinstance(percent, str) else None
    except InvalidOperation:
        value = None
    if not isinstance(number, int) or value is None or not value.is_finite():
        raise BadAnswer(f"wc/v3 taxes: found {str(row)[:200]}, allowed is a rate with a number and a percentage")
    name = str(row.get("name", ""))
    return TaxRate(str(number), name, value, str(row.get("class") or STANDARD), str(row.get("country", "")))


def _rows(body: Any, endpoint: str) -> list[dict[str, Any]]:
    if not isinstance(body, list) or not all(isinstance(row, dict) for row in body):
        raise BadAnswer(f"wc/v3 {endpoint}: the answer is no list of objects")
    return body


def _object(body: Any, endpoint: str) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise BadAnswer(f"wc/v3 {endpoint}: the answer is no object")
    return body


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value:
        raise BadAnswer(f"wc/v3: {name} is missing in {str(row)[:200]}")
    return value
