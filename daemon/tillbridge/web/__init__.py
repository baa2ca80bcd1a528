"""The daemon's own door: where the shop and the till tell it that something happened."""

from __future__ import annotations

from tillbridge.web.app import create_app, lane_of
from tillbridge.web.keys import Keys
from tillbridge.web.limits import Limits
from tillbridge.web.pair import create_front_door
from tillbridge.web.server import Server, TcpAddress, UnixAddress, is_loopback

__all__ = [
    "Keys",
    "Limits",
    "Server",
    "TcpAddress",
    "UnixAddress",
    "create_app",
    "create_front_door",
    "is_loopback",
    "lane_of",
]
