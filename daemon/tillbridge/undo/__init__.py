"""Undoing a run: what it carried over is taken back, and what happened on a side stays there.

An entry is not taken out of the journal, since it happened. Its amount moves out of the targets, and the rulings of
the run are taken back by their opposites; the one rule writes what follows, and no later run finds it again. A run is
undone once. An undo is a run like any other, and may be undone itself.
"""

from __future__ import annotations

from tillbridge.undo.piece import PUT_BACK, SOLD, UNDONE_BY, is_in_force
from tillbridge.undo.verb import FINAL, CannotUndo, Undo, UnknownRun, unknown

__all__ = ["FINAL", "PUT_BACK", "SOLD", "UNDONE_BY", "CannotUndo", "Undo", "UnknownRun", "is_in_force", "unknown"]
