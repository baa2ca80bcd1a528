"""The site as a fixture: made once for all tests of a run, in tests/wordpress as well as in tests/browser.

tests/conftest.py names this module in `pytest_plugins`, so that there is one site and not one per folder. A test asks
for `site` (its address is `site.url`) and for a logged-in administrator with `site.log_in()`, whose cookies a browser
can take over.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e import servers
from tests.wordpress.rig import Site


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """A WordPress with the plugin, connected by hand to a daemon that listens nowhere."""
    try:
        shop = Site().__enter__()
    except servers.Missing as error:
        pytest.fail(str(error))
    try:
        yield shop
    finally:
        shop.__exit__(None, None, None)
