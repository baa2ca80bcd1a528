"""Migration 7: what the documents of an order leave out, so that they are told anew once it can be told.

The shop's refs of products that were linked to nothing of the POS, as a JSON list; nothing of a person.
"""

from __future__ import annotations

STATEMENTS = (
    "ALTER TABLE dossier ADD COLUMN left_out TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX dossier_left_out ON dossier (order_ref) WHERE left_out <> ''",
)
