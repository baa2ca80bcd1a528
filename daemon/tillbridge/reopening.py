"""A register that was closed opens again: what it refused for that is told at once, and nobody has to say so."""

from __future__ import annotations

import logging
from collections.abc import Callable

from tillbridge.core.actions import REGISTER_CLOSED
from tillbridge.errors import SideTrouble
from tillbridge.ports import Books, PosPapers

log = logging.getLogger(__name__)


class Reopening:
    """Asks the POS whether its register is open, as long as something waits for that."""

    def __init__(self, books: Books, pos: PosPapers, may_speak: Callable[[], bool], ring: Callable[[], object]) -> None:
        """`may_speak` says whether the POS may be asked now; `ring` wakes who writes to it."""
        self._books = books
        self._pos = pos
        self._may_speak = may_speak
        self._ring = ring

    def __call__(self) -> int:
        """How many documents were released. A POS that does not say whether it is open is tried now and then."""
        with self._books.glancing() as books:
            waiting = books.parked_for(REGISTER_CLOSED)
        if not waiting or not self._may_speak():
            return 0
        try:
            is_open = self._pos.terms().is_open
        except SideTrouble as trouble:
            log.debug("whether the register is open cannot be asked: %s", trouble)
            return 0
        if not is_open:
            return 0
        with self._books.writing() as unit:
            released = unit.unpark_reason(REGISTER_CLOSED)
        self._ring()
        return released
