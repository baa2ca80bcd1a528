"""Which field of a customer changed where, by digests alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tillbridge.core.agreeing import Agreed, Seal, Step, decode, encode, step
from tillbridge.core.paper import Person
from tillbridge.errors import Malformed

SEAL = Seal(b"secret", "4")
ANNA = Person("4", "anna@example.org", "0221 123456", "Anna", "Marked", street="Musterweg 5", city="Köln", country="DE")
AT_POS = replace(ANNA, id="", email="ANNA@example.org", phone="+49221123456", first_name="Anna  ")


def after(store: Person, pos: Person, *, to_pos: bool = True, to_store: bool = True, seal: Seal = SEAL) -> Step:
    """Both changed into these since they were in step."""
    return step(store, pos, SEAL.agreed(ANNA, AT_POS), seal, to_pos=to_pos, to_store=to_store)


def test_what_is_spelled_otherwise_has_not_changed() -> None:
    assert after(ANNA, AT_POS) == Step()


def test_a_change_is_written_at_the_other_side_and_only_that_field() -> None:
    moved, called = replace(ANNA, city="Bonn"), replace(AT_POS, phone="0221 99")
    assert after(moved, called) == Step({"city": "Bonn"}, {"phone": "0221 99"})


def test_where_a_field_changed_at_both_sides_the_shop_is_right() -> None:
    store, pos = replace(ANNA, city="Bonn"), replace(AT_POS, city="Aachen")
    assert after(store, pos) == Step({"city": "Bonn"})
    assert after(store, pos, to_pos=False) == Step({}, {"city": "Aachen"})
    assert after(replace(ANNA, city="Aachen"), pos) == Step()


def test_nothing_travels_against_its_way() -> None:
    assert after(replace(ANNA, city="Bonn"), AT_POS, to_pos=False) == Step()
    assert after(ANNA, replace(AT_POS, city="Bonn"), to_store=False) == Step()


def test_what_somebody_took_away_is_taken_away_at_the_other_side() -> None:
    assert after(replace(ANNA, street=""), AT_POS) == Step({"street": ""})


def test_who_never_was_in_step_only_learns_what_is_lacking() -> None:
    store, pos = replace(ANNA, city="Bonn", street=""), replace(AT_POS, phone="")
    wanted = Step({"phone": "0221 123456"}, {"street": "Musterweg 5"})
    assert step(store, pos, Agreed(), SEAL, to_pos=True, to_store=True) == wanted
    assert after(store, pos, seal=Seal(b"another", "4")) == wanted


def test_what_is_kept_tells_nothing_and_differs_between_customers() -> None:
    agreed = SEAL.agreed(ANNA, AT_POS)
    text = encode(agreed)
    assert decode(text) == agreed
    assert decode("") == Agreed()
    assert not any(value and value in text for value in ("anna", "Marked", "Köln", "123456"))
    assert Seal(b"secret", "5").of(ANNA)["city"] != agreed.store["city"]
    assert agreed.store["company"] == ""


@pytest.mark.parametrize("text", ["x", "[1]", "[1, 2, 3]", "{}"])
def test_what_was_not_stored_by_us_is_said_to_be_unreadable(text: str) -> None:
    with pytest.raises(Malformed):
        decode(text)
