"""Settings of orders, payments, taxes and people: what is allowed, what is told, and the policy that comes of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from tillbridge import settings
from tillbridge.core.order_policy import OrderPolicy, UnlinkedLine, UnmappedPayment, UnmappedTax, Unpaid
from tillbridge.errors import SettingsError
from tillbridge.settings import Settings

TILL = {("pos", "url"): "http://127.0.0.1:9000", ("pos", "token"): "env:TILL"}
ENVIRON = {"TILL": "till-token-value"}
BERLIN = timezone(timedelta(hours=1))
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def read(**changes: str) -> Settings:
    """Settings with what is required, and `section__key="text"` on top."""
    places = {(section, key): text for name, text in changes.items() for section, key in [name.split("__")]}
    return settings.read(None, ENVIRON, {**TILL, **places})


def problems(**changes: str) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        read(**changes)
    return raised.value.problems


def read_file(folder: Path, text: str) -> Settings:
    path = folder / "settings.ini"
    path.write_text(text)
    return settings.read(path, ENVIRON, TILL)


def file_problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        read_file(folder, text)
    return raised.value.problems


@pytest.mark.parametrize(
    ("place", "text", "value"),
    [
        ("sync__customers", "to-pos", "to-pos"),
        ("sync__orders", "off", "off"),
        ("sync__customers", "to-store", "to-store"),
        ("orders__start_date", "2024-02-29", date(2024, 2, 29)),
        ("orders__start_date", "", None),
        ("orders__unlinked_line", "leave-out", "leave-out"),
        ("orders__unmapped_payment", "ignore", "ignore"),
        ("orders__default_payment", "On account (30 days)", "On account (30 days)"),
        ("orders__unpaid", "outstanding", "outstanding"),
        ("orders__guests", "one", "one"),
        ("orders__pos_sales_status", "wc-picked_up", "picked_up"),
        ("orders__mail", "yes", True),
        ("people__travel", "with-order", "with-order"),
        ("billing__country", "DE", "DE"),
        ("billing__email", "counter@shop.example", "counter@shop.example"),
    ],
)
def test_a_value_that_is_allowed_arrives_with_its_type(place: str, text: str, value: object) -> None:
    section, attribute = place.split("__")
    found = getattr(getattr(read(**{place: text}), section), attribute)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("sync__orders", ""),
        ("sync__orders", "yes"),
        ("sync__customers", "to_pos"),
        ("orders__start_date", "01.02.2026"),
        ("orders__start_date", "2026-02-30"),
        ("orders__start_date", "2026-2-3"),
        ("orders__unlinked_line", "leave out"),
        ("orders__unmapped_payment", ""),
        ("orders__unmapped_tax", "ignore"),
        ("orders__unpaid", "paid"),
        ("orders__guests", "all"),
        ("orders__pos_sales", "yes"),
        ("orders__pos_sales_status", ""),
        ("orders__pos_sales_status", "Completed"),
        ("orders__default_tax", "x" * 101),
        ("orders__default_tax", "VAT\t19"),
        ("orders__mail", "maybe"),
        ("people__group", "web"),
        ("billing__country", "Germany"),
        ("billing__country", "de"),
    ],
)
def test_a_value_that_is_not_allowed_is_named_with_what_is(place: str, text: str) -> None:
    (line,) = problems(**{place: text})
    assert line.startswith(f"{place.replace('__', '.')}: found {text!r}")
    assert ", allowed: " in line


def test_a_day_that_is_none_is_refused_with_the_reason() -> None:
    assert problems(orders__start_date="2026-02-30") == [
        "orders.start_date: found '2026-02-30' (there is no such day), allowed: a day such as 2026-01-31, or nothing"
    ]


def test_gateways_and_taxes_are_named_by_the_owner(tmp_path: Path) -> None:
    text = """\
[payments]
bacs = Bank transfer
# not yet: cheque = Cheque
none = Cash
gift_card = Voucher = gift
[taxes]
standard = VAT 19
12 = VAT 7
%d0%bf = VAT 0
"""
    found = read_file(tmp_path, text)
    assert found.payments == {"bacs": "Bank transfer", "none": "Cash", "gift_card": "Voucher = gift"}
    assert found.taxes == {"standard": "VAT 19", "12": "VAT 7", "%d0%bf": "VAT 0"}
    assert read().payments == read().taxes == {}


def test_an_override_wins_over_the_file_in_a_free_section_too(tmp_path: Path) -> None:
    path = tmp_path / "settings.ini"
    path.write_text("[payments]\nbacs = Bank transfer\ncod = Cash\n")
    found = settings.read(path, ENVIRON, {**TILL, ("payments", "cod"): "Courier"})
    assert found.payments == {"bacs": "Bank transfer", "cod": "Courier"}


def test_wrong_entries_of_free_sections_are_all_told_with_what_is_allowed(tmp_path: Path) -> None:
    text = """\
