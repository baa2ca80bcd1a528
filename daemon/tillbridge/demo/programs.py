"""Starting and stopping the demo's programs, and the small things they need."""

from __future__ import annotations

import json
import secrets
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tillbridge.errors import NotSent

START_WITHIN = 30.0
"""Seconds allowed for a program to start, and to stop."""


@contextmanager
def program(folder: Path, module: str, arguments: list[str]) -> Iterator[dict[str, str]]:
    """A program of ours while the block runs; yields the JSON line with which it says that it is ready, and its pid."""
    log = folder / f"{module}.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdout=subprocess.PIPE,
            stderr=errors,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        yield _ready(process, module, log) | {"pid": str(process.pid)}
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(START_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _ready(process: subprocess.Popen[bytes], module: str, log: Path) -> dict[str, str]:
    assert process.stdout is not None
    readable, _, _ = select.select([process.stdout], [], [], START_WITHIN)
    line = process.stdout.readline() if readable else b""
    if not line:
        raise NotSent(f"{module} did not start: {log.read_text(encoding='utf-8', errors='replace')[-2000:]}")
    found: dict[str, str] = json.loads(line)
    return found


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def make_secret(path: Path) -> str:
    """A fresh secret, kept in a file."""
    text = secrets.token_hex(24)
    private(path, text)
    return text


def private(path: Path, text: str) -> None:
    """Write a file that only its owner may read."""
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
