"""Settings of the stock: quantities, a list that goes on over lines, order statuses, and what does not go together."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillbridge import settings
from tillbridge.errors import SettingsError
from tillbridge.settings import Settings

TILL = {("pos", "url"): "http://127.0.0.1:9000", ("pos", "token"): "env:TILL"}
ENVIRON = {"TILL": "till-token-value"}


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


def test_what_is_not_set_keeps_nothing_back_and_admits_every_order() -> None:
    found = read()
    assert (found.stock.authority, found.stock.unexplained) == ("both", "accept")
    assert (found.stock.buffer, dict(found.stock.buffers)) == (Decimal(0), {})
    assert (found.stock.settle, found.stock.reconcile_every) == (60.0, 3600.0)
    assert (found.orders.as_, found.orders.send_on) == ("stock", None)
    assert (found.safety.max_drop, found.safety.max_changed) == (Decimal(100), Decimal("0.2"))
    assert found.safety.max_zeroed == 10


@pytest.mark.parametrize(
    ("place", "text", "value"),
    [
        ("stock__authority", "pos", "pos"),
        ("stock__authority", "store", "store"),
        ("stock__buffer", "2", Decimal(2)),
        ("stock__buffer", "0.125", Decimal("0.125")),
        ("stock__unexplained", "report", "report"),
        ("stock__settle", "1h", 3600.0),
        ("stock__reconcile_every", "7d", 604800.0),
        ("orders__as_", "stock", "stock"),
        ("orders__as_", "sale", "sale"),
        ("orders__send_on", "any", None),
        ("orders__send_on", "completed", frozenset({"completed"})),
        ("orders__send_on", "wc-on-hold, shipped ,pick_up", frozenset({"on-hold", "shipped", "pick_up"})),
        ("safety__max_drop", "0.5", Decimal("0.5")),
        ("safety__max_changed", "100 %", Decimal(1)),
        ("safety__max_changed", "7%", Decimal("0.07")),
        ("safety__max_zeroed", "0", 0),
    ],
)
def test_a_value_that_is_allowed_arrives_with_its_type(place: str, text: str, value: object) -> None:
    section, attribute = place.split("__")
    found = getattr(getattr(read(**{place.removesuffix("_"): text}), section), attribute)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("stock__authority", "nobody"),
        ("stock__buffer", "-1"),
        ("stock__buffer", "1,5"),
        ("stock__buffer", "0.1234"),
        ("stock__buffer", "1e3"),
        ("stock__buffer", "٤"),
        ("stock__buffer", "9999999999999"),
        ("stock__buffer", ""),
        ("stock__unexplained", "yes"),
        ("stock__settle", "0s"),
        ("stock__settle", "61m"),
        ("stock__reconcile_every", "59s"),
        ("stock__reconcile_every", "8d"),
        ("orders__as", "sales"),
        ("orders__as", ""),
        ("orders__send_on", ""),
        ("orders__send_on", "completed,"),
        ("orders__send_on", "any, completed"),
        ("orders__send_on", "Completed"),
        ("orders__send_on", "on hold"),
        ("orders__send_on", "wc-"),
        ("orders__send_on", "completed, wc-completed"),
        ("orders__send_on", "a-status-of-more-than-20"),
        ("safety__max_drop", "0"),
        ("safety__max_drop", "0.000"),
        ("safety__max_changed", "20"),
        ("safety__max_changed", "0%"),
        ("safety__max_changed", "101%"),
        ("safety__max_changed", "12.5%"),
        ("safety__max_zeroed", "-1"),
        ("safety__max_zeroed", "20%"),
    ],
)
def test_a_value_that_is_not_allowed_is_named_with_what_is(place: str, text: str) -> None:
    (line,) = problems(**{place: text})
    assert line.startswith(f"{place.replace('__', '.')}: found {text!r}")
    assert ", allowed: " in line


def test_order_statuses_are_refused_with_the_reason() -> None:
    assert "(write any where every status will do)" in problems(orders__send_on="")[0]
    assert "(any stands alone: " in problems(orders__send_on="completed, any")[0]
    assert "('Shipped' is no status: " in problems(orders__send_on="completed, Shipped")[0]
    assert "hunter2" not in problems(orders__send_on="completed, me:hunter2@shop")[0]


@pytest.mark.parametrize(
    ("text", "buffers"),
    [
        ("MUG-RED = 3", {"MUG-RED": Decimal(3)}),
        ("MUG-RED=3,T-shirt blue / XL = 0.5,", {"MUG-RED": Decimal(3), "T-shirt blue / XL": Decimal("0.5")}),
        ("a=b = 1\n12\" pan = 2\n\n(ö) #1; 'x' = 0", {"a=b": Decimal(1), '12" pan': Decimal(2), "(ö) #1; 'x'": 0}),
        ('"Salt, coarse" = 2, "#7" = 1, " ;x" = 4', {"Salt, coarse": Decimal(2), "#7": Decimal(1), ";x": Decimal(4)}),
        ("mug = 1, MUG = 2", {"mug": Decimal(1), "MUG": Decimal(2)}),
    ],
)
def test_each_product_may_have_a_buffer_of_its_own(text: str, buffers: dict[str, Decimal]) -> None:
    assert dict(read(stock__buffers=text).stock.buffers) == buffers


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("A = 1, B", "entry 2, 'B' (write = and a quantity behind the SKU)"),
        ("A = 1,5", "entry 2, '5' (write decimals with a dot, such as 1.5)"),
        ("A = -1", "entry 1, 'A = -1' (write a quantity such as 0, 3 or 1.5, with at most 3 decimals "),
        ("A = ", "entry 1, 'A =' (write a quantity such as"),
        ("= 4", "entry 1, '= 4' (write the SKU before the =)"),
        ('"" = 4', "entry 1, '\"\" = 4' (close the quotation marks around the SKU)"),
        ('"A = 4', "entry 1, '\"A = 4' (close the quotation marks around the SKU)"),
        ("A = 1, B = 2, A = 1", "entry 3, 'A = 1' (this SKU stands there twice: keep one of the two)"),
        ("https://me:hunter2@shop", "entry 1, which is not shown (write = and a quantity behind the SKU)"),
    ],
)
def test_a_wrong_entry_of_a_list_is_told_with_how_to_mend_it(text: str, told: str) -> None:
    (line,) = problems(stock__buffers=text)
    assert line.startswith(f"stock.buffers: found {told}")
    assert ", allowed: SKU = n" in line
    assert "hunter2" not in line


def test_of_many_wrong_entries_the_first_are_told_and_the_others_counted() -> None:
    (line,) = problems(stock__buffers="A, B = 2, C, D, E, F, G, H")
    assert re.findall(r"entry (\d)", line) == ["1", "3", "4", "5", "6"]
    assert "; and 2 more like these, allowed: " in line
    assert "more like these" not in problems(stock__buffers="A, B, C, D, E")[0]


def test_a_list_goes_on_in_lines_that_stand_further_in(tmp_path: Path) -> None:
    text = """\
