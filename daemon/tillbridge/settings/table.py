"""Everything a shop can choose: one table of options, each with its default and what it means.

The dataclasses below are the table. `settings.ini`, the README's table and every message about a wrong setting are made
from them, and `Settings` is what the composition root gets: frozen, typed, complete.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, get_type_hints

from tillbridge.settings import amounts, kinds
from tillbridge.settings.kinds import Secret, TcpAddress, UnixAddress
from tillbridge.settings.order_table import PAYMENTS, TAXES, Billing, Orders, People, Sync
from tillbridge.settings.rows import FreeSection, Given, Option, option


@dataclass(frozen=True, slots=True)
class Daemon:
    """The program itself."""

    database: Path = option(
        kinds.DATABASE,
        "sqlite:///var/lib/tillbridge/tillbridge.sqlite3",
        "Where Tillbridge keeps its books: the accounts of both sides, and all work that waits.",
    )
    state_dir: Path | None = option(
        kinds.OPTIONAL_FOLDER,
        "",
        "Where the pairing with the shop is kept, for the daemon's user only. Nothing: beside the database.",
    )
    workers: int = option(
        kinds.whole(1, 32), "4", "At most so many calls to one side at the same time (the shop bears 2, the till 4)."
    )


@dataclass(frozen=True, slots=True)
class Listener:
    """Where the shop reports what happened."""

    listen: TcpAddress | UnixAddress = option(
        kinds.LISTEN,
        "127.0.0.1:8642",
        "Where the shop's plugin reaches Tillbridge. An address for other machines too needs behind_proxy = yes.",
    )
    behind_proxy: bool = option(
        kinds.YES_OR_NO,
        "no",
        "Say yes where a web server with TLS stands before Tillbridge: only then may other machines reach it.",
    )
    threads: int = option(kinds.whole(1, 256), "16", "How many requests are answered at the same time.")
    max_body: int = option(kinds.size("1KiB", "64MiB"), "1MiB", "The largest request that is accepted.")
    max_events: int = option(kinds.whole(1, 10000), "1000", "The most events that one request may carry.")
    max_requests_per_second: int = option(
        kinds.whole(1, 100000),
        "200",
        "Faster than this, a caller is told to wait: a flood must not stop the shop's news.",
    )
    metrics_token: Secret | None = option(
        kinds.OPTIONAL_SECRET, "", "What a monitoring system shows to read /metrics. Nothing: /metrics stays shut."
    )


@dataclass(frozen=True, slots=True)
class Store:
    """The WooCommerce shop."""

    url: str = option(
        kinds.OPTIONAL_URL,
        "",
        "The shop's address, as its customers know it. Nothing: what pairing told (`tillbridge init`), and so for site "
        "and secret.",
    )
    connect_to: TcpAddress | None = option(
        kinds.CONNECT_TO,
        "",
        "Where to connect instead, such as 127.0.0.1:443 where the shop runs on this machine. Host name and "
        "certificate stay those of url.",
    )
    site: str = option(
        kinds.OPTIONAL_SITE, "", "The name by which shop and Tillbridge know each other, where they were not paired."
    )
    secret: Secret | None = option(
        kinds.OPTIONAL_SECRET, "", "What the shop's plugin and Tillbridge both sign with, where they were not paired."
    )
    previous_secret: Secret | None = option(
        kinds.OPTIONAL_SECRET, "", "The secret before this one, still accepted from the shop while you change it."
    )
    timeout: float = option(kinds.duration("1s", "5m"), "20s", "How long to wait for an answer of the shop.")
    pull_every: float = option(
        kinds.duration("5s", "1h"), "60s", "How often the shop is asked for news that did not arrive by themselves."
    )
    rest_prefix: str = option(
        kinds.REST_PREFIX,
        "/wp-json",
        "Where the shop's REST API lies; /?rest_route= where permalinks are plain. Goes with url.",
    )


@dataclass(frozen=True, slots=True)
class Pos:
    """The till system."""

    system: str = option(kinds.choice("till"), "till", "Which till system it is. `till` is the one that comes along.")
    url: str = option(kinds.URL, None, "The till system's address.")
    token: Secret = option(kinds.SECRET, None, "What Tillbridge shows to the till system to be let in.")
    outlets: tuple[str, ...] = option(
        kinds.WORDS, "", "The outlets whose stock the shop may sell, separated by commas. Nothing: all of them."
    )
    sell_from: str = option(
        kinds.WORD, "", "The outlet from which web orders are taken. Nothing: the first that counts."
    )
    timeout: float = option(kinds.duration("1s", "5m"), "20s", "How long to wait for an answer of the till system.")
    poll_every: float = option(kinds.duration("1s", "1h"), "5s", "How often the till system is asked for news.")
    webhook_secret: Secret | None = option(
        kinds.OPTIONAL_SECRET, "", "What the till system signs its hints with. Nothing: no hints, only poll_every."
    )
    hints: bool = option(
        kinds.YES_OR_NO,
        "yes",
        "Ask the till system to say when it has news, so that a sale is seen at once. Needs webhook_secret, and a "
        "listener that the till system can reach.",
    )


@dataclass(frozen=True, slots=True)
class Stock:
    """Whose word on stock counts, and how it is kept in step."""

    authority: str = option(
        kinds.choice("both", "pos", "store"),
        "both",
        "Who may change stock: with `both`, sales, deliveries and corrections of either side count; with `pos`, those "
        "of the till system and the shop's orders; with `store`, those of the shop and the till system's sales and "
        "returns. What the other side changes besides is put back, or held for you.",
    )
    buffer: Decimal = option(
        amounts.QUANTITY,
        "0",
        "So many pieces of each product the shop does not offer, so that the counter can still sell the last ones. "
        "Not with authority = store.",
    )
    buffers: Mapping[str, Decimal] = option(
        amounts.PER_PRODUCT, "", "The same for single products, in place of buffer, such as `MUG-RED = 3`."
    )
    unexplained: str = option(
        kinds.choice("accept", "report"),
        "accept",
        "What to do with a level that differs from the books without anything that tells why: `accept` takes it as a "
        "change of that side, and authority decides what follows; `report` leaves it, and shows it to you.",
    )
    settle: float = option(
        kinds.duration("1s", "1h"),
        "60s",
        "How long such a difference must stay the same, from one reading to the next, before it is believed.",
    )
    reconcile_every: float = option(
        kinds.duration("1m", "7d"), "1h", "How often the levels of both sides are compared with the books."
    )


@dataclass(frozen=True, slots=True)
class Safety:
    """What is done with care."""

    link_every: float = option(
        kinds.duration("30s", "1d"), "10m", "How often both sides are searched for products with the same SKU."
    )
    max_drop: Decimal = option(
        amounts.ABOVE_ZERO,
        "100",
        "A product whose stock jumps by more than this, without an order or a sale that tells why, is confirmed before "
        "the change counts.",
    )
    max_changed: Decimal = option(
        amounts.SHARE,
        "20%",
        "When one run, or one answer of a side, would change more than this share of the linked products, and at least "
        "25 of them, the changes wait until you let them pass. Sales and orders never wait.",
    )
    """As a part of one: 0.2 for 20 %."""
    max_zeroed: int = option(
        kinds.whole(0, 1000000),
        "10",
        "When one run, or one answer of a side, would set more products than this to zero, the changes wait likewise.",
    )


@dataclass(frozen=True, slots=True)
class Queue:
    """Work that waits, and how long its story is kept."""

    lease: float = option(
        kinds.duration("5s", "1h"), "60s", "How long a worker may hold a change before another takes it over."
    )
    give_up_after: float = option(
        kinds.duration("1h", "90d"), "7d", "How long a change is tried again before a person must look at it."
    )
    keep_done: float = option(
        kinds.duration("8d", "400d"),
        "30d",
        "How long finished work is remembered. At least 8 days: the shop repeats for 7 what was not acknowledged.",
    )
    keep_journal: float = option(
        kinds.duration("8d", "3650d"),
        "400d",
        "How long every single change is kept, and the runs, decisions, finished orders and documents of the till"
        " behind it; older ones are summed up for each account.",
    )


@dataclass(frozen=True, slots=True)
class Log:
    """What Tillbridge tells while it runs."""

    level: str = option(kinds.choice("debug", "info", "warning", "error"), "info", "How much it tells.")
    format: str = option(kinds.choice("text", "json"), "text", "Lines for people, or JSON for a log collector.")


@dataclass(frozen=True, slots=True)
class Settings:
    """All options, by section: `settings.listener.threads`; and `given`, by name, what the owner or the profile
    chose."""

    daemon: Daemon
    listener: Listener
    store: Store
    pos: Pos
    sync: Sync
    stock: Stock
    orders: Orders
    payments: Mapping[str, str] = field(default_factory=dict, metadata={"free": PAYMENTS}, kw_only=True)
    """Payment gateway → the POS's payment type."""
    taxes: Mapping[str, str] = field(default_factory=dict, metadata={"free": TAXES}, kw_only=True)
    """Tax rate or tax class → the POS's tax."""
    people: People
    billing: Billing
    safety: Safety
    queue: Queue
    log: Log
    given: Mapping[str, Given] = field(default_factory=dict, compare=False)

    def secrets(self) -> list[Secret]:
        """Every secret that is set: what must never appear in a log."""
        sections = [getattr(self, name) for name in SECTIONS]
        values = [getattr(section, part.name) for section in sections for part in fields(section)]
        return [value for value in values if isinstance(value, Secret)]


_COLUMNS = get_type_hints(Settings)
SECTIONS: dict[str, type[Any]] = {
    name: kind for name, kind in _COLUMNS.items() if isinstance(kind, type) and is_dataclass(kind)
}
FREE: dict[str, FreeSection] = {part.name: part.metadata["free"] for part in fields(Settings) if part.metadata}
"""The sections whose keys are the owner's."""
ALL: tuple[str, ...] = tuple(name for name in _COLUMNS if name in SECTIONS or name in FREE)
"""Every section, in the order of the file."""
OPTIONS: tuple[Option, ...] = tuple(
    Option(section, part.name, **part.metadata) for section, kind in SECTIONS.items() for part in fields(kind)
)
