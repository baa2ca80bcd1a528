"""The contract tests of the shim, against the real plugin in a real WooCommerce (the sandbox shop passes the same
ones)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.e2e.report import Tell
from tests.e2e.wordpress import RealShop

ROOT = Path(__file__).resolve().parents[2]
FIGURES_OF = "11."
"""The version of WooCommerce whose figures are kept: an older one rounds in other places."""

HANDED_DOWN = "TILLBRIDGE_E2E_SHOP"
"""The variable by which pytest, in a process of its own, learns where the shop is."""


def run(shop: RealShop, tell: Tell) -> int:
    """Run them with pytest; its exit status. Nobody listens for pushes, so that every event waits to be pulled."""
    shop.connect("")
    shop.option("tillbridge_breaker", {})
    version = shop.wp("eval", "echo WC_VERSION;")
    money = ("money",) if version.startswith(FIGURES_OF) else ()
    if not money:
        tell(f"  the kept figures are those of WooCommerce {FIGURES_OF}x, this is {version}: they are not compared")
    files = [f"tests/e2e/real_{name}.py" for name in ("shim", *money, "documents", "papers")]
    command = [sys.executable, "-m", "pytest", "-W", "error", "-q", *files, "-p", "no:cacheprovider"]
    environ = {**os.environ, HANDED_DOWN: json.dumps(shop.handle())}
    status = subprocess.run(command, cwd=ROOT, env=environ).returncode
    complaints = shop.complaints()
    for line in complaints:
        tell(f"  FAIL  PHP complains: {line}")
    return status or (1 if complaints else 0)
