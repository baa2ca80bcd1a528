"""What waits for a person's word, as the books have it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from tillbridge.core.positions import Line, Order
from tillbridge.core.stock import SideName
from tillbridge.core.targets import Shelf
from tillbridge.ports.orderbook import Alert
from tillbridge.ports.paperwork import Dossier
from tillbridge.ports.persons import Question
from tillbridge.ports.queue import Waiting
from tillbridge.ports.runs import Run, Sighting

SETTLED = "settled"
"""The status of a deleted order whose stock a person has said to be sold: it holds it for good, and is not asked about
again."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """The message that stands for the writes to one side of a link, unless it is settled. `reason` and `error` say why
    it waits."""

    id: int
    side: SideName
    link: int
    state: str
    reason: str
    error: str


@dataclass(frozen=True, slots=True)
class Attention:
    """What a person should look at: the oldest alerts, how many there are, and how many decisions wait."""

    alerts: tuple[Alert, ...]
    alerts_in_all: int
    decisions: int


class Pending(Protocol):
    """Inside a transaction or a picture of the books."""

    @property
    def now(self) -> float:
        """Steady seconds at its start."""

    def noted(self, name: str) -> str:
        """The fact of that name, "" where there is none."""

    def shelves_by_sku(self, sku: str) -> list[Shelf]: ...
    def shelves_by_link(self, links: Sequence[int]) -> dict[int, Shelf]: ...
    def orders(self, refs: Collection[str]) -> dict[str, Order]: ...
    def runs_in(self, states: Sequence[str]) -> list[Run]: ...
    def gone_and_holding(self) -> list[Line]: ...
    def gone_and_filed(self) -> list[str]:
        """Orders that were deleted in the shop and of which the POS has something, unless that is to be void."""

    def dossier(self, order: str) -> Dossier:
        """What is known of an order's documents; an empty one where nothing is."""

    def paper_message(self, order: str) -> Waiting | None:
        """The message of an order's documents, whatever its state; None where there never was one."""

    def waiting_arrivals(self, order: str) -> list[Waiting]:
        """What the POS told of an order and the shop does not have yet: the first of it."""

    def parked_papers(self, limit: int) -> list[Waiting]:
        """Orders that are parked: their documents wait for a person, or for what is to be mended."""

    def links_held(self, limit: int) -> list[int]:
        """Links of which something is kept off sale."""

    def links_offset(self, limit: int) -> list[int]:
        """Links whose offset is not zero, and of which nobody has said that this one may stay."""

    def reported(self, kind: str) -> list[tuple[Alert, Sighting]]:
        """Alerts of a kind, with the differences that they tell of, and that nobody has accepted yet."""

    def unsure_writes(self, reason: str) -> list[Outgoing]:
        """Writes that are parked for this reason."""

    def person_questions(self, limit: int) -> list[Question]:
        """Who somebody of the POS is, where nobody has said so yet."""

    def person_question(self, subject: str) -> Question | None:
        """One of these, answered or not; None where nobody ever asked."""

    def attention(self, alerts: int, kind: str, reason: str) -> Attention:
        """So many alerts at the most; `kind` and `reason` as above are those that wait for a person's word."""
