"""What the verbs may rely on: the two sides, the books, the clock. Promises only, no behaviour."""

from __future__ import annotations

from tillbridge.ports.books import Books, Ledger, Listing, Summary, Unit
from tillbridge.ports.clock import Checkpoint, Clock
from tillbridge.ports.glance import Glance
from tillbridge.ports.keeping import PUSHED, Archive, Mailbox, Parcel, Vault
from tillbridge.ports.orderbook import Alert, Alerts, OrderBook, Stirred
from tillbridge.ports.orders import Orders
from tillbridge.ports.pending import SETTLED, Attention, Outgoing, Pending
from tillbridge.ports.people import Controls, Desk, Reconciling, Said
from tillbridge.ports.queue import NEEDS_LOOKING, Detail, Message, Outbox, Waiting
from tillbridge.ports.remembering import Remembers
from tillbridge.ports.runs import (
    DECISION,
    DONE,
    FAILED,
    HELD,
    LOOKING,
    PLAN,
    RECONCILE,
    RECONCILE_FAILED,
    RECONCILED,
    UNDO,
    UNDOING,
    WAITING,
    Known,
    Row,
    Ruling,
    Run,
    Runs,
    Sighting,
)
from tillbridge.ports.side import (
    Abilities,
    Changes,
    Feed,
    Hinting,
    Hop,
    HopState,
    PosPapers,
    PosPeople,
    Report,
    Side,
)
from tillbridge.ports.story import Chapter, JournalLine, Stories, Story

__all__ = [
    "Story",
    "Stories",
    "JournalLine",
    "Chapter",
    "Pending",
    "Outgoing",
    "Attention",
    "SETTLED",
    "DECISION",
    "DONE",
    "FAILED",
    "HELD",
    "LOOKING",
    "NEEDS_LOOKING",
    "PLAN",
    "PUSHED",
    "RECONCILE",
    "RECONCILED",
    "RECONCILE_FAILED",
    "UNDO",
    "UNDOING",
    "WAITING",
    "Abilities",
    "Alert",
    "Alerts",
    "Archive",
    "Books",
    "Changes",
    "Checkpoint",
    "Clock",
    "Controls",
    "Desk",
    "Detail",
    "Feed",
    "Glance",
    "Hinting",
    "Hop",
    "HopState",
    "Known",
    "Ledger",
    "Listing",
    "Mailbox",
    "Message",
    "OrderBook",
    "Orders",
    "Outbox",
    "Parcel",
    "PosPapers",
    "PosPeople",
    "Reconciling",
    "Remembers",
    "Report",
    "Row",
    "Ruling",
    "Run",
    "Runs",
    "Said",
    "Side",
    "Sighting",
    "Stirred",
    "Summary",
    "Unit",
    "Vault",
    "Waiting",
]
