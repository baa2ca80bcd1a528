"""Keeping the database small: what nobody will ask for again is folded or forgotten, nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from tillbridge.ports import Archive, Clock


@dataclass(frozen=True, slots=True)
class Keep:
    """How long things are kept, in seconds."""

    done: float
    journal: float


class Housekeeping:
    """Forgets settled messages and old nonces; runs, lines of finished orders and documents of the POS as old as
    the journal; folds old journal entries into one sum for each account.

    A settled message is the memory of an event's key, so it must outlive the shop's willingness to repeat the event
    (7 days).
    """

    def __init__(self, archive: Archive, clock: Clock, keep: Keep) -> None:
        self._archive = archive
        self._clock = clock
        self._keep = keep

    def __call__(self) -> dict[str, int]:
        """How much of each kind went. Raises `StorageTrouble`."""
        now = self._clock.now()
        return {
            "messages": self._archive.forget_done(now - self._keep.done),
            "nonces": self._archive.forget_nonces(now),
            "runs": self._archive.forget_runs(now - self._keep.journal),
            "entries": self._archive.fold_journal(now - self._keep.journal),
            "lines": self._archive.forget_lines(now - self._keep.journal),
            "documents": self._archive.forget_arrivals(now - self._keep.journal),
        }
