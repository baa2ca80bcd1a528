"""`wp tillbridge …` as a person or a script runs it, on the double of WP-CLI."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e import servers
from tests.wordpress.rig import Site

WP = Path(__file__).resolve().parent / "wp_cli_double" / "wp.php"


@dataclass(frozen=True, slots=True)
class Said:
    """What a command came to."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its output, as a program reads it."""
        return json.loads(self.out)

    def field(self, name: str) -> str:
        """One value of a table of fields."""
        (value,) = [line.split("\t")[1] for line in self.out.splitlines() if line.startswith(f"{name}\t")]
        return value


class CommandLine:
    """The command line of one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def __call__(self, *words: str, answer: str = "") -> Said:
        """Run `wp tillbridge` with these words; `answer` is what a person types where the command asks."""
        return self.wp("tillbridge", *words, answer=answer)

    def wp(self, *words: str, answer: str = "") -> Said:
        """Run WP-CLI with these words."""
        php = [servers.program("php"), "-d", "display_errors=stderr", "-d", "error_reporting=-1", str(WP)]
        command = [*php, f"--path={self._site.folder / 'site'}", *words]
        done = subprocess.run(command, input=answer, capture_output=True, text=True, timeout=120)
        return Said(done.returncode, done.stdout, done.stderr)
