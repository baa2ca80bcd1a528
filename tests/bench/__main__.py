"""Runs one benchmark by name: `python -m tests.bench ingest --json`."""

from __future__ import annotations

import importlib
import sys

BENCHES = {
    "ingest": "tests.bench.ingest",
    "latency": "tests.bench.latency",
    "idle": "tests.bench.idle",
    "checkout": "tests.bench.checkout",
    "levels": "tests.bench.levels",
    "apply": "tests.bench.apply",
    "reconcile": "tests.bench.reconcile",
    "relay": "tests.bench.relay",
    "backlog": "tests.bench.backlog",
}
"""Name and module; a module has `main(argv) -> int`, the exit status: 0 only where the promise holds."""


def main(argv: list[str]) -> int:
    """Find the benchmark and run it."""
    if not argv or argv[0] not in BENCHES:
        print(f"usage: python -m tests.bench {{{'|'.join(BENCHES)}}} [--json]", file=sys.stderr)
        return 2
    status: int = importlib.import_module(BENCHES[argv[0]]).main(argv[1:])
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
