"""What a person is asked, and a decision on its way into the books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Protocol

from tillbridge import alerts
from tillbridge.booking import make_due
from tillbridge.core import rulings
from tillbridge.core.stock import spell
from tillbridge.core.targets import Shelf
from tillbridge.errors import Malformed
from tillbridge.ports import DECISION, DONE, Pending, Run, Said, Unit
from tillbridge.undo import FINAL

MOST = 1000
"""Rows of one kind in a list."""


class UnknownDecision(Malformed):
    """Nothing waits for a person under this id."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that is allowed, and what it does."""

    choice: str
    words: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One question. `sku`, `order` and `run` say what it is about, as far as it is about one of them."""

    kind: str
    subject: str
    words: str
    choices: tuple[Choice, ...]
    sku: str = ""
    order: str = ""
    run: int | None = None
    amount: Decimal | None = None

    @property
    def id(self) -> str:
        return f"{self.kind}:{self.subject}" if self.subject else self.kind

    def row(self) -> Said:
        """As JSON."""
        return {
            "id": self.id,
            "kind": self.kind,
            "sku": self.sku,
            "order": self.order,
            "run": self.run,
            "amount": None if self.amount is None else spell(self.amount),
            "words": self.words,
            "choices": [{"choice": one.choice, "words": one.words} for one in self.choices],
        }


def subjects(items: Collection[tuple[int, str]]) -> dict[int, str]:
    """What the questions about these links (number, SKU) are called: the SKU, and the link's number behind it where
    several links of one SKU are asked about, as when an item was made anew. Each wants words of its own."""
    several = Counter(sku for _, sku in set(items))
    return {link: sku if several[sku] == 1 else f"{sku}@{link}" for link, sku in items}


def the_one(pending: Pending, subject: str, waits: Callable[[Shelf], bool]) -> Shelf | None:
    """The link that a subject means, if something about it waits; None where several of that SKU do."""
    sku, _, number = subject.rpartition("@")
    found = [shelf for shelf in pending.shelves_by_sku(subject) if waits(shelf)]
    if not found and sku:
        found = [one for one in pending.shelves_by_sku(sku) if waits(one) and str(one.link.id) == number]
    return found[0] if len(found) == 1 else None


@dataclass(slots=True)
class Deciding:
    """A decision in the transaction of `unit`, under a run of its own."""

    unit: Unit
    run: Run
    rows: list[Said] = field(default_factory=list)
    facts: dict[str, object] = field(default_factory=dict)
    touched: dict[int, Shelf] = field(default_factory=dict)

    def rule(self, before: Shelf, after: Shelf, kind: str, document: str = "", words: str = "") -> None:
        """Move the terms of a link."""
        said = words or _WORDS[kind]
        self.unit.rule(before, after, self.run.id, kind, document, said)
        self.touched[after.link.id] = after
        self.say(f"{said}; {rulings.follows(before, after)}", after.link.sku)

    def say(self, words: str, sku: str = "") -> None:
        """What was done, for the answer."""
        self.rows.append({"sku": sku, "words": words})

    def note(self, name: str, value: str) -> None:
        """Keep a fact, so that an undo knows what it was before."""
        noted = self.facts.setdefault("notes", [])
        assert isinstance(noted, list)
        noted.append([name, self.unit.noted(name), value])
        self.unit.note(name, value)

    def cannot_be_undone(self, why: str) -> None:
        self.facts[FINAL] = why

    def close(self) -> None:
        """Everything that was touched is due, and the run is over."""
        shelves = list(self.touched.values())
        alerts.watch(self.unit, shelves)
        make_due(self.unit, shelves)
        facts = {**self.run.facts, **self.facts}
        self.unit.save_run(replace(self.run, finished=self.unit.now, facts=facts))


def begin(unit: Unit, asked: Asked, choice: str, words: str) -> Deciding:
    """A run for one decision."""
    facts = {"id": asked.id, "choice": choice, "words": words, "asked": asked.words}
    return Deciding(unit, unit.start_run(DECISION, asked.id, DONE, facts))


class Kind(Protocol):
    """One kind of question."""

    @property
    def name(self) -> str:
        """What its ids begin with."""

    def rows(self, pending: Pending) -> list[Asked]:
        """All of them, at the most `MOST`."""

    def find(self, pending: Pending, subject: str) -> Asked | None:
        """The one about this subject, None where nothing is asked about it."""

    def decide(self, deciding: Deciding, subject: str, choice: str, /) -> None:
        """Do it. The choice is one of those that were offered."""


_WORDS = {
    "sold": "a person said that it was sold",
    "put_back": "a person said that nothing was sold",
    "pos": "a person said that the POS is right",
    "store": "a person said that the store is right",
    "smaller": "a person chose the smaller of the two",
}
