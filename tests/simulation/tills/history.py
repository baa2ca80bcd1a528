"""A POS without keys that keeps a history: every movement is a row with its author, and rows can be searched."""

from __future__ import annotations

from tests.simulation.tills.chain import overwritten
from tests.simulation.tills.floor import Floor, Reply
from tests.simulation.tills.line import Line
from tests.simulation.tills.plain import PlainTill, uncertain, unsupported
from tillbridge.core.actions import Action, AdjustStock, Loss, Outcome, Status, Trace
from tillbridge.ports import Abilities


class HistoryTill(PlainTill):
    """Our author's rows above a mark say what became of a lost call; nothing is taken below zero.

    A trace needs no more than its mark, as long as the mark is taken after the attempt before it was settled: what that
    one left behind lies below. `_whose` remembers besides whose each row is (the answer to a write names its row), so
    that two attempts above the same mark are matched one by one. A start of the daemon forgets it.
    """

    abilities = Abilities(frozenset({AdjustStock}), batch=1, parallel=1, history=True, below_zero=False)
    tells_ours = True

    def __init__(self, line: Line, floor: Floor) -> None:
        super().__init__(line, floor)
        self._whose: dict[int, str] = {}
        self._went_back = floor.went_back_times

    def watermark(self) -> str:
        return str(self._line.read(self._floor.head))

    def find(self, trace: Trace) -> Outcome:
        if not trace.mark.isdecimal():
            return uncertain("nobody noted where the history stood")
        self._forget_if_restored()
        mark = int(trace.mark)
        rows = self._line.read(lambda: self._floor.rows_of(trace.ref, trace.outlet, mark))
        alike = [row.n for row in rows if row.ours and row.delta == trace.delta]
        for n in sorted(alike, key=lambda n: self._whose.get(n) != trace.key):
            if self._whose.setdefault(n, trace.key) == trace.key:
                return Outcome(Status.APPLIED, sentence=f"row {n} of the history")
        return Outcome(Status.NOT_FOUND, reason="no_row", sentence=f"no row like it above {mark}")

    def _forget_if_restored(self) -> None:
        """The numbers of rows come again after the database was put back: what was under them is gone."""
        if self._went_back != self._floor.went_back_times:
            self._went_back = self._floor.went_back_times
            self._whose.clear()

    def lost(self, ref: str, outlet: str, /) -> tuple[Loss, ...]:
        rows = self._line.read(lambda: self._floor.rows_of(ref, outlet))
        return tuple(Loss(row.id, row.delta) for row in overwritten(rows) if row.ours)

    def _act(self, action: Action) -> Outcome:
        if not isinstance(action, AdjustStock):
            return unsupported(action)
        reply: Reply = self._line.write(lambda: self._floor.adjust(action, below_zero=self.abilities.below_zero))
        if reply.n is not None:
            self._whose[reply.n] = action.key
        return reply.outcome
