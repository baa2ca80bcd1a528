"""A program of ours as its own process, with everything that it ever says kept for the tests to read."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import tillbridge

START_WITHIN = 60.0
END_WITHIN = 40.0
"""Seconds. Generous, since the machine may be busy; nothing waits longer than it must."""

STEP = 0.02


class Waited(AssertionError):
    """Something that had to happen did not, in all the time it was given."""


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    """Look again and again until it holds. Raises `Waited`, naming `what`."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            raise Waited(f"waited {seconds:g} s in vain until {what}")
        pause.wait(STEP)


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment with our package on the path, and without what would steer a daemon."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("TILLBRIDGE_")}
    return plain | {"PYTHONPATH": str(Path(tillbridge.__file__).resolve().parent.parent)} | dict(more or {})


class Program:
    """One process; its output goes to files of its own in `folder`."""

    def __init__(
        self, folder: Path, name: str, module: str, arguments: Sequence[str], more: Mapping[str, str] | None = None
    ) -> None:
        number = len(list(folder.glob(f"{name}-*.out"))) + 1
        self.name = name
        self.out, self.err = folder / f"{name}-{number}.out", folder / f"{name}-{number}.err"
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-W", "error", "-m", module, *arguments],  # a warning is an error there too
                stdout=out,
                stderr=err,
                stdin=subprocess.DEVNULL,
                env=environment(more),
                cwd=folder,
            )

    def ready(self) -> dict[str, Any]:
        """The JSON line with which it says that it is ready. Raises `Waited` where it ends or stays silent."""
        wait_until(lambda: self.ended or b"\n" in self.out.read_bytes(), f"{self.name} is ready", START_WITHIN)
        line = self.out.read_bytes().partition(b"\n")[0]
        if not line:
            raise Waited(f"{self.name} ended with {self.process.returncode}: {self.said()[-2000:]}")
        found: dict[str, Any] = json.loads(line)
        return found

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def said(self) -> str:
        """Everything that it wrote to its two outputs."""
        return "".join(path.read_text(encoding="utf-8", errors="replace") for path in (self.out, self.err))

    def wait(self, seconds: float = END_WITHIN) -> int:
        """Its exit status (negative: the signal that ended it)."""
        return self.process.wait(seconds)

    def terminate(self, seconds: float = END_WITHIN) -> int:
        """Ask it to end, as the system does; its exit status."""
        if not self.ended:
            self.process.send_signal(signal.SIGTERM)
        return self.wait(seconds)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(END_WITHIN)

    def close(self) -> None:
        """Make sure that nothing stays behind."""
        if not self.ended:
            self.process.terminate()
            try:
                self.process.wait(END_WITHIN)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
