"""The machine under the make-believe shop: its clock, its dice, its tables, and PHP requests that may die half way.

WooCommerce runs in autocommit: what a request did before it died stays done. Every place where it may die is named, and
`fuse` is called there; a fuse that raises `PhpDied` ends the request, one that does something else first (a sale by
another customer) makes two requests overlap. In the demo shop the fuse does nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from tillbridge import __version__
from tillbridge.sandbox.records import State

LOOK_AT = frozenset({
    "order.changed", "order.trashed", "order.restored", "order.deleted", "refund.created",
    "product.changed", "product.trashed", "product.restored", "product.deleted",
})  # fmt: skip
"""Topics that only say *look at this*; a shim may tell any of them besides `stock.changed`."""


class PhpDied(Exception):
    """The PHP process is gone: no answer, no shutdown, nothing after this point happened."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What this WordPress says of itself in /health."""

    site: str = "sandbox"
    address: str = "http://127.0.0.1"
    plugin: str = __version__
    wordpress: str = "7.1"
    woocommerce: str = "11.0.1"
    php: str = "8.2.29"
    hpos: bool = True
    innodb: bool = True
    door: str = ""


@dataclass(slots=True)
class Request:
    """One PHP request. `source` names who writes when no order does: admin, rest, cli, import or other."""

    number: int
    source: str
    rows: list[str] = field(default_factory=list)
    seen: set[tuple[str, int]] = field(default_factory=set)


class Site:
    """Clock, dice, database and facts, handed to every part of the shop."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        facts: Facts,
        tells: frozenset[str],
    ) -> None:
        self.clock = clock
        self.new_id = new_id
        self.facts = facts
        self.tells = tells
        self.state = State()
        self.state.texts.put("incarnation", new_id())
        self.fuse: Callable[[str], None] = lambda _step: None
        self.paired_at = facts.address

    @property
    def is_elsewhere(self) -> bool:
        """Whether this is a copy, at another address than the one at which the shop was paired."""
        return self.paired_at != self.facts.address

    def begin(self, source: str) -> Request:
        return Request(self.state.next("request"), source)
