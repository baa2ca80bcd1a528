"""Who a customer is: by e-mail address, else by phone number; where these do not say, nobody guesses."""

from __future__ import annotations

import pytest

from tillbridge.core.paper import Person
from tillbridge.core.people import Known, Match, New, Several, email_key, filled, match, phone_key, spellings, without
from tillbridge.core.pos_papers import PosPerson

ANNA = Person("4", "anna@example.org", "0221 123456", "Anna", "Müller", country="DE")


def there(ref: str, *, erased: bool = False, **known: str) -> PosPerson:
    return PosPerson(ref, Person(**known), erased)


@pytest.mark.parametrize(
    ("people", "found"),
    [
        ([], New()),
        ([there("1", email=" ANNA@Example.org ")], Known("1")),
        ([there("1", phone="+49 (221) 123-456")], Known("1")),
        ([there("1", phone="0221/123456")], Known("1")),
        ([there("1", email="anna@example.org"), there("2", email="ANNA@example.org")], Several(("1", "2"))),
        ([there("1", email="anna@example.org"), there("2", phone="+49221123456")], Several(("1", "2"))),
        ([there("1", phone="0221123456"), there("2", phone="+49221123456")], Several(("1", "2"))),
        ([there("1", email="anna@example.org", phone="0221123456"), there("2", phone="0221123456")], Known("1")),
        ([there("1", first_name="Anna", last_name="Müller", city="Köln")], New()),
        ([there("1", email="anna@example.org", erased=True)], New()),
        ([there("1", email="bob@example.org", phone="+1 221 123456")], New()),
    ],
)
def test_an_address_decides_before_a_number_and_names_never_do(people: list[PosPerson], found: Match) -> None:
    assert match(ANNA, people) == found


def test_who_is_known_to_be_another_customer_is_not_meant() -> None:
    people = [there("1", phone="0221123456"), there("2", phone="0221123456")]
    assert match(ANNA, people, {"1"}) == Known("2")
    assert match(ANNA, people, {"1", "2"}) == New()


def test_nobody_is_found_by_what_is_no_address_and_no_number() -> None:
    nobody = Person(email="none", phone="call me", country="DE")
    assert match(nobody, [there("1", email="none", phone="call me")]) == New()


@pytest.mark.parametrize(
    ("email", "key"),
    [
        ("  Anna@EXAMPLE.org ", "anna@example.org"),
        ("anna@köln.example", "anna@xn--kln-sna.example"),
        ("anna@xn--KLN-sna.example", "anna@xn--kln-sna.example"),
        ("anna@under_score.example", "anna@under_score.example"),
        ("anna", ""), ("@example.org", ""), ("anna@", ""), ("", ""),
    ],
)  # fmt: skip
def test_an_address_is_compared_without_its_case_and_its_domain_in_ascii(email: str, key: str) -> None:
    assert email_key(email) == key


@pytest.mark.parametrize(
    ("phone", "country", "key"),
    [
        ("0221 123456", "DE", "+49221123456"), ("0049 221 123456", "DE", "+49221123456"),
        ("+49 (0)221 123456", "FR", "+49221123456"), ("06 12 34 56 78", "FR", "+33612345678"),
        ("02079460018", "gb", "+442079460018"), ("0221 123456", "", ""), ("0221 123456", "XX", ""),
        ("1", "DE", ""), ("see below", "DE", ""), ("", "DE", ""),
    ],
)  # fmt: skip
def test_a_number_is_compared_in_e164_and_dialled_from_its_country(phone: str, country: str, key: str) -> None:
    assert phone_key(phone, country) == key


def test_a_number_is_looked_for_as_a_cashier_may_have_noted_it() -> None:
    assert spellings("+49 221 123456", "DE") == ("+49221123456", "0221 123456", "+49 221 123456")
    assert spellings("call me", "DE") == ()


def test_what_an_account_lacks_is_taken_from_the_order_and_an_address_as_a_whole() -> None:
    account = Person("4", "anna@example.org", city="Köln")
    billing = Person("4", "other@example.org", "0221 1", "Anna", "M", street="Elsewhere 1", city="Bonn", country="DE")
    assert filled(account, billing) == Person("4", "anna@example.org", "0221 1", "Anna", "M", city="Köln")
    assert filled(Person("4"), billing) == billing


def test_words_that_are_kept_tell_nothing_of_a_person() -> None:
    words = "customer_exists: anna@example.org (Müller, 0221 123456) of DE"
    assert without(words, ANNA, None) == "customer_exists: … (…, …) of DE"
