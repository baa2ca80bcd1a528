"""Trouble inside a real shop's PHP at a chosen moment, once: it is killed, or the database cuts its connection."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.e2e.wordpress import RealShop

HERE = Path(__file__).resolve().parent
HAPPENINGS = HERE.parent / "wordpress" / "hand" / "hand" / "trouble.php"


class Trouble:
    """Puts its must-use plugin into the shop; nothing happens before `plan`."""

    def __init__(self, shop: RealShop) -> None:
        content = shop.folder / "site" / "wp-content"
        self._plan = content / "trouble.json"
        (content / "mu-plugins" / "trouble").mkdir(parents=True)
        shutil.copy(HERE / "trouble.php", content / "mu-plugins" / "e2e-trouble.php")
        shutil.copy(HAPPENINGS, content / "mu-plugins" / "trouble" / "trouble.php")

    def plan(self, request: str, do: str, where: dict[str, str]) -> None:
        """In the first request to an address with `request` in it. `where`: `query`, a pattern, or `at`, a hook."""
        fresh = self._plan.with_suffix(".new")
        fresh.write_text(json.dumps({"request": f"#{request}#", "do": do, **where}), encoding="utf-8")
        fresh.replace(self._plan)

    def has_struck(self) -> bool:
        return not self._plan.exists()
