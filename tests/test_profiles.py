"""Each known system is a set of defaults: every cell of the table, what goes before it, and how it stands on paper."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tillbridge import settings
from tillbridge.errors import SettingsError
from tillbridge.settings import OPTIONS, PROFILES, Settings

REQUIRED = {("pos", "url"): "http://127.0.0.1:9000", ("pos", "token"): "env:TILL"}
ENVIRON = {"TILL": "till-token-value"}
ROOT = Path(__file__).resolve().parent.parent

ANY = None
"""`send_on = any`."""

CELLS: list[tuple[str, str, object]] = [
    ("elementary", "stock.authority", "both"),
    ("nexopos", "stock.authority", "both"),
    ("universal", "stock.authority", "store"),
    ("modern-retail", "stock.authority", "pos"),
    ("lightspeed", "stock.authority", "pos"),
    #
    ("elementary", "orders.as_", "stock"),
    ("nexopos", "orders.as_", "sale"),
    ("universal", "orders.as_", "sale"),
    ("modern-retail", "orders.as_", "sale"),
    ("lightspeed", "orders.as_", "sale"),
    #
    ("elementary", "orders.send_on", frozenset({"completed"})),
    ("nexopos", "orders.send_on", ANY),
    ("universal", "orders.send_on", ANY),
    ("modern-retail", "orders.send_on", frozenset({"completed", "shipped"})),
    ("lightspeed", "orders.send_on", frozenset({"processing", "completed"})),
    #
    ("elementary", "orders.unmapped_payment", "park"),
    ("nexopos", "orders.unmapped_payment", "ignore"),
    ("universal", "orders.unmapped_payment", "park"),
    ("modern-retail", "orders.unmapped_payment", "park"),
    ("lightspeed", "orders.unmapped_payment", "park"),
    #
    ("elementary", "orders.unmapped_tax", "park"),
    ("nexopos", "orders.unmapped_tax", "default"),
    ("universal", "orders.unmapped_tax", "park"),
    ("modern-retail", "orders.unmapped_tax", "park"),
    ("lightspeed", "orders.unmapped_tax", "park"),
    #
    ("elementary", "orders.unlinked_line", "park"),
    ("nexopos", "orders.unlinked_line", "leave-out"),
    ("universal", "orders.unlinked_line", "park"),
    ("modern-retail", "orders.unlinked_line", "park"),
    ("lightspeed", "orders.unlinked_line", "park"),
    #
    ("elementary", "sync.customers", "off"),
    ("nexopos", "sync.customers", "both"),
    ("universal", "sync.customers", "to-pos"),
    ("modern-retail", "sync.customers", "to-pos"),
    ("lightspeed", "sync.customers", "to-pos"),
    #
    ("elementary", "people.travel", "always"),
    ("nexopos", "people.travel", "always"),
    ("universal", "people.travel", "always"),
    ("modern-retail", "people.travel", "with-order"),
    ("lightspeed", "people.travel", "with-order"),
    #
    ("elementary", "people.group", "none"),
    ("nexopos", "people.group", "default"),
    ("universal", "people.group", "none"),
    ("modern-retail", "people.group", "none"),
    ("lightspeed", "people.group", "none"),
    #
    ("elementary", "orders.pos_sales", "no"),
    ("nexopos", "orders.pos_sales", "orders"),
    ("universal", "orders.pos_sales", "no"),
    ("modern-retail", "orders.pos_sales", "no"),
    ("lightspeed", "orders.pos_sales", "no"),
    #
    ("elementary", "orders.pos_sales_shipping", ""),
    ("nexopos", "orders.pos_sales_shipping", "local_pickup"),
    ("universal", "orders.pos_sales_shipping", ""),
    ("modern-retail", "orders.pos_sales_shipping", ""),
    ("lightspeed", "orders.pos_sales_shipping", ""),
]
"""Profile, setting, and what is in force where the owner wrote nothing."""

OTHERS = {
    "stock.authority": ("both", "pos"),
    "orders.as_": ("stock", "sale"),
    "orders.send_on": ("pending", "failed"),
    "orders.unmapped_payment": ("default", "park"),
    "orders.unmapped_tax": ("park", "default"),
    "orders.unlinked_line": ("custom", "park"),
    "sync.customers": ("to-store", "off"),
    "people.travel": ("always", "with-order"),
    "people.group": ("none", "default"),
    "orders.pos_sales": ("no", "orders"),
    "orders.pos_sales_shipping": ("flat_rate", ""),
}
"""For each setting two texts, one of which is none of any profile's cell."""


