"""What a flow looked at, told to a person line by line and to a machine in one last line of JSON."""

from __future__ import annotations

import json
import statistics
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

Tell = Callable[[str], None]


class Checks:
    """What was looked at, and whether it was as it must be."""

    def __init__(self, tell: Tell) -> None:
        self.tell = tell
        self.failed: list[str] = []
        self.figures: dict[str, float] = {}

    def expect(self, sentence: str, *, found: object, wanted: object) -> None:
        """Note whether it holds; a flow goes on either way."""
        if found == wanted:
            self.tell(f"  ok    {sentence}")
        else:
            self.failed.append(sentence)
            self.tell(f"  FAIL  {sentence}: found {found!r}, wanted {wanted!r}")

    def time(self, name: str, seconds: Sequence[float]) -> None:
        """Note how long something took, each time that it was tried."""
        self.figures[f"{name}_median_ms"] = round(statistics.median(seconds) * 1000, 1)
        self.figures[f"{name}_worst_ms"] = round(max(seconds) * 1000, 1)
        self.tell(f"        {name}: {', '.join(f'{one * 1000:.0f}' for one in seconds)} ms")

    def publish(self, name: str, promise: str, runs: int) -> int:
        """Print the result as the last line; the exit status."""
        found = {
            "name": name,
            "promise": promise,
            "holds": not self.failed,
            "figures": self.figures,
            "failed": self.failed,
            "runs": runs,
            "commit": commit(),
        }
        print(json.dumps(found), flush=True)
        return 1 if self.failed else 0


def commit() -> str:
    """What is tested: the short hash, with a + where the tree differs from it; "none" outside a repository."""
    here = Path(__file__).resolve().parent

    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=here, check=True, capture_output=True, text=True).stdout.strip()

    try:
        return git("rev-parse", "--short", "HEAD") + ("+" if git("status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return "none"
