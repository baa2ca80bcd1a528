"""`wp tillbridge …` in the real WP-CLI, with its exit status."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from dataclasses import dataclass
from typing import Any

from tests.e2e.wordpress import RealShop


@dataclass(frozen=True, slots=True)
class Said:
    """What a command came to."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its output, as a program reads it; None where it is no JSON."""
        try:
            return json.loads(self.out)
        except ValueError:
            return None

    @property
    def csv(self) -> list[dict[str, str]]:
        """Its output, as a spreadsheet reads it."""
        return list(csv.DictReader(io.StringIO(self.out)))


class CommandLine:
    """The command line of one shop."""

    def __init__(self, shop: RealShop) -> None:
        handle = shop.handle()
        self._command = [handle["wpcli"], "--allow-root", f"--path={shop.folder / 'site'}"]
        self._folder = shop.folder

    def __call__(self, *words: str, answer: str = "") -> Said:
        """Run `wp tillbridge` with these words; `answer` is what a person types where the command asks."""
        return self.wp("tillbridge", *words, answer=answer)

    def wp(self, *words: str, answer: str = "") -> Said:
        """Run WP-CLI with these words."""
        command = [*self._command, *words]
        done = subprocess.run(command, input=answer, capture_output=True, text=True, cwd=self._folder, timeout=180)
        return Said(done.returncode, done.stdout, done.stderr)
