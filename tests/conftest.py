"""What every test stands on."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

from tests.groups import early

pytest_plugins = ["tests.wordpress.fixtures"]
"""A site that several folders share is made once."""

# A time limit for one example says more about the neighbours on the machine than about the code. In CI the examples are
# the same every time; on a developer's machine new ones are looked for.
settings.register_profile("bridge", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("bridge")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On one of several workers: what takes longest first, so that no worker is left alone with it at the end."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: early(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Where the tests run on several workers: which go together."""
    from tests.spread import Spread

    return Spread(config, log)
