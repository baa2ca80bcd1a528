"""Which tests stay together when they are spread over several workers, and which begin first (see `make tests`)."""

from __future__ import annotations

ONE_SHOP = ("tests/wordpress/", "tests/browser/")
"""All of these use the one WordPress of a run (tests/wordpress/fixtures.py)."""

WAITING = ("tests/daemon/", "tests/bench/", "tests/simulation/", "tests/till/test_process.py")
"""What takes long, mostly waiting for programs: begun early, while others compute."""

ALONE = ("tests/simulation/",)
"""Each of these computes long and shares nothing with the others of its file."""


def early(nodeid: str) -> int:
    """When the turn of a test comes: low numbers first."""
    return next((turn for turn, kind in enumerate((ONE_SHOP, WAITING)) if nodeid.startswith(kind)), 2)


def together(nodeid: str) -> str:
    """What a test is kept together with: a file's tests with each other, those of the shop all."""
    if nodeid.startswith(ONE_SHOP):
        return "shop"
    return nodeid if nodeid.startswith(ALONE) else nodeid.partition("::")[0]
