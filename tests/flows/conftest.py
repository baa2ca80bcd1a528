"""What the tests of the verbs share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A daemon with nothing linked, and two sides that apply everything."""
    return World(tmp_path)
