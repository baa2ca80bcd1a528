"""Orders and refunds in the shape in which WooCommerce's wc/v3 shows them (the fields this shop has).

`dp` is how many decimals amounts are shown with: two, unless the caller asks for more.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from html import escape
from typing import Any

from tillbridge.sandbox.money_records import Amounts, CouponLine, Extra, Tax, TaxLine
from tillbridge.sandbox.php import DECIMALS, number_format
from tillbridge.sandbox.records import Line, Order, Refund, RefundLine
from tillbridge.sandbox.shapes import dates
from tillbridge.sandbox.shop import Shop

ZERO = Decimal(0)


def order(shop: Shop, item: Order, dp: int = DECIMALS) -> dict[str, Any]:
    """An order with its lines and sums."""
    sums = item.amounts or Amounts(item.total)
    made = [refund for refund in shop.state.refunds if refund.order_id == item.id]
    return {
        "id": item.id, "parent_id": 0, "status": item.status, "currency": item.currency,
        "version": shop.site.facts.woocommerce, "prices_include_tax": item.prices_include_tax,
        **dates("date_created", item.created), **dates("date_modified", item.modified), **_sums(sums, dp),
        "customer_id": item.customer_id, "order_key": item.key, "billing": item.billing,
        "shipping": item.shipping, "payment_method": item.payment_method,
        "payment_method_title": item.payment_method_title, "transaction_id": item.transaction_id,
        "customer_ip_address": "", "customer_user_agent": "", "created_via": item.created_via,
        "customer_note": item.customer_note, **dates("date_completed", item.completed),
        **dates("date_paid", item.paid), "cart_hash": "", "number": str(item.id), "meta_data": _meta(item.meta),
        "line_items": [_line(shop, one, dp) for one in item.lines],
        "tax_lines": [_tax_line(shop, one, dp, 1) for one in item.tax_lines],
        "shipping_lines": [_shipping(one, dp) for one in item.extras if one.kind == "shipping"],
        "fee_lines": [_fee(one, dp) for one in item.extras if one.kind == "fee"],
        "coupon_lines": [_coupon(shop, one) for one in item.coupons],
        "refunds": [_refund_of(one, dp) for one in reversed(made)],
        "is_editable": item.status in {"pending", "on-hold"},
        "needs_payment": item.status in {"pending", "failed"} and item.total > 0,
        "needs_processing": bool(item.lines), "currency_symbol": "€",
    }  # fmt: skip


def refund(shop: Shop, item: Refund, dp: int = DECIMALS) -> dict[str, Any]:
    """A refund: its lines are below zero."""
    sold = shop.state.orders.get(item.order_id)
    lines: dict[str, list[dict[str, Any]]] = {"line_items": [], "shipping_lines": [], "fee_lines": []}
    for back in item.lines:
        extra, line = (sold.extra(back.line_id), sold.line(back.line_id)) if sold else (None, None)
        if extra:
            lines["shipping_lines" if extra.kind == "shipping" else "fee_lines"].append(_extra_back(extra, back, dp))
        else:
            lines["line_items"].append(_line_back(shop, line, back, dp))
    return {
        "id": item.id, **dates("date_created", item.created), "amount": number_format(item.amount, dp),
        "reason": item.reason, "refunded_by": 1, "refunded_payment": False, "meta_data": _meta(item.meta), **lines,
        "tax_lines": [_tax_line(shop, one, dp, -1) for one in item.tax_lines],
    }  # fmt: skip


def _sums(sums: Amounts, dp: int) -> dict[str, str]:
    named = {
        "discount_total": sums.discount, "discount_tax": sums.discount_tax, "shipping_total": sums.shipping,
        "shipping_tax": sums.shipping_tax, "cart_tax": sums.cart_tax, "total": sums.total,
        "total_tax": Decimal(number_format(sums.cart_tax + sums.shipping_tax)),
    }  # fmt: skip
    return {name: number_format(amount, dp) for name, amount in named.items()}


def _line(shop: Shop, item: Line, dp: int) -> dict[str, Any]:
    parent = shop.state.products.get(item.product_id) if item.variation_id else None
    meta = [("_reduced_stock", item.reduced), ("_restock_refunded_items", item.restocked or None)]
    kept = [(key, value) for key, value in meta if value is not None]
    return {
        "id": item.id, "name": escape(item.name, quote=False), "product_id": item.product_id,
        "variation_id": item.variation_id, "quantity": item.quantity, "tax_class": item.tax_class,
        "subtotal": number_format(item.subtotal, dp), "subtotal_tax": number_format(item.subtotal_tax, dp),
        "total": number_format(item.total, dp), "total_tax": number_format(item.total_tax, dp),
        "taxes": _taxes(item.taxes, dp),
        "meta_data": [_line_meta(item.id * 10 + i, key, value) for i, (key, value) in enumerate(kept)],
        "sku": item.sku if item.product_id else None, "global_unique_id": "",
        "price": float(item.total / item.quantity) if item.quantity else 0, "image": {"id": "", "src": ""},
        "parent_name": parent.name if parent else None,
    }  # fmt: skip


def _shipping(item: Extra, dp: int) -> dict[str, Any]:
    return {
        "id": item.id, "method_title": item.name, "method_id": item.method_id, "instance_id": "",
        "total": number_format(item.total, dp), "total_tax": number_format(item.total_tax, dp),
        "taxes": _taxes(item.taxes, dp), "tax_status": item.tax_status, "meta_data": [],
    }  # fmt: skip


def _fee(item: Extra, dp: int) -> dict[str, Any]:
    return {
        "id": item.id, "name": item.name, "tax_class": item.tax_class, "tax_status": item.tax_status, "amount": "",
        "total": number_format(item.total, dp), "total_tax": number_format(item.total_tax, dp),
        "taxes": _taxes(item.taxes, dp), "meta_data": [],
    }  # fmt: skip


def _coupon(shop: Shop, item: CouponLine) -> dict[str, Any]:
    known = shop.state.coupons.get(item.code)
    return {
        "id": item.id, "code": item.code, "discount": format(item.discount, "f"),
        "discount_tax": format(item.discount_tax, "f"), "meta_data": [],
        "discount_type": known.type if known else "fixed_cart",
        "nominal_amount": float(known.amount) if known else 0, "free_shipping": False,
    }  # fmt: skip


def _tax_line(shop: Shop, item: TaxLine, dp: int, sign: int) -> dict[str, Any]:
    rate = shop.state.rates.get(item.rate)
    code = [rate.country, rate.name, str(rate.priority)] if rate else []
    return {
        "id": item.id, "rate_code": "-".join(part for part in code if part).upper(), "rate_id": item.rate,
        "label": rate.name if rate else "", "compound": rate.compound if rate else False,
        "tax_total": number_format(sign * item.total, dp),
        "shipping_tax_total": number_format(sign * item.shipping, dp),
        "rate_percent": float(rate.percent) if rate else 0, "meta_data": [],
    }  # fmt: skip


def _refund_of(item: Refund, dp: int) -> dict[str, Any]:
    tax = sum((line.total + line.shipping for line in item.tax_lines), ZERO)
    return {
        "id": item.id, "reason": item.reason, "total": number_format(-item.amount, dp),
        "total_tax": number_format(-tax, dp),
    }  # fmt: skip


def _line_back(shop: Shop, original: Line | None, back: RefundLine, dp: int) -> dict[str, Any]:
    base = _line(shop, original, dp) if original else {}
    each = float(back.total / back.quantity) if back.quantity else 0
    return {**base, "quantity": -back.quantity, "subtotal": number_format(-back.total, dp), "price": each,
            "subtotal_tax": _tax_back(back, dp), **_back(back, dp, is_item=True)}  # fmt: skip


def _extra_back(original: Extra, back: RefundLine, dp: int) -> dict[str, Any]:
    return {**(_shipping if original.kind == "shipping" else _fee)(original, dp), **_back(back, dp, is_item=False)}


def _back(back: RefundLine, dp: int, *, is_item: bool) -> dict[str, Any]:
    taxes = tuple(Tax(tax.rate, -tax.total, -tax.total if is_item else None) for tax in back.taxes)
    return {
        "id": back.id, "total": number_format(-back.total, dp), "total_tax": _tax_back(back, dp),
        "taxes": _taxes(taxes, dp), "meta_data": [_line_meta(back.id * 10, "_refunded_item_id", back.line_id)],
    }  # fmt: skip


def _tax_back(back: RefundLine, dp: int) -> str:
    return number_format(-sum((tax.total for tax in back.taxes), ZERO), dp)


def _taxes(taxes: Iterable[Tax], dp: int) -> list[dict[str, Any]]:
    return [
        {"id": tax.rate, "total": number_format(tax.total, dp),
         "subtotal": "" if tax.subtotal is None else number_format(tax.subtotal, dp)}
        for tax in taxes
    ]  # fmt: skip


def _meta(meta: Iterable[tuple[int, str, Any]]) -> list[dict[str, Any]]:
    return [{"id": number, "key": key, "value": value} for number, key, value in meta]


def _line_meta(meta_id: int, key: str, value: object) -> dict[str, Any]:
    return {"id": meta_id, "key": key, "value": str(value), "display_key": key, "display_value": str(value)}
