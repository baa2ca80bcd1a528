"""Daemons to pair with: honest ones, strangers, and those that die in between; and what a pairing leaves in a shop."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any

from tests.browser.daemon_double import Answer, DaemonDouble
from tests.wordpress.rig import Site


class PairingDaemon(DaemonDouble):
    """Keeps everything that it is sent, also what does not fit, and changes its answers as a test wants."""

    def __init__(self) -> None:
        super().__init__(secrets.token_hex(32))
        self.received: list[tuple[str, bytes]] = []
        self.changes: dict[str, Mapping[str, object]] = {}
        self.breaks_off_at = ""
        self.rude: Answer | None = None

    def answer(self, method: str, target: str, headers: Mapping[str, str], raw: bytes) -> Answer:
        path = target.split("?")[0]
        self.received.append((path, raw))
        if self.rude is not None:
            return self.rude
        if path == self.breaks_off_at:
            raise ConnectionAbortedError("the daemon died")
        code, body = super().answer(method, target, headers, raw)
        return code, {**body, **self.changes.get(path, {})}

    def bodies(self, path: str) -> list[dict[str, Any]]:
        """What came to this path."""
        return [json.loads(raw) for found, raw in self.received if found == path]


def pair(site: Site, code: str) -> object:
    """What `Pairing::connect` says: True, or its error."""
    return do(site, "connect", code)


def do(site: Site, what: str, *arguments: object) -> object:
    """One of the verbs of the pairing."""
    return site.act(("Tillbridge\\load_controls", []), (f"Tillbridge\\Pairing::{what}", arguments)).results[1]


def connection(site: Site) -> Any:
    """The stored connection, "" where there is none."""
    return site.call("get_option", "tillbridge_connection")


def accounts(site: Site) -> list[list[str]]:
    """Users that are the daemon's, with their keys."""
    return site.sql(
        "SELECT u.user_login, COUNT(k.key_id), MIN(k.permissions) FROM wp_users u"
        " LEFT JOIN wp_woocommerce_api_keys k ON k.user_id = u.ID WHERE u.user_login LIKE 'tillbridge%' GROUP BY u.ID"
    )


def traces(site: Site) -> dict[str, list[list[str]]]:
    """Everything in the database that could be left of us, but for the rows of our own tables."""
    return {
        "tables": site.sql("SHOW TABLES LIKE '%tillbridge%'"),
        "options": site.sql("SELECT option_name FROM wp_options WHERE option_name LIKE '%tillbridge%' ORDER BY 1"),
        "values": site.sql("SELECT option_name FROM wp_options WHERE option_value LIKE '%tillbridge%' ORDER BY 1"),
        "users": site.sql("SELECT ID FROM wp_users WHERE user_login LIKE '%tillbridge%'"),
        "user meta": site.sql(
            "SELECT user_id, meta_key FROM wp_usermeta WHERE meta_key LIKE '%tillbridge%' ORDER BY 1, 2"
        ),
        "keys": site.sql("SELECT user_id FROM wp_woocommerce_api_keys ORDER BY 1"),
        "posts": site.sql("SELECT post_id, meta_key FROM wp_postmeta WHERE meta_key LIKE '%tillbridge%'"),
    }