[payments]
bacs =
cash on delivery = Cash
cod = Cash
cod = Card
[taxes]
Standard rate = VAT 19
me:hunter2@shop = VAT 7
zero-rate
"""
    lines = file_problems(tmp_path, text)
    assert [line.partition(", allowed: ")[0] for line in lines] == [
        "payments.cod: found a second time on line 5",
        "line 9: found 'zero-rate'",
        "payments.bacs: found nothing",
        "payments.cash on delivery: found 'cash on delivery'",
        "taxes.Standard rate: found 'Standard rate'",
        "taxes: found a value that is not shown",
    ]
    assert lines[2].endswith("allowed: a name as the POS has it, of at most 100 letters")
    assert "the id of a payment gateway as WooCommerce has it (such as bacs)" in lines[3]
    assert "hunter2" not in "".join(lines)


def test_a_free_section_that_is_misspelt_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    (line,) = file_problems(tmp_path, "[payment]\nbacs = Bank\n")
    assert line.startswith("[payment]: found on line 1, allowed: did you mean [payments]? One of [daemon]")
    assert "[taxes]" in line


def test_the_settings_become_the_policy_of_orders() -> None:
    found = read(
        orders__unlinked_line="custom", orders__unmapped_payment="default", orders__default_payment="Web",
        orders__unmapped_tax="default", orders__default_tax="VAT 19", orders__unpaid="type",
        orders__unpaid_type="On account", orders__start_date="2026-03-01", payments__bacs="Bank", taxes__standard="VAT",
    )  # fmt: skip
    assert settings.order_policy(found, BERLIN, currency="EUR", places=2, open_lines=False) == OrderPolicy(
        payments={"bacs": "Bank"},
        taxes={"standard": "VAT"},
        unlinked_line=UnlinkedLine.CUSTOM,
        unmapped_payment=UnmappedPayment.DEFAULT,
        default_payment="Web",
        unmapped_tax=UnmappedTax.DEFAULT,
        default_tax="VAT 19",
        unpaid=Unpaid.TYPE,
        unpaid_type="On account",
        start=datetime(2026, 2, 28, 23, tzinfo=UTC),
        currency="EUR",
        open_lines=False,
        places=2,
    )


def test_where_no_day_is_named_orders_count_from_when_the_first_was_sent() -> None:
    assert settings.order_policy(read(), BERLIN) == OrderPolicy()
    assert settings.order_policy(read(), BERLIN, NOW).start == NOW
    assert settings.order_policy(read(orders__start_date="2026-03-01"), UTC, NOW).start == datetime(
        2026, 3, 1, tzinfo=UTC
    )


def lacking(**changes: str) -> list[str]:
    return list(settings.lacking(read(**changes), NOW))


@pytest.mark.parametrize(
    ("option", "because", "changes"),
    [
        ("orders.default_payment", "orders.unmapped_payment = default", {"orders__unmapped_payment": "default"}),
        ("orders.default_tax", "orders.unmapped_tax = default", {"orders__unmapped_tax": "default"}),
        ("orders.unpaid_type", "orders.unpaid = type", {"orders__unpaid": "type"}),
    ],
)
def test_what_a_choice_needs_and_nobody_named_is_told_where_orders_become_sales(
    option: str, because: str, changes: dict[str, str]
) -> None:
    (line,) = lacking(orders__as="sale", **changes)
    assert line.startswith(f"{option}: found nothing with {because}, so ")
    assert lacking(orders__as="sale", **changes, **{option.replace(".", "__"): "Named"}) == []
    assert lacking(**changes) == [], "as stock, nobody asks for it"
    assert lacking(orders__as="sale", sync__orders="off", **changes) == []


def test_what_customers_need_is_told_where_they_travel_to_the_pos() -> None:
    wanted = {"people__group": "default", "orders__guests": "one"}
    for flow, told in (("off", 0), ("to-store", 0), ("to-pos", 2), ("both", 2)):
        assert len(lacking(sync__customers=flow, **wanted)) == told
    assert lacking(sync__customers="both", **wanted, people__default_group="Web", orders__guest_customer="7") == []


def test_the_customer_of_all_guests_is_asked_for_where_no_customer_travels_too() -> None:
    (line,) = lacking(orders__as="sale", orders__guests="one", sync__customers="off")
    assert line.startswith("orders.guest_customer: found nothing with orders.guests = one, so ")


def test_a_start_that_lies_ahead_everywhere_is_told() -> None:
    assert lacking(orders__as="sale", orders__start_date="2026-11-28") == []
    assert lacking(orders__as="sale", orders__start_date="2026-11-29") == [], "that day has begun in Kiribati"
    (line,) = lacking(orders__as="sale", orders__start_date="2026-11-30")
    assert line.startswith("orders.start_date: found 2026-11-30, which lies ahead: until then no order becomes a sale")
    assert lacking(orders__start_date="2026-11-30") == []


def test_nexopos_without_names_for_its_defaults_is_told_which_to_name() -> None:
    assert [line.partition(":")[0] for line in lacking(sync__profile="nexopos")] == [
        "orders.default_tax", "people.default_group",
    ]  # fmt: skip
