"""Who at the POS a customer of the shop is: by link, else by e-mail address, else by phone number. Pure.

Names never count: two people of one name are two people. Where it is not certain who somebody is, a person says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

import idna
import phonenumbers

from tillbridge.core.paper import Person
from tillbridge.core.pos_papers import PosPerson

ADDRESS = ("first_name", "last_name", "company", "street", "street_2", "postcode", "city", "state", "country")
FIELDS = ("email", "phone", *ADDRESS)
"""What is known of a person, and may travel."""

SHORTEST_SECRET = 3
"""Letters that a value must have to be looked for in words that are kept: shorter ones stand in every sentence."""


@dataclass(frozen=True, slots=True)
class Known:
    """It is that one, by the POS's id."""

    ref: str


@dataclass(frozen=True, slots=True)
class New:
    """Nobody there is that person."""


@dataclass(frozen=True, slots=True)
class Several:
    """It may be any of these, by the POS's ids: a person must say which."""

    refs: tuple[str, ...]


Match = Known | New | Several


def match(person: Person, candidates: Iterable[PosPerson], taken: Collection[str] = frozenset()) -> Match:
    """Who of the candidates it is. Those who were erased are nobody, and those in `taken` are known to be another
    customer of the shop.

    The e-mail address decides before the phone number; where they name different people, or one of them several, it is
    not decided here.
    """
    email, phone = email_key(person.email), phone_key(person.phone, person.country)
    living = [one for one in candidates if not one.erased and one.ref not in taken]
    by_email = sorted({one.ref for one in living if email and email_key(one.person.email) == email})
    by_phone = sorted({one.ref for one in living if phone and phone in _phones(one.person, person.country)})
    if len(by_email) == 1 and (not by_phone or by_email[0] in by_phone):
        return Known(by_email[0])
    if by_email:
        return Several(tuple(sorted({*by_email, *by_phone})))
    if len(by_phone) > 1:
        return Several(tuple(by_phone))
    return Known(by_phone[0]) if by_phone else New()


def email_key(email: str) -> str:
    """An address as it is compared: trimmed, without case, its domain in ASCII; "" where it is none."""
    local, at, domain = email.strip().casefold().rpartition("@")
    if not (at and local and domain):
        return ""
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode('ascii')}"
    except idna.IDNAError:
        return f"{local}@{domain}"


def phone_key(phone: str, country: str) -> str:
    """A number in E.164; `country` is where it is dialled from if it does not say so. "" where it cannot be one."""
    found = _parsed(phone, country)
    return "" if found is None else phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


def spellings(phone: str, country: str) -> tuple[str, ...]:
    """How a POS may have written a number down: E.164, as it is dialled within its country, and as it was given."""
    found = _parsed(phone, country)
    if found is None:
        return ()
    national = phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.NATIONAL)
    return tuple(dict.fromkeys((phone_key(phone, country), national, phone.strip())))


def filled(account: Person, billing: Person) -> Person:
    """A customer's account, with what an order of theirs says where the account says nothing. An address is taken as a
    whole: half of one and half of another is nobody's."""
    where = ("street", "street_2", "postcode", "city", "state", "country")
    lacking = [name for name in FIELDS if name not in where and not getattr(account, name)]
    if not any(getattr(account, name) for name in where):
        lacking += where
    return replace(account, **{name: getattr(billing, name) for name in lacking})


def without(words: str, *people: Person | None) -> str:
    """Words of a side with everything taken out that is known of these people: they are kept, and people are not."""
    known = {getattr(one, name).strip() for one in people if one is not None for name in FIELDS}
    for value in sorted(known, key=len, reverse=True):
        if len(value) >= SHORTEST_SECRET:
            words = words.replace(value, "…")
    return words


def _phones(person: Person, home: str) -> set[str]:
    """What the number at the POS may be: without a country of its own it was noted in the shop's customer's."""
    return {phone_key(person.phone, person.country or home)} - {""}


def _parsed(phone: str, country: str) -> phonenumbers.PhoneNumber | None:
    region = country.strip().upper() or None
    try:
        found = phonenumbers.parse(phone, region)
    except phonenumbers.NumberParseException:
        return None
    return found if phonenumbers.is_possible_number(found) else None
