"""A POS that takes only levels, checked against the level that they are based on."""

from __future__ import annotations

from tests.simulation.tills.plain import PlainTill, unsupported
from tillbridge.core.actions import Action, CountStock, Outcome
from tillbridge.ports import Abilities


class AbsoluteTill(PlainTill):
    """No keys and no history; but a repeated count finds another level than it expects, so it acts once."""

    abilities = Abilities(frozenset({CountStock}), batch=1, parallel=1)

    def _act(self, action: Action) -> Outcome:
        if not isinstance(action, CountStock):
            return unsupported(action)
        return self._line.write(lambda: self._floor.count(action)).outcome
