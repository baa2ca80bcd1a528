"""The part of the table of options that says what travels: orders, payments, taxes, people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tillbridge.settings import kinds, order_kinds
from tillbridge.settings.profiles import PROFILES
from tillbridge.settings.rows import FreeSection, option


@dataclass(frozen=True, slots=True)
class Sync:
    """What travels between shop and till system, and which way."""

    profile: str = option(
        order_kinds.optional_choice(*PROFILES),
        "",
        "A set of defaults, as users of that system know them: what you do not set yourself is then what the profile "
        "says (the README has the table, `tillbridge check` tells what is in force). It names no till system.",
    )
    orders: str = option(
        order_kinds.FLOW,
        "both",
        "Which way orders travel: `to-pos`, the shop's orders and what becomes of them; `to-store`, what the till "
        "system does with them, such as a return at the counter.",
    )
    customers: str = option(
        order_kinds.FLOW,
        "off",
        "Which way customers travel. With `off` or `to-store` nothing of them reaches the till system: an order is "
        "sold there as a guest's, complete in all else (see [orders] guests).",
    )


@dataclass(frozen=True, slots=True)
class Orders:
    """How the shop's orders reach the till system, and what of the till system's sales reaches the shop."""

    as_: str = option(
        kinds.choice("stock", "sale"),
        "stock",
        "What an order is at the till system: with `stock`, its pieces are taken off the stock there, and no more; "
        "with `sale`, a sale with lines, taxes and payments, equal to the shop's order to the cent.",
    )
    send_on: frozenset[str] | None = option(
        kinds.STATUSES,
        "any",
        "The order statuses at which the till system hears of an order, your own such as `shipped` too. Until then "
        "its pieces stay there, promised to the order. `any`: as soon as the shop has taken them.",
    )
    """None: any status."""
    start_date: date | None = option(
        order_kinds.DAY,
        "",
        "Orders made before this day, in the shop's time, become no sale; their stock travels all the same. Nothing: "
        "those from before Tillbridge first sent sales.",
    )
    unlinked_line: str = option(
        kinds.choice("park", "custom", "leave-out"),
        "park",
        "What becomes of a line whose product is linked to none of the till system: `park` keeps the order back and "
        "shows it to you, `custom` sends a line with name, price and tax, `leave-out` sends the order without it.",
    )
    unmapped_payment: str = option(
        kinds.choice("park", "ignore", "default"),
        "park",
        "What becomes of an order whose gateway does not stand under [payments]: `park` keeps it back and shows it to "
        "you, `ignore` sends no sale of it (its stock travels; `tillbridge decide order:NUMBER send` sends it later), "
        "`default` takes default_payment.",
    )
    default_payment: str = option(
        order_kinds.LINE, "", "The till system's payment type with unmapped_payment = default."
    )
    unmapped_tax: str = option(
        kinds.choice("park", "default"),
        "park",
        "What becomes of an order with a tax that does not stand under [taxes]: `park` keeps it back and shows it to "
        "you, `default` takes default_tax. A sale at the till whose tax is that of no rate, or of several, is kept "
        "back in any case.",
    )
    default_tax: str = option(order_kinds.LINE, "", "The till system's tax with unmapped_tax = default.")
    unpaid: str = option(
        kinds.choice("gateway", "type", "outstanding"),
        "gateway",
        "How an order is recorded that is sent before it is paid (cash on delivery, a bank transfer): `gateway`, as "
        "paid by the payment type of its gateway; `type`, as paid by unpaid_type; `outstanding`, as not paid.",
    )
    unpaid_type: str = option(order_kinds.LINE, "", "The till system's payment type with unpaid = type.")
    guests: str = option(
        kinds.choice("none", "one", "create"),
        "none",
        "Whose sale a guest's order is: `none`, nobody's; `one`, that of guest_customer; `create`, that of a customer "
        "who is found or made as for any other order. Where no customer travels ([sync] customers), every order is a "
        "guest's, and `create` makes nobody.",
    )
    guest_customer: str = option(
        order_kinds.LINE, "", "The till system's id of the one customer of all guests, with guests = one."
    )
    pos_sales: str = option(
        kinds.choice("no", "orders"),
        "no",
        "Whether sales at the till become orders in the shop. Their stock travels in any case.",
    )
    pos_sales_status: str = option(order_kinds.STATUS, "completed", "The status of such an order.")
    pos_sales_shipping: str = option(
        order_kinds.LINE,
        "",
        "The shipping method of such an order, by its id in WooCommerce such as local_pickup. Nothing: none.",
    )
    pos_sales_author: str = option(
        order_kinds.LINE, "", "The login of the WordPress user who stands as its author. Nothing: nobody."
    )
    mail: bool = option(
        kinds.YES_OR_NO, "no", "Whether the shop may write to customers about what the till system did with an order."
    )


@dataclass(frozen=True, slots=True)
class People:
    """The customers of both sides."""

    travel: str = option(
        kinds.choice("always", "with-order"),
        "always",
        "When a customer travels, where [sync] customers lets them: `always`, or only `with-order`.",
    )
    group: str = option(
        kinds.choice("none", "default"), "none", "The group of a customer who is made: `none`, or `default` group."
    )
    default_group: str = option(order_kinds.LINE, "", "The name of that group at the till system.")


@dataclass(frozen=True, slots=True)
class Billing:
    """What stands as the billing address on an order from a sale at the till that names no customer."""

    first_name: str = option(order_kinds.LINE, "", "First name.")
    last_name: str = option(order_kinds.LINE, "", "Last name.")
    company: str = option(order_kinds.LINE, "", "Company.")
    street: str = option(order_kinds.LINE, "", "Street and number.")
    postcode: str = option(order_kinds.LINE, "", "Postcode.")
    city: str = option(order_kinds.LINE, "", "City.")
    country: str = option(order_kinds.COUNTRY, "", "Country.")
    email: str = option(order_kinds.LINE, "", "E-mail address.")
    phone: str = option(order_kinds.LINE, "", "Phone number.")


PAYMENTS = FreeSection(
    order_kinds.GATEWAY,
    order_kinds.NAME,
    "Which payment type of the till system each payment gateway of the shop is. Only with [orders] as = sale.",
    "GATEWAY",
    "The till system's payment type for the gateway of this id: one line for each, `none` for orders without a "
    "gateway, `gift_card` for gift cards.",
    ("bacs = Bank transfer", "cod = Cash"),
)
TAXES = FreeSection(
    order_kinds.TAX,
    order_kinds.NAME,
    "Which tax of the till system each tax of the shop is. Only with [orders] as = sale.",
    "TAX",
    "The till system's tax for the shop's tax rate of this number, or for its tax class (`standard`, `reduced-rate`): "
    "one line for each; a rate goes before a class. A sale at the till gets the first rate that stands here for its "
    "tax, else the only one of its class.",
    ("standard = VAT 19", "reduced-rate = VAT 7"),
)
