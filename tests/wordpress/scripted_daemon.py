"""A daemon whose every answer a test writes: also those that no daemon of ours gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tests.browser.daemon_double import Answer, DaemonDouble


class ScriptedDaemon(DaemonDouble):
    """`says` holds an answer by path; what it does not hold is answered as the double does."""

    def __init__(self, secret: str) -> None:
        super().__init__(secret)
        self.says: dict[str, Answer] = {}
        self.healthy: Mapping[str, object] = {"healthy": True, "workers": "ok", "silent_sides": {}}
        self.pages: list[int] = []
        """How many events came with each push."""

    def say(self, path: str, body: Mapping[str, object], status: int = 200) -> None:
        """From now on, answer this."""
        self.says[path] = (status, body)

    def refuse(self, path: str, status: int, code: str, message: str) -> None:
        """From now on, refuse."""
        self.say(path, {"code": code, "message": message}, status)

    def answer(self, method: str, target: str, headers: Mapping[str, str], raw: bytes) -> Answer:
        if urlsplit(target).path == "/healthz":
            return 200, self.healthy
        return super().answer(method, target, headers, raw)

    def _obey(self, method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> Answer:
        if path == "/v1/events":
            self.pages.append(len(body["events"]))
        if path in self.says:
            return self.says[path]
        return super()._obey(method, path, query, body)
