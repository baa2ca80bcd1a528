"""Migration 4: the documents by which orders reach the POS.

Quantities and money are text, times steady seconds, as in `tables`. Nothing of a person is stored.
"""

from __future__ import annotations

STATEMENTS = (
    "ALTER TABLE account ADD COLUMN attempt_order TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE shop_order ADD COLUMN alone INTEGER NOT NULL DEFAULT 0",
    # What of a line's position no document carries; NULL where it has no document, and its position crosses as stock.
    "ALTER TABLE line ADD COLUMN rest TEXT",
    "CREATE TABLE dossier (order_ref TEXT NOT NULL PRIMARY KEY, taken TEXT NOT NULL DEFAULT '',"
    " alone TEXT NOT NULL DEFAULT '', stirred_at REAL NOT NULL DEFAULT 0, filed_at REAL,"
    " filing TEXT, since REAL, tried REAL, doubt REAL)",
    "CREATE INDEX dossier_filing ON dossier (order_ref) WHERE filing IS NOT NULL",
)
