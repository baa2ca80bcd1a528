"""What a shop can choose: `read` gives it, typed and checked; `render` and `table_markdown` put it on paper."""

from __future__ import annotations

from tillbridge.settings.kinds import Secret, TcpAddress, UnixAddress
from tillbridge.settings.order_table import Billing, Orders, People, Sync
from tillbridge.settings.ordering import SALE, lacking, order_policy
from tillbridge.settings.paper import render, table_markdown
from tillbridge.settings.policy import policy
from tillbridge.settings.profiles import PROFILES, profiles_markdown
from tillbridge.settings.reading import locate, read
from tillbridge.settings.rows import Given, Option
from tillbridge.settings.table import (
    OPTIONS,
    Daemon,
    Listener,
    Log,
    Pos,
    Queue,
    Safety,
    Settings,
    Stock,
    Store,
)

__all__ = [
    "OPTIONS",
    "PROFILES",
    "SALE",
    "Billing",
    "Daemon",
    "Given",
    "Listener",
    "Log",
    "Option",
    "Orders",
    "People",
    "Pos",
    "Queue",
    "Safety",
    "Secret",
    "Settings",
    "Stock",
    "Store",
    "Sync",
    "TcpAddress",
    "UnixAddress",
    "lacking",
    "locate",
    "order_policy",
    "policy",
    "profiles_markdown",
    "read",
    "render",
    "table_markdown",
]
