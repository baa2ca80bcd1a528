"""The till as its own process on loopback, for tests that need the real thing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import tillbridge


@dataclass(frozen=True, slots=True)
class Running:
    """A till that answers at `address`."""

    address: str
    token: str
    process: subprocess.Popen[str]


@contextmanager
def running_till(folder: Path, *more: str, ends_with: int = 0) -> Iterator[Running]:
    """Start a till on a free port; it is stopped afterwards, and must then have ended as expected."""
    command = [sys.executable, "-W", "error", "-m", "tillbridge.till", "--port", "0"]
    command += ["--database", str(folder / "till.sqlite3"), "--token-file", str(folder / "token"), *more]
    path = str(Path(tillbridge.__file__).resolve().parent.parent)
    environment = os.environ | {"PYTHONPATH": path}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            address = json.loads(process.stdout.readline())["address"]
            yield Running(address, (folder / "token").read_text(encoding="utf-8").strip(), process)
        finally:
            process.terminate()
            status = process.wait(20)
            assert status == ends_with, f"the till ended with {status}"
