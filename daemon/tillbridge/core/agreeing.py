"""A customer whom both sides have: which field changed where since they were last in step, and what follows. Pure.

Nothing of the person is kept, only a keyed digest of each field as each side showed it: each side's own, since a POS
may spell a name or a number its own way.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tillbridge.core.paper import Person
from tillbridge.core.people import FIELDS, email_key, phone_key
from tillbridge.errors import Malformed

DIGITS = 16
"""Hexadecimal digits of a digest: enough to see a change by."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What both sides showed when they were last in step, as digests by field. `key` names the key of the digests:
    those of another key say nothing."""

    key: str = ""
    store: Mapping[str, str] = field(default_factory=dict)
    pos: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seal:
    """Makes digests of one customer's fields. `secret` stands in no database, so that nobody can guess who it is from
    what is kept there."""

    secret: bytes
    customer: str

    @property
    def key(self) -> str:
        return self._digest("")

    def of(self, person: Person) -> dict[str, str]:
        """Every field; "" where it is empty."""
        return {name: self._field(name, comparable(name, person)) for name in FIELDS}

    def agreed(self, store: Person, pos: Person) -> Agreed:
        """Both as they are now."""
        return Agreed(self.key, self.of(store), self.of(pos))

    def _field(self, name: str, value: str) -> str:
        return self._digest(f"{self.customer}\0{name}\0{value}") if value else ""

    def _digest(self, text: str) -> str:
        return hmac.new(self.secret, text.encode(), hashlib.sha256).hexdigest()[:DIGITS]


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be written at each side, by field."""

    pos: Mapping[str, str] = field(default_factory=dict)
    store: Mapping[str, str] = field(default_factory=dict)


def step(store: Person, pos: Person, agreed: Agreed, seal: Seal, *, to_pos: bool, to_store: bool) -> Step:
    """What brings them in step. Where a field changed at both sides since, the shop's word goes first, for there
    customers look after their data themselves. Of two who never were in step, each only learns what it lacks.
    """
    of_store, of_pos = seal.of(store), seal.of(pos)
    known = agreed.key == seal.key
    towards_pos: dict[str, str] = {}
    towards_store: dict[str, str] = {}
    for name in FIELDS:
        if comparable(name, store) == comparable(name, pos):
            continue
        at_store, at_pos = bool(of_store[name]), bool(of_pos[name])
        news = of_store[name] != agreed.store.get(name, "") if known else at_store and not at_pos
        heard = of_pos[name] != agreed.pos.get(name, "") if known else at_pos and not at_store
        if news and to_pos:
            towards_pos[name] = getattr(store, name)
        elif heard and to_store:
            towards_store[name] = getattr(pos, name)
    return Step(towards_pos, towards_store)


def after(person: Person, changes: Mapping[str, str]) -> Person:
    """The person with these fields."""
    return replace(person, **changes)


def comparable(name: str, person: Person) -> str:
    """A field so that two spellings of one thing are equal."""
    value: str = " ".join(getattr(person, name).split())
    if name == "email":
        return email_key(value) or value
    if name == "phone":
        return phone_key(value, person.country) or value
    return value.upper() if name == "country" else value


def encode(agreed: Agreed) -> str:
    """As text, to be stored."""
    return json.dumps([agreed.key, dict(agreed.store), dict(agreed.pos)], separators=(",", ":"))


def decode(text: str) -> Agreed:
    """What `encode` wrote; nothing was agreed where it is empty. Raises `Malformed`."""
    if not text:
        return Agreed()
    try:
        key, store, pos = json.loads(text)
        return Agreed(str(key), dict(store), dict(pos))
    except (TypeError, ValueError) as problem:
        raise Malformed("what was agreed of a customer cannot be read") from problem