[stock]
  buffers = A = 1
    B 2 = 2,
\t# not now: C = 3

\t"settle" = 4
    [D] E = 5
[log]
    level = error
"""
    found = read_file(tmp_path, text)
    assert found.stock.buffers == {"A": 1, "B 2": 2, "settle": 4, "[D] E": 5}
    assert found.log.level == "error"
    assert found.given["stock.buffers"].text.count("\n") == 0, "it is shown, and written again, as one line"
    assert read(stock__buffers=found.given["stock.buffers"].text).stock.buffers == found.stock.buffers


def test_only_a_list_goes_on_over_lines(tmp_path: Path) -> None:
    assert read_file(tmp_path, "[stock]\nsettle = 5s\n    buffer = 2\n").stock.buffer == 2
    assert (
        read_file(tmp_path, "[stock]\n  buffers = A = 1\n    B = 2\n  buffer = 2\n    settle = 5s\n").stock.settle == 5
    )
    (line,) = file_problems(tmp_path, "[stock]\nbuffer = 2\n    MUG = 3\n")
    assert line.startswith("stock.MUG: found an unknown option")


def test_an_option_among_the_entries_of_a_list_is_told_and_not_taken_for_a_product(tmp_path: Path) -> None:
    (line,) = file_problems(tmp_path, "[stock]\nbuffers =\n  MUG = 3\n  buffer = 2\n")
    assert line == (
        "stock.buffer: found on line 4 among the entries of buffers, allowed: as far out as buffers itself, "
        'or as "buffer" where it is a SKU'
    )


def test_an_entry_that_does_not_stand_further_in_is_told_where_it_belongs(tmp_path: Path) -> None:
    (line,) = file_problems(tmp_path, "[stock]\nbuffers =\nMUG = 3\n")
    assert line.startswith("stock.MUG: found an unknown option, allowed: authority, buffer, buffers, ")
    assert line.endswith("; an entry of buffers stands further in")


def test_a_list_that_stands_twice_is_told_once(tmp_path: Path) -> None:
    (line,) = file_problems(tmp_path, "[stock]\nbuffers =\n  A = 3\nbuffers =\n  B = 3\n")
    assert line == "stock.buffers: found a second time on line 4, allowed: once"


def test_the_word_of_the_shop_alone_goes_with_no_buffer_and_one_outlet() -> None:
    lines = problems(stock__authority="store", stock__buffer="0.5", stock__buffers="A = 0", pos__outlets="main, annex")
    assert [line.partition(", since")[0] for line in lines] == [
        "stock.buffer: found '0.5' with stock.authority = store, allowed: 0",
        "stock.buffers: found A with stock.authority = store, allowed: nothing",
        "pos.outlets: found main, annex with stock.authority = store, allowed: one outlet",
    ]
    assert read(stock__authority="store", pos__outlets="main").stock.authority == "store"
    for other in ("both", "pos"):
        found = read(stock__authority=other, stock__buffer="1", stock__buffers="A = 1", pos__outlets="main, annex")
        assert found.stock.authority == other


def test_a_wrong_authority_is_not_judged_again_with_what_stands_beside_it() -> None:
    assert len(problems(stock__authority="stroe", stock__buffer="2", pos__outlets="main, annex")) == 1
    assert len(problems(stock__authority="store", stock__buffer="two", pos__outlets="main,,annex")) == 2


@given(
    st.dictionaries(
        st.text(st.characters(exclude_characters='",\n', exclude_categories=["C", "Z"]), min_size=1, max_size=12),
        st.decimals(0, 1000, places=3),
    )
)
def test_whatever_its_products_are_called_a_list_arrives_whole(buffers: dict[str, Decimal]) -> None:
    text = ", ".join(f'"{sku}" = {quantity}' for sku, quantity in buffers.items())
    assert read(stock__buffers=text).stock.buffers == buffers
    assert read(stock__buffers="\n".join(f"{sku} = {count}" for sku, count in buffers.items())).stock.buffers == buffers
