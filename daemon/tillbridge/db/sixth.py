"""Migration 6: who of the POS's customers the shop's customers are. Numbers and digests, and nothing of a person."""

from __future__ import annotations

STATEMENTS = (
    "CREATE TABLE person (store_ref TEXT NOT NULL PRIMARY KEY, pos_ref TEXT UNIQUE, agreed TEXT NOT NULL DEFAULT '',"
    " erased INTEGER NOT NULL DEFAULT 0, at REAL NOT NULL)",
    # What a person is to say; `candidates` are ids of the POS, as a JSON list.
    "CREATE TABLE person_question (subject TEXT NOT NULL PRIMARY KEY, candidates TEXT NOT NULL,"
    " answer TEXT NOT NULL DEFAULT '', at REAL NOT NULL)",
)
