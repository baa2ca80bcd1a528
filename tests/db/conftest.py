"""What the tests of the database share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import builders
from tests.fakes import VirtualClock
from tillbridge.db.books import SqlBooks
from tillbridge.db.connect import Connection


@pytest.fixture
def clock() -> VirtualClock:
    """Time that stands still until a test moves it."""
    return VirtualClock()


@pytest.fixture
def connection(tmp_path: Path) -> Connection:
    """A fresh database file."""
    return builders.database(tmp_path)


@pytest.fixture
def books(connection: Connection, clock: VirtualClock) -> SqlBooks:
    """The books on that file."""
    return builders.books(connection, clock)
