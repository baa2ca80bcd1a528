"""The book-keeper's comparison: what shop and POS each say of a day, and every order on which they differ."""

from __future__ import annotations

from tillbridge.audit.board import Audits, Rules
from tillbridge.audit.papers import documents

__all__ = ["Audits", "Rules", "documents"]
