"""Every test in here also checks that PHP had nothing to say about it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contracts.shim_caller import Caller
from tests.wordpress.rig import Site
from tests.wordpress.shim import RigShim


@pytest.fixture(scope="module", autouse=True)
def fresh_books(site: Site) -> None:
    """Each file of tests begins with nothing to tell and nothing that was asked."""
    site.sql("DELETE FROM wp_tillbridge_outbox; DELETE FROM wp_tillbridge_keys; DELETE FROM wp_tillbridge_nonces")
    site.forget_notes()


@pytest.fixture(autouse=True)
def silence(site: Site) -> Iterator[None]:
    """No notice, warning or error of PHP in any test."""
    site.forget_complaints()
    yield
    assert site.complaints() == []


@pytest.fixture
def shim(site: Site) -> RigShim:
    """The shop as the contract knows shops."""
    return RigShim(site)


@pytest.fixture
def caller(shim: RigShim) -> Caller:
    """The daemon, as far as it calls."""
    return Caller(shim)
