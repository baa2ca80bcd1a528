"""Migration 2: what the targets are made of besides the accounts, and the runs that look after them.

Quantities are text, times steady seconds, as in `tables`.
"""

from __future__ import annotations

STATEMENTS = (
    "ALTER TABLE link ADD COLUMN free TEXT NOT NULL DEFAULT '0'",
    "ALTER TABLE link ADD COLUMN held TEXT NOT NULL DEFAULT '0'",
    "ALTER TABLE link ADD COLUMN uncounted TEXT NOT NULL DEFAULT '0'",
    "ALTER TABLE link ADD COLUMN positions TEXT NOT NULL DEFAULT '0'",
    "ALTER TABLE link ADD COLUMN admitted TEXT NOT NULL DEFAULT '0'",
    "ALTER TABLE link ADD COLUMN buffer TEXT NOT NULL DEFAULT '0'",
    "ALTER TABLE link ADD COLUMN backorders INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE link ADD COLUMN fall_before TEXT",
    "ALTER TABLE link ADD COLUMN fall_amount TEXT",
    # Until now every change at the store crossed at once, whoever it belonged to.
    "UPDATE link SET free = COALESCE((SELECT born FROM account WHERE account.link = link.id AND side = 'store'), '0')",
    "ALTER TABLE account ADD COLUMN touched REAL NOT NULL DEFAULT 0",
    "ALTER TABLE account ADD COLUMN read_at REAL NOT NULL DEFAULT 0",
    "ALTER TABLE account ADD COLUMN attempt_mark TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE entry ADD COLUMN line TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE entry ADD COLUMN effect TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE entry ADD COLUMN run INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX entry_document ON entry (document) WHERE document <> ''",
    "CREATE INDEX entry_run ON entry (run, link) WHERE run <> 0",
    # The store's orders, and what their lines hold.
    "CREATE TABLE shop_order (ref TEXT NOT NULL PRIMARY KEY, status TEXT NOT NULL, admitted INTEGER NOT NULL,"
    " gone INTEGER NOT NULL, at REAL NOT NULL)",
    "CREATE TABLE line (order_ref TEXT NOT NULL, line TEXT NOT NULL, link INTEGER NOT NULL, position TEXT NOT NULL,"
    " booked TEXT NOT NULL, taken TEXT NOT NULL, PRIMARY KEY (order_ref, line, link))",
    "CREATE INDEX line_link ON line (link)",
    # Orders of which something was told, whose lines must be compared with ours; `seen` is the difference found there.
    "CREATE TABLE stirred (order_ref TEXT NOT NULL PRIMARY KEY, at REAL NOT NULL, due_at REAL NOT NULL,"
    " seen TEXT NOT NULL DEFAULT '', seen_at REAL)",
    # Items whose level must be read once more: a feed of levels will not repeat it.
    "CREATE TABLE look (side TEXT NOT NULL, ref TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (side, ref))",
    # Differences seen once; acted on when they are seen again.
    "CREATE TABLE sighting (link INTEGER NOT NULL, side TEXT NOT NULL, outlet TEXT NOT NULL, level TEXT NOT NULL,"
    " amount TEXT NOT NULL, seen_at REAL NOT NULL, PRIMARY KEY (link, side, outlet))",
    "CREATE TABLE run (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, scope TEXT NOT NULL,"
    " state TEXT NOT NULL, started REAL NOT NULL, finished REAL, body TEXT NOT NULL)",
    "CREATE TABLE finding (run INTEGER NOT NULL, link INTEGER NOT NULL, side TEXT NOT NULL, outlet TEXT NOT NULL,"
    " level TEXT NOT NULL, known TEXT NOT NULL, amount TEXT NOT NULL, verdict TEXT NOT NULL, words TEXT NOT NULL,"
    " at REAL NOT NULL, PRIMARY KEY (run, link, side, outlet))",
    # What moved the terms of a link without moving an account: a person's word, an undo, an order explained.
    "CREATE TABLE ruling (id INTEGER PRIMARY KEY AUTOINCREMENT, link INTEGER NOT NULL, run INTEGER NOT NULL,"
    " kind TEXT NOT NULL, document TEXT NOT NULL, changes TEXT NOT NULL, words TEXT NOT NULL, at REAL NOT NULL)",
    "CREATE INDEX ruling_link ON ruling (link, at)",
    "CREATE INDEX ruling_run ON ruling (run, link)",
    # What a person is told about a link, once, until it is over.
    "CREATE TABLE alert (link INTEGER NOT NULL, kind TEXT NOT NULL, amount TEXT NOT NULL, words TEXT NOT NULL,"
    " at REAL NOT NULL, PRIMARY KEY (link, kind))",
)
