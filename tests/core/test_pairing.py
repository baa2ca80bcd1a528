"""The code that a person carries, what is proved with it, and what shop and daemon agree on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillbridge.core import pairing
from tillbridge.core.pairing import ALPHABET
from tillbridge.errors import Malformed

REST = {"key": "ck_" + "a" * 40, "secret": "cs_" + "b" * 40}
BODY = {
    "site": "6f1c",
    "address": "https://shop.example/",
    "rest_url": "https://shop.example/wp-json/",
    "door": "d" * 32,
    "rest": REST,
}


@given(st.integers(0, 2**125 - 1))
def test_a_code_is_five_groups_and_says_where_the_daemon_listens(number: int) -> None:
    groups, _, listener = pairing.spell_code(number, "127.0.0.1:8642").partition("@")
    assert [len(group) for group in groups.split("-")] == [5] * 5
    assert set(groups) <= {*ALPHABET, "-"}
    assert listener == "127.0.0.1:8642"


def test_codes_of_different_numbers_differ() -> None:
    assert len({pairing.key_of(pairing.spell_code(1 << bit, "x")) for bit in range(125)}) == 125


@pytest.mark.parametrize(
    "typed", ["0123456789abcdefghjkmnpqr", "O1234 56789 ABCDE-FGHJK-MNPQR", "oI234-56789-abcde-fghjk-mnpqr@x"]
)
def test_a_code_is_understood_however_a_person_types_it(typed: str) -> None:
    assert pairing.key_of(typed) == pairing.key_of("01234-56789-ABCDE-FGHJK-MNPQR@127.0.0.1:8642")


@pytest.mark.parametrize("typed", ["", "01234", "01234-56789-ABCDE-FGHJK-MNPQU", "01234-56789-ABCDE-FGHJK-MNPQR0"])
def test_what_is_no_code_is_refused_in_words(typed: str) -> None:
    with pytest.raises(Malformed, match=r"allowed are the 25 that `tillbridge init` printed"):
        pairing.key_of(typed)


def test_the_key_of_a_code_is_what_the_plugin_makes_of_it() -> None:
    """The same vector stands in the plugin's tests: sha256("tillbridge-pairing-v1:" + 25 characters)."""
    key = pairing.key_of("01234-56789-ABCDE-FGHJK-MNPQR@127.0.0.1:8642")
    assert key == "97df155ebca3ba21b19f4b0e5ae64cb010cfb16c97bc09ade776ca5c36af7a85"
    assert pairing.hello_proof(key, "n" * 32, "6f1c") != pairing.secret_proof(key, "6f1c", "n" * 32)


def test_a_proposal_is_read_whole() -> None:
    proposal = pairing.read_proposal(dict(BODY))
    assert (proposal.site, proposal.address) == ("6f1c", "https://shop.example")
    assert (proposal.url, proposal.rest_prefix) == ("https://shop.example", "/wp-json")
    assert "ck_" not in repr(proposal)


@pytest.mark.parametrize(
    ("rest_url", "url", "prefix"),
    [
        ("https://shop.example/wp-json/", "https://shop.example", "/wp-json"),
        ("http://127.0.0.1:8090/blog/wp-json/", "http://127.0.0.1:8090", "/blog/wp-json"),
        ("https://shop.example/index.php?rest_route=/", "https://shop.example", "/index.php?rest_route="),
        ("https://shop.example/?rest_route=/", "https://shop.example", "/?rest_route="),
    ],
)
def test_the_rest_address_of_any_shop_is_taken_apart(rest_url: str, url: str, prefix: str) -> None:
    assert pairing.read_rest_url({"rest_url": rest_url}) == (url, prefix)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"site": "a b"}, "site"),
        ({"site": 7}, "site"),
        ({"address": "shop.example"}, "address"),
        ({"address": "https://u:p@shop.example"}, "address"),
        ({"rest_url": "ftp://shop.example/"}, "rest_url"),
        ({"rest_url": "https://shop.example/?x=1"}, "rest_url"),
        ({"rest_url": "http://["}, "rest_url"),
        ({"door": "D" * 32}, "door"),
        ({"rest": None}, "rest"),
        ({"rest": {**REST, "key": "ck_short"}}, "key"),
        ({"rest": {**REST, "secret": None}}, "secret"),
    ],
)
def test_what_is_wrong_in_a_proposal_is_named(change: dict[str, object], named: str) -> None:
    with pytest.raises(Malformed, match=f"^{named}: "):
        pairing.read_proposal({**BODY, **change})


def test_a_new_pairing_of_the_same_shop_keeps_the_secret_before_it_good() -> None:
    proposal = pairing.read_proposal(dict(BODY))
    first = pairing.agree(proposal, "one", None, "2026-11-28T10:00:00+00:00")
    second = pairing.agree(proposal, "two", first, "2026-11-28T11:00:00+00:00")
    assert (first.previous_secret, second.secret, second.previous_secret) == ("", "two", "one")
    other = pairing.read_proposal({**BODY, "site": "other"})
    assert pairing.agree(other, "three", second, "2026-11-28T12:00:00+00:00").previous_secret == ""


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("http://shop.example", True),
        ("https://SHOP.example/", True),
        ("https://shop.example:8443", False),
        ("https://staging.shop.example", False),
        ("https://shop.example/copy", False),
        ("", False),
        ("http://[", False),
    ],
)
def test_a_copy_is_told_by_its_address_and_tls_makes_no_difference(other: str, same: bool) -> None:
    assert pairing.same_place("https://shop.example", other) is same


def test_an_agreement_is_kept_as_it_is_and_a_damaged_one_is_not_taken_for_none() -> None:
    paired = pairing.agree(pairing.read_proposal(dict(BODY)), "s3cret", None, "2026-11-28T10:00:00+00:00")
    assert pairing.decode(pairing.encode(paired)) == paired
    assert "s3cret" not in repr(paired)
    for text in ("", "{}", "[]", pairing.encode(paired).replace('"s3cret"', "7")):
        with pytest.raises(Malformed, match="pair again") as raised:
            pairing.decode(text)
        assert "s3cret" not in str(raised.value)
