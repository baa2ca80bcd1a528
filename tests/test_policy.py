"""The settings in force, each with its value and where that comes from; secrets only as what they are called."""

from __future__ import annotations

from pathlib import Path

from tillbridge import settings
from tillbridge.settings import OPTIONS, Given, Settings, policy

ENVIRON = {"SHOP": "shop-secret-value", "TILL": "till-token-value"}


def read(folder: Path, text: str = "", overrides: dict[tuple[str, str], str] | None = None) -> Settings:
    (folder / "till").write_text("a token in a file")
    path = folder / "settings.ini"
    path.write_text(f"[pos]\nurl = http://127.0.0.1:9000\ntoken = file:till\n{text}")
    return settings.read(path, ENVIRON, overrides)


def rows(found: Settings, **learned: Given) -> dict[str, tuple[str, str]]:
    named = {name.replace("__", "."): given for name, given in learned.items()}
    return {row["name"]: (row["value"], row["source"]) for row in policy(found, named)}


def test_every_option_has_its_value_and_its_source(tmp_path: Path) -> None:
    found = rows(read(tmp_path, "poll_every = 3s\n", {("queue", "lease"): "90s"}))
    assert list(found) == [option.name for option in OPTIONS]
    assert found["pos.poll_every"] == ("3s", "settings file, line 4")
    assert found["queue.lease"] == ("90s", "override")
    assert found["queue.give_up_after"] == ("7d", "default")
    assert found["pos.sell_from"] == ("", "default")


def test_a_secret_is_shown_only_as_where_it_lies(tmp_path: Path) -> None:
    found = rows(read(tmp_path, "webhook_secret = env:TILL\n"))
    assert found["pos.token"] == ("file:till", "settings file, line 3")
    assert found["pos.webhook_secret"] == ("env:TILL", "environment")
    assert found["listener.metrics_token"] == ("", "default")
    assert not any(secret in str(found) for secret in [*ENVIRON.values(), "a token in a file"])


def test_what_pairing_decided_stands_where_the_settings_left_it_open(tmp_path: Path) -> None:
    learned = {
        "store__url": Given("https://shop.example", "pairing"), "store__secret": Given("s3cret", "pairing"),
        "pos__url": Given("http://other", "pairing"),
    }  # fmt: skip
    found = rows(read(tmp_path), **learned)
    assert found["store.url"] == ("https://shop.example", "pairing")
    assert found["store.secret"] == ("(set, not shown)", "pairing")
    assert found["pos.url"] == ("http://127.0.0.1:9000", "settings file, line 2"), "the settings win"


def test_an_option_that_was_left_empty_is_at_its_default(tmp_path: Path) -> None:
    assert rows(read(tmp_path, "outlets =\n"))["pos.outlets"] == ("", "default")


def test_options_are_called_what_they_are_called_in_the_file_and_a_list_is_one_line(tmp_path: Path) -> None:
    found = rows(read(tmp_path, "[orders]\nas = stock\n[stock]\nbuffers =\n  MUG = 3,\n  CUP = 1\n"))
    assert found["orders.as"] == ("stock", "settings file, line 5")
    assert found["stock.buffers"] == ("MUG = 3, CUP = 1", "settings file, line 7")


def test_two_readings_of_the_same_settings_are_equal_wherever_they_stood(tmp_path: Path) -> None:
    by_file = read(tmp_path, "poll_every = 3s\n")
    assert by_file == read(tmp_path, "", {("pos", "poll_every"): "3s"})


def test_what_the_profile_chose_is_told_as_the_profiles_and_what_the_owner_wrote_as_the_owners(tmp_path: Path) -> None:
    found = rows(read(tmp_path, "[sync]\nprofile = lightspeed\n[stock]\nauthority = both\n"))
    assert found["sync.profile"] == ("lightspeed", "settings file, line 5")
    assert found["orders.as"] == ("sale", "profile lightspeed")
    assert found["orders.send_on"] == ("processing, completed", "profile lightspeed")
    assert found["stock.authority"] == ("both", "settings file, line 7")
    assert found["orders.unpaid"] == ("gateway", "default")


def test_an_option_that_the_owner_left_empty_is_empty_whatever_the_profile_says(tmp_path: Path) -> None:
    found = rows(read(tmp_path, "[sync]\nprofile = nexopos\n[orders]\npos_sales_shipping =\n"))
    assert found["orders.pos_sales_shipping"] == ("", "settings file, line 7")


def test_the_entries_of_the_free_sections_stand_at_the_end_each_with_its_line(tmp_path: Path) -> None:
    text = "[payments]\nbacs = Bank transfer\n\ncod = Cash\n"
    found = rows(read(tmp_path, text, {("taxes", "standard"): "VAT 19"}))
    assert list(found.items())[len(OPTIONS) :] == [
        ("payments.bacs", ("Bank transfer", "settings file, line 5")),
        ("payments.cod", ("Cash", "settings file, line 7")),
        ("taxes.standard", ("VAT 19", "override")),
    ]
