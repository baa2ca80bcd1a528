"""The plugin in a WordPress keeps the contract that the sandbox shop keeps, with both kinds of permalinks."""

from __future__ import annotations

import pytest

from tests.contracts.shim_caller import Caller
from tests.contracts.shim_contract import ShimContract
from tests.wordpress.rig import Site
from tests.wordpress.shim import RigShim


class TestShimInWordPress(ShimContract):
    """All of it."""

    @pytest.fixture
    def shim(self, site: Site) -> RigShim:
        return RigShim(site)


def test_plain_permalinks_sign_alike(site: Site) -> None:
    plain = Caller(RigShim(site, "/?rest_route="))
    assert plain.get("/health").status == 200
    assert plain.get("/stock/levels", limit=1, after=0).status == 200
    assert plain.post("/outbox/ack", {"ids": []}).json() == {"acked": 0}
