"""`python -m tests.profiles [--json]`: runs the test of every cell of the table of profiles, and prints the table.

Exit status 0 where every cell was shown.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.flows.test_profile_cells import SHOWN
from tillbridge.settings.profiles import CELLS, PROFILES

CELL_TESTS = Path(__file__).resolve().parent.parent / "flows" / "test_profile_cells.py"


class Outcomes:
    """Hears from pytest how each test ended."""

    def __init__(self) -> None:
        self.passed: dict[str, bool] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = report.nodeid.rpartition("::")[2]
        self.passed[name] = self.passed.get(name, True) and report.passed


def rows(passed: dict[str, bool]) -> list[dict[str, object]]:
    """A row for each cell; a test that did not run shows nothing."""
    found: list[dict[str, object]] = []
    for option, values in CELLS.items():
        for profile, value in zip(PROFILES, values, strict=True):
            tests = [f"{test}[{profile}]" for test in SHOWN[option]]
            shown = all(passed.get(test, False) for test in tests)
            found.append({"option": option, "profile": profile, "value": value, "tests": tests, "shown": shown})
    return found


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.profiles", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one object on the last line")
    arguments = parser.parse_args(words)
    outcomes = Outcomes()
    with contextlib.redirect_stdout(io.StringIO()):
        pytest.main([str(CELL_TESTS), "-q", "-p", "no:cacheprovider"], plugins=[outcomes])
    found = rows(outcomes.passed)
    for row in found:
        tests = row["tests"]
        assert isinstance(tests, list)
        said = "shown by" if row["shown"] else "NOT SHOWN by"
        print(f"{row['option']:26} {row['profile']:14} {row['value'] or '–':22} {said} {', '.join(tests)}")
    shown = sum(bool(row["shown"]) for row in found)
    if arguments.json:
        figures = {"cells": len(found), "shown": shown}
        print(json.dumps({"name": "profiles", "holds": shown == len(found), "figures": figures, "cells": found}))
    return 0 if shown == len(found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
