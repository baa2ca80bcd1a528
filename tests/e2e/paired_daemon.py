"""A daemon as an owner sets it up: `tillbridge init` writes its settings and prints a code, `tillbridge run` waits for
the shop that brings it."""

from __future__ import annotations

import configparser
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.e2e.command_line import Said
from tests.e2e.neighbours import ROOT, Program, RealTill
from tests.ports import free_port


class PairedDaemon(Program):
    """Use it with `with`, then bring the shop what `code()` gives."""

    def __init__(self, folder: Path, till: RealTill) -> None:
        folder.mkdir(mode=0o700)
        self._folder = folder
        self._till = till
        self._port = free_port()
        self.address = f"http://127.0.0.1:{self._port}"
        self._settings = folder / "settings.ini"
        super().__init__("the daemon", ["tillbridge", "run", "--config", str(self._settings)], folder / "daemon.log")
        self.first_code = self.code()

    def code(self) -> str:
        """A new one-time code."""
        place = ["--listen", f"127.0.0.1:{self._port}", "--database", str(self._folder / "bridge.sqlite3")]
        pos = ["--pos-url", self._till.address, "--pos-token-file", str(self._till.token_file)]
        said = self.command("init", "--yes", "--format", "json", *place, *pos)
        if said.status != 0:
            raise RuntimeError(f"tillbridge init: {said.err.strip()[-800:]}")
        return str(said.json["code"])

    def choose(self, options: Mapping[str, str]) -> None:
        """Set these in its settings, by section and name (`stock.settle`), before it starts."""
        settings = configparser.ConfigParser(interpolation=None)
        settings.read(self._settings, encoding="utf-8")
        for name, value in options.items():
            section, _, key = name.partition(".")
            if not settings.has_section(section):
                settings.add_section(section)
            settings.set(section, key, value)
        with self._settings.open("w", encoding="utf-8") as file:
            settings.write(file)

    def command(self, verb: str, *words: str) -> Said:
        """Run `tillbridge` with this verb and these words, beside the daemon."""
        command = [sys.executable, "-m", "tillbridge", verb, "--config", str(self._settings), *words]
        environ = {"PYTHONPATH": str(ROOT / "daemon"), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        done = subprocess.run(command, capture_output=True, text=True, env=environ, timeout=180)
        return Said(done.returncode, done.stdout, done.stderr)
