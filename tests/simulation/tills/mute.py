"""A POS that keeps no keys and shows no history: what became of a lost call only its level can tell, and not always."""

from __future__ import annotations

from tests.simulation.tills.plain import PlainTill


class MuteTill(PlainTill):
    """Its feed leaves out the rows of our own plugin: with them in it, the feed would be a history to search."""
