"""What the books know of documents of the POS: what the shop made of them, and what is being made."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from tillbridge.core.coming_back import ComingBack
from tillbridge.ports.queue import Message


@dataclass(frozen=True, slots=True)
class Arrival:
    """A part of a document of the POS, and what the shop made of it.

    `number` is the POS's, `part` what the shop does about it (`complete`, `order`, `refund`). `order` is the shop's
    order that it is about, or that was made of it; `made` is what was made: an order's or a refund's id, a status, ""
    nothing yet. `coming` is the refund that is being made, until it is known that it was.
    `at` tells documents apart that a POS gave the same number.
    """

    number: str
    part: str
    at: str = ""
    order: str = ""
    made: str = ""
    coming: ComingBack | None = None


class Arrivals(Protocol):
    """Documents of the POS inside a transaction."""

    def stir_arrivals(self, told: Mapping[str, str]) -> None:
        """The shop is to keep these documents: one message for each number, which falls due now. With each stands the
        reference of the order that it is about ("": none); those of one order wait for one another, in this order."""

    def claim_arrivals(self, limit: int, lease_seconds: float) -> list[Message]:
        """Documents that are due, under a fresh lease; the body of each message is the POS's number."""

    def arrival(self, number: str, part: str) -> Arrival:
        """What is known of a part of a document; an empty one where nothing is."""

    def arrival_waits(self, number: str) -> bool:
        """Whether that document was told and is not settled yet."""

    def arrival_is_parked(self, number: str) -> bool:
        """Whether a person is to see to that document first."""

    def save_arrival(self, arrival: Arrival) -> None: ...
    def coming_back(self, orders: Collection[str]) -> set[str]:
        """Those of these orders of which a refund is being made: the shop may show it, and the books not know it."""
