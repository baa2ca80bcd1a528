"""What a side still knows of the days before, for a daemon whose books were restored from a backup."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from tillbridge.core.actions import OwnWrite
from tillbridge.core.events import Told


class Remembers(Protocol):
    """What a side keeps beyond our acknowledgement: for 7 days at least. Both only read, and raise `SideTrouble`."""

    def retained(self) -> Iterator[Told]:
        """Every event that it still has, acknowledged or not, oldest first, with the key that it had at first."""

    def own_writes(self) -> Iterator[OwnWrite]:
        """Our writes of these days that took effect, in no order; never those that were voided."""
