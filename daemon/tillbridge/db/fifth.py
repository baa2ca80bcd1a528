"""Migration 5: documents of the POS, and what the shop made of them.

Nothing of a person is stored.
"""

from __future__ import annotations

STATEMENTS = (
    # `number` is the POS's; `part` what the shop does about it: complete, order, refund. `order_ref` is the order that
    # it is about, or that was made of it; `made` what the shop made; `coming` the refund that is being made.
    "CREATE TABLE arrival (number TEXT NOT NULL, part TEXT NOT NULL, at TEXT NOT NULL DEFAULT '',"
    " order_ref TEXT NOT NULL DEFAULT '', made TEXT NOT NULL DEFAULT '', coming TEXT, PRIMARY KEY (number, part))",
    "CREATE INDEX arrival_order ON arrival (order_ref)",
)
