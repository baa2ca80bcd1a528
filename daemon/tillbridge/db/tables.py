"""The tables, declared once: what the queue, the ledger and the journal remember.

Quantities are text (`-2.5`): SQLite has no decimal type, and a float would round. Times are steady seconds since the
epoch.
"""

from __future__ import annotations

import peewee
from playhouse.sqlite_ext import AutoIncrementField


class Table(peewee.Model):
    """Bound to a database only while a migration creates it."""


class Message(Table):
    """The queue. `side` is "" for events (settled here) and the side's name for work that goes out to it."""

    id = AutoIncrementField()  # never used twice: it is a mark in time, and the newest row may be deleted
    key = peewee.TextField(unique=True)
    kind = peewee.TextField()
    lane = peewee.TextField(default="")
    side = peewee.TextField(default="")
    priority = peewee.IntegerField(default=0)
    body = peewee.TextField()
    state = peewee.TextField(default="ready")  # ready | done | parked | dead
    due_at = peewee.DoubleField()
    attempts = peewee.IntegerField(default=0)
    failing_for = peewee.DoubleField(default=0)
    tried_at = peewee.DoubleField(null=True)
    lease = peewee.TextField(null=True)
    lease_until = peewee.DoubleField(null=True)
    cause = peewee.TextField(default="")
    reason = peewee.TextField(default="")
    error = peewee.TextField(default="")
    created_at = peewee.DoubleField()
    done_at = peewee.DoubleField(null=True)

    class Meta:
        table_name = "message"
        indexes = (
            (("state", "side", "priority", "id"), False),
            (("state", "done_at"), False),
            (("lane", "state"), False),
        )


class Link(Table):
    """Which store product is which POS item."""

    sku = peewee.TextField()
    store_ref = peewee.TextField(unique=True)
    pos_ref = peewee.TextField(unique=True)
    shift = peewee.TextField(default="0")  # the link's offset; OFFSET is a word of SQL
    made_at = peewee.DoubleField()

    class Meta:
        table_name = "link"


class Account(Table):
    """The sums of stock.md, and the write under way."""

    link = peewee.IntegerField()
    side = peewee.TextField()
    outlet = peewee.TextField()
    opening = peewee.TextField()
    born = peewee.TextField(default="0")
    written = peewee.TextField(default="0")
    contains = peewee.IntegerField(default=0)
    attempt_key = peewee.TextField(null=True)
    attempt_amount = peewee.TextField(null=True)
    attempt_since = peewee.DoubleField(null=True)
    attempt_tried = peewee.DoubleField(null=True)
    attempt_doubt = peewee.DoubleField(null=True)

    class Meta:
        table_name = "account"
        primary_key = peewee.CompositeKey("link", "side", "outlet")


class Entry(Table):
    """The journal. The unique index is the last word on *exactly once*: a source moves an account once."""

    link = peewee.IntegerField()
    side = peewee.TextField()
    outlet = peewee.TextField()
    kind = peewee.TextField()
    amount = peewee.TextField()
    source = peewee.TextField()
    cause = peewee.TextField()
    document = peewee.TextField(default="")
    at = peewee.DoubleField()

    class Meta:
        table_name = "entry"
        indexes = ((("source", "link", "side", "outlet", "kind"), True), (("link", "side", "at"), False))


class Dropped(Table):
    """The last event about an item that no link covered: an opening must be counted after it."""

    side = peewee.TextField()
    ref = peewee.TextField()
    message = peewee.IntegerField()

    class Meta:
        table_name = "dropped"
        primary_key = peewee.CompositeKey("side", "ref")


class Held(Table):
    """Items that are kept out of the sync, with the reason."""

    side = peewee.TextField()
    ref = peewee.TextField()
    sku = peewee.TextField()
    name = peewee.TextField()
    reason = peewee.TextField()
    sentence = peewee.TextField()

    class Meta:
        table_name = "held"
        primary_key = peewee.CompositeKey("side", "ref")


class Cursor(Table):
    """How far a side's feed was read: what the side itself returned."""

    side = peewee.TextField(primary_key=True)
    value = peewee.TextField()
    at = peewee.DoubleField()

    class Meta:
        table_name = "feed_cursor"


class Nonce(Table):
    """Nonces of signed requests, until they may be forgotten."""

    value = peewee.TextField(primary_key=True)
    until = peewee.DoubleField()

    class Meta:
        table_name = "nonce"


class Note(Table):
    """Small facts that survive a restart: paused flows, when a flow last went well."""

    name = peewee.TextField(primary_key=True)
    value = peewee.TextField()
    at = peewee.DoubleField()

    class Meta:
        table_name = "note"


FIRST = (Message, Link, Account, Entry, Dropped, Held, Cursor, Nonce, Note)
"""The tables of migration 1. Later migrations change them in SQL; this list stays as it was."""
