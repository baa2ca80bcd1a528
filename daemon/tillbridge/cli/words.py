"""Which words there are, and what each takes."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tillbridge import __version__
from tillbridge.cli.listing import FORMATS, WHOLE

Command = Callable[[argparse.Namespace], int]


class Verbs:
    """The verbs of the command line, or those below one of them."""

    def __init__(self, parser: argparse.ArgumentParser, **options: Any) -> None:
        self._verbs = parser.add_subparsers(metavar="VERB", **options)

    def add(self, name: str, command: Command, meaning: str) -> argparse.ArgumentParser:
        """A verb that needs the settings."""
        added = self.add_free(name, command, meaning)
        takes_config(added)
        return added

    def add_free(self, name: str, command: Command, meaning: str) -> argparse.ArgumentParser:
        """A verb that needs no settings."""
        added: argparse.ArgumentParser = self._verbs.add_parser(name, help=meaning, description=meaning)
        added.set_defaults(command=command)
        return added


def parser() -> tuple[argparse.ArgumentParser, Verbs]:
    """The empty command line."""
    made = argparse.ArgumentParser(prog="tillbridge", description="Keeps a WooCommerce shop and the till in step.")
    made.set_defaults(config=None, format="table")
    made.add_argument("--version", action="version", version=f"tillbridge {__version__}")
    return made, Verbs(made, required=True)


def takes_config(verb: argparse.ArgumentParser) -> None:
    """Which settings; without a default of its own, since a verb below another must not undo what stood before it."""
    verb.add_argument(
        "--config",
        type=Path,
        default=argparse.SUPPRESS,
        help="the settings file (else /etc/tillbridge/settings.ini, else ./settings.ini)",
    )


def takes_format(verb: argparse.ArgumentParser, choices: Sequence[str] = WHOLE) -> None:
    """How the answer is printed."""
    verb.add_argument("--format", choices=choices, default=argparse.SUPPRESS)


def takes_list_format(verb: argparse.ArgumentParser) -> None:
    """The same where the answer is a list."""
    takes_format(verb, FORMATS)


def number(text: str) -> int:
    """A whole number from 1, as an argument."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 15 and int(text) > 0):
        raise argparse.ArgumentTypeError(f"found {text[:40]!r}, allowed is a number from 1")
    return int(text)
