"""What every command begins with: the settings, and a signed question to the daemon that runs with them."""

from __future__ import annotations

import argparse
import os
import pwd
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tillbridge import log
from tillbridge.app import SystemClock, find_shop, known_secrets, listener_address
from tillbridge.settings import Settings, locate, read
from tillbridge.web.caller import HOST, call

CONTROL = "/v1/control"


def environment() -> Mapping[str, str]:
    """Where secrets may stand, and what steers a daemon under test."""
    return os.environ


def settings_of(arguments: argparse.Namespace) -> Settings:
    """The settings that the command line names. From here on nothing that is logged shows a secret."""
    settings = read(locate(arguments.config, Path.cwd()), environment())
    log.configure(settings.log.level, settings.log.format, known_secrets(settings))
    return settings


def ask(settings: Settings, what: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A question to the running daemon."""
    return _call(settings, "GET", what, None, query or {})


def order(settings: Settings, what: str, body: dict[str, object]) -> dict[str, Any]:
    """Have the running daemon do something."""
    return _call(settings, "POST", what, body, {})


def _call(
    settings: Settings, method: str, what: str, body: dict[str, object] | None, query: Mapping[str, str]
) -> dict[str, Any]:
    secret = find_shop(settings).secret.reveal().encode()
    person = {"actor": _user(), "capability": HOST}
    return call(
        listener_address(settings), secret, SystemClock().wall, secrets.token_hex(16), method, f"{CONTROL}/{what}",
        body, {**query, **person},
    )  # fmt: skip


def _user() -> str:
    """The user of this system who asks; a number where it has no name."""
    number = os.geteuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
