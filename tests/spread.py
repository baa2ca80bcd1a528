"""The tests on several workers: each is given one group after the other (see groups.py)."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

from tests.groups import together


class Spread(LoadScopeScheduling):  # type: ignore[misc]
    """As `--dist loadfile`, but with groups of our own."""

    def _split_scope(self, nodeid: str) -> str:
        return together(nodeid)
