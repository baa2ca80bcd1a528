"""Customers: the shop's accounts, and what the books know of them, which is numbers and nothing about a person."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tillbridge.core.agreeing import Agreed
from tillbridge.core.paper import Person
from tillbridge.ports.queue import Message

AMBIGUOUS = "customer_ambiguous"
"""Why an order or a customer waits: several customers of the POS may be that person."""

NEW, NOBODY = "new", "nobody"
"""Answers to who somebody is, besides the POS's ids: somebody new, or nobody whom the POS is to know."""


def customer(ref: str) -> str:
    """What a question about a customer of the shop is called."""
    return f"customer:{ref}"


def guest_of(order: str) -> str:
    """What a question about the guest who made an order is called."""
    return f"order:{order}"


@dataclass(frozen=True, slots=True)
class StorePerson:
    """A customer's account under the shop's id. `staff` look after the shop: of them nothing travels, and their
    accounts are never changed."""

    ref: str
    person: Person
    staff: bool = False


class StorePeople(Protocol):
    """The shop's customers. All raise `SideTrouble`, whose words tell nothing about a person."""

    def person(self, ref: str) -> StorePerson | None:
        """One customer, None where the shop has none of that id."""

    def find(self, email: str) -> tuple[StorePerson, ...]:
        """Whoever has an account of that e-mail address."""

    def change(self, ref: str, fields: Mapping[str, str]) -> StorePerson:
        """Write these fields (of `core.people.FIELDS`), and no others; the account as it is then. What somebody logs in
        with stays as it is."""

    def create(self, person: Person) -> StorePerson:
        """A new account. The shop may write to its owner."""

    def guest(self, order: str) -> Person | None:
        """Who made that order without an account; None of an order that is an account's, or not there."""

    def orders_of(self, ref: str, limit: int) -> tuple[str, ...]:
        """The ids of a customer's orders, the newest first, so many at the most."""


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """What the books know of a customer of the shop: who it is at the POS ("" nobody yet). `erased`: it was to be
    forgotten, and nothing of it travels until there is another order."""

    ref: str
    pos_ref: str = ""
    agreed: Agreed = Agreed()
    erased: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """Several customers of the POS may be one person. `subject` says which, `candidates` are the POS's ids, `answer` is
    one of them or `NEW` or `NOBODY` ("" none yet)."""

    subject: str
    candidates: tuple[str, ...]
    answer: str = ""


class Persons(Protocol):
    """Customers inside a transaction."""

    def acquaintance(self, ref: str) -> Acquaintance:
        """What is known of a customer of the shop."""

    def acquaintance_at(self, pos_ref: str) -> Acquaintance | None:
        """Who of the shop a customer of the POS is, None where that is nobody."""

    def linked_people(self, pos_refs: Collection[str]) -> dict[str, str]:
        """The shop's ids of those of these customers of the POS who are linked."""

    def link_person(self, ref: str, pos_ref: str) -> None:
        """They are one; what was asked about it is answered."""

    def agree_person(self, ref: str, agreed: Agreed) -> None:
        """Both sides are in step so."""

    def unlink_person(self, ref: str) -> None:
        """Nothing is known of that customer any more."""

    def forget_person(self, ref: str) -> None:
        """The same, and nothing of it travels until it is linked again."""

    def ask_person(self, subject: str, candidates: Sequence[str]) -> str:
        """A person is to say who it is; the answer that stands, "" where none does or others are in question now."""

    def drop_question(self, subject: str) -> None:
        """Nobody has to say any more who that is; an answer stays."""

    def answer_person(self, subject: str, answer: str) -> None:
        """A person says who it is; what waited for that is tried again."""

    def stir_people(self, bodies: Collection[str]) -> None:
        """These are to be looked at: `store:ID`, `order:ID` (the shop's id, because of an order) or `pos:ID`."""

    def claim_people(self, limit: int, lease_seconds: float) -> list[Message]:
        """Customers who are due, under a fresh lease; the body of each message as above."""
