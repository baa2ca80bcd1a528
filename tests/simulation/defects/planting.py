"""How a defect is put into the production code, and taken out again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from unittest import mock

from tests.simulation.options import Wishes


class Planting(ExitStack):
    """Everything that is put in here is taken out at the end."""

    def put(self, owner: Any, name: str, new: object) -> None:
        """Put something else in the place of an attribute."""
        self.enter_context(mock.patch.object(owner, name, new))


@dataclass(frozen=True, slots=True)
class Defect:
    """`wishes` are the schedules in which it can be met at all; `sentence` says what is broken."""

    name: str
    sentence: str
    plant: Callable[[Planting], None]
    wishes: Wishes = Wishes(authority="both", reconcile="on", spoiling="off", restoring="off")
