"""The till's own protocol with a cursor that is a time in whole seconds: pages overlap, and changes come again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import parse_qsl

from tests.simulation.tills.floor import Floor
from tillbridge.till.api import Api, Response

OVERLAP = 2
"""Seconds by which the cursor stays behind the clock, as careful servers do."""


class RepeatingApi:
    """Answers as `Api` does, except that it counts its feed in seconds: a page begins with everything committed in or
    after the second that the cursor names, and never splits a second."""

    def __init__(self, api: Api, floor: Floor, overlap: int = OVERLAP) -> None:
        self._api = api
        self._floor = floor
        self._overlap = overlap

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Response:
        path, _, query = target.partition("?")
        if (method, path) != ("GET", "/v1/changes"):
            return self._api.handle(method, target, headers, body)
        asked = dict(parse_qsl(query, keep_blank_values=True))
        cursor, limit = asked.get("after", ""), int(asked["limit"])
        if cursor == "":
            return self._changes("", limit, headers, str(int(self._floor.clock.now())))
        head = self._floor.head()
        first = self._floor.head_before(int(cursor))
        last = min(first + limit, head)
        last = self._floor.head_before(self._second(last) + 1) if last > first else first
        on = self._second(last + 1) if last < head else int(self._floor.clock.now()) - self._overlap
        return self._changes(str(first), max(1, last - first), headers, str(max(int(cursor), on)))

    def is_heard(self, cursor: str) -> bool:
        """Whether whoever holds this cursor was told everything there is."""
        return cursor.isdecimal() and int(cursor) > self._second(self._floor.head())

    def _changes(self, after: str, limit: int, headers: Mapping[str, str], cursor: str) -> Response:
        response = self._api.handle("GET", f"/v1/changes?after={after}&limit={limit}", headers, b"")
        if response.status != 200:
            return response
        page = json.loads(response.body) | {"cursor": cursor}
        return Response(response.status, response.headers, json.dumps(page).encode())

    def _second(self, n: int) -> int:
        return int(self._floor.posted_at(n))
