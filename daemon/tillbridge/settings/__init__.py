"""What a shop can choose: `read` gives it, typed and checked; `render` and `table_markdown` put it on paper."""

from __future__ import annotations

from tillbridge.settings.kinds import Secret, TcpAddress, UnixAddress
from tillbridge.settings.paper import render, table_markdown
from tillbridge.settings.policy import policy
from tillbridge.settings.reading import locate, read
from tillbridge.settings.table import (
    OPTIONS,
    Daemon,
    Given,
    Listener,
    Log,
    Option,
    Orders,
    Pos,
    Queue,
    Safety,
    Settings,
    Stock,
    Store,
)

__all__ = [
    "OPTIONS",
    "Daemon",
    "Given",
    "Listener",
    "Log",
    "Option",
    "Orders",
    "Pos",
    "Queue",
    "Safety",
    "Secret",
    "Settings",
    "Stock",
    "Store",
    "TcpAddress",
    "UnixAddress",
    "locate",
    "policy",
    "read",
    "render",
    "table_markdown",
]
