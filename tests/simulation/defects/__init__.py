"""Defects that are planted on purpose, by name: a check that cannot fail proves nothing.

`planted(name)` puts one in for as long as it lasts; `find` looks for the first schedule that meets it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.simulation.defects.booking import BOOKING
from tests.simulation.defects.judging import JUDGING
from tests.simulation.defects.keeping import KEEPING
from tests.simulation.defects.planting import Defect, Planting
from tests.simulation.defects.showing import SHOWING
from tests.simulation.defects.telling import TELLING
from tests.simulation.defects.writing import WRITING
from tests.simulation.play import Played, play

DEFECTS: dict[str, Defect] = {one.name: one for one in (*BOOKING, *WRITING, *JUDGING, *SHOWING, *TELLING, *KEEPING)}

__all__ = ["DEFECTS", "Defect", "find", "planted"]


@contextmanager
def planted(name: str) -> Iterator[Defect]:
    """Production code with this defect in it."""
    defect = DEFECTS[name]
    with Planting() as planting:
        defect.plant(planting)
        yield defect


def find(name: str, most: int, first: int = 0) -> Played | None:
    """The first of `most` schedules, by their seeds, that ends with a violation, and holds without the defect; None
    where none does."""
    wishes = DEFECTS[name].wishes
    for seed in range(first, first + most):
        with planted(name):
            played = play(seed, wishes)
        if played.problems and not play(seed, wishes).problems:
            return played
    return None
