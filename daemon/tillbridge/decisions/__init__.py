"""Everything that waits for a person's word, and what the word does."""

from __future__ import annotations

from tillbridge.decisions.asked import UnknownDecision
from tillbridge.decisions.verb import Decisions, attention

__all__ = ["Decisions", "UnknownDecision", "attention"]