def read(profile: str, **more: str) -> Settings:
    places = {(section, key): text for name, text in more.items() for section, key in [name.split("__")]}
    return settings.read(None, ENVIRON, {**REQUIRED, ("sync", "profile"): profile, **places})


def held(found: Settings, name: str) -> object:
    section, attribute = name.split(".")
    value: object = getattr(getattr(found, section), attribute)
    return value


@pytest.mark.parametrize(("profile", "name", "value"), CELLS)
def test_a_profile_sets_what_its_users_know(profile: str, name: str, value: object) -> None:
    assert held(read(profile), name) == value


@pytest.mark.parametrize(("profile", "name", "value"), CELLS)
def test_a_single_setting_overrides_its_cell_and_no_other(profile: str, name: str, value: object) -> None:
    key = name.replace(".", "__").removesuffix("_")
    for text in OTHERS[name]:
        found = read(profile, **{key: text})
        assert held(found, name) == (frozenset({text}) if name == "orders.send_on" else text)
        others = {cell[1]: cell[2] for cell in CELLS if cell[0] == profile and cell[1] != name}
        assert {other: held(found, other) for other in others} == others


def test_every_cell_of_the_table_has_its_row_here() -> None:
    from tillbridge.settings.profiles import CELLS as TABLE

    rows = {(profile, name.removesuffix("_")) for profile, name, _ in CELLS}
    assert rows == {(profile, name) for profile in PROFILES for name in TABLE}
    assert set(TABLE) <= {option.name for option in OPTIONS}


def test_what_no_profile_says_is_at_its_default() -> None:
    plain = settings.read(None, ENVIRON, REQUIRED)
    for profile in PROFILES:
        found = read(profile)
        assert (found.orders.unpaid, found.orders.guests, found.sync.orders) == ("gateway", "none", "both")
    assert (plain.sync.profile, plain.given.get("stock.authority")) == ("", None)
    assert {name: held(plain, name) for name in OTHERS} == {
        "stock.authority": "both", "orders.as_": "stock", "orders.send_on": ANY, "orders.unmapped_payment": "park",
        "orders.unmapped_tax": "park", "orders.unlinked_line": "park", "sync.customers": "off",
        "people.travel": "always", "people.group": "none", "orders.pos_sales": "no", "orders.pos_sales_shipping": "",
    }  # fmt: skip


def test_a_profile_that_is_not_known_is_told_with_those_that_are() -> None:
    with pytest.raises(SettingsError) as raised:
        read("lightspead")
    assert raised.value.problems == [
        "sync.profile: found 'lightspead', allowed: elementary or nexopos or universal or modern-retail or lightspeed, "
        "or nothing"
    ]


def test_what_a_profile_chose_must_go_with_the_rest_as_if_it_were_written() -> None:
    with pytest.raises(SettingsError, match="stock.buffer: found '2' with stock.authority = store, allowed: 0"):
        read("universal", stock__buffer="2")


@pytest.mark.parametrize("profile", PROFILES)
def test_the_shipped_file_leaves_to_the_profile_what_the_profile_sets(profile: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.ini"
    path.write_text(settings.render({("sync", "profile"): profile}))
    assert settings.read(path, ENVIRON, REQUIRED) == read(profile)


def test_the_readme_has_the_table_of_profiles() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    between = re.search(r"<!-- profiles -->\n(.*?)<!-- /profiles -->", readme, re.DOTALL)
    assert between is not None, "README.md has no <!-- profiles --> … <!-- /profiles -->"
    assert between[1].strip() == settings.profiles_markdown().strip()
