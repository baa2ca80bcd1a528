"""The one line of JSON in which every benchmark says what it found."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Result:
    """Whether a promise holds, and the figures that say so."""

    name: str
    promise: str
    holds: bool
    figures: Mapping[str, object]
    runs: int


def publish(result: Result) -> int:
    """Print the result as the last line of the output; returns the exit status."""
    found = {
        "name": result.name,
        "promise": result.promise,
        "holds": result.holds,
        "figures": dict(result.figures),
        "runs": result.runs,
        "commit": commit(),
    }
    print(json.dumps(found), flush=True)
    return 0 if result.holds else 1


def commit() -> str:
    """The short hash of what is measured, with a + where the tree differs from it; "none" before the first."""
    here = Path(__file__).resolve().parent
    try:
        short = _git(here, "rev-parse", "--short", "HEAD")
        changed = _git(here, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return "none"
    return short + ("+" if changed else "")


def _git(here: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=here, check=True, capture_output=True, text=True)
    return done.stdout.strip()
