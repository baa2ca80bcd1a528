"""The `tillbridge` command: one verb each for what a person asks of the bridge.

Exit status: 0 well, 1 found something, 2 wrong use or settings, 3 cannot reach, 4 refused.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from tillbridge.cli import auditing, daemon, deciding, explaining, looking, queue, reconciling, standing
from tillbridge.cli.exits import INTERRUPTED, status_of
from tillbridge.cli.words import Command, parser
from tillbridge.errors import BridgeError, SettingsError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit status."""
    line, verbs = parser()
    for part in (daemon, looking, standing, queue, reconciling, explaining, deciding, auditing):
        part.add(verbs)
    arguments = line.parse_args(argv)
    command: Command = arguments.command
    try:
        return command(arguments)
    except SettingsError as error:
        print("The settings cannot be used:", *(f"  {line}" for line in error.problems), sep="\n", file=sys.stderr)
        return status_of(error)
    except BridgeError as error:
        print(f"tillbridge: {error}", file=sys.stderr)
        return status_of(error)
    except KeyboardInterrupt:
        return INTERRUPTED
