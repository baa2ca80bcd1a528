"""The books belong to one shop and its outlets, and are looked at without being touched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemon.rig import Rig


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A shop and a till whose goods are linked; the daemon has stopped."""
    with Rig(tmp_path_factory.mktemp("books"), ["CUP"]) as rig:
        assert rig.link().terminate() == 0
        yield rig


@pytest.mark.parametrize(("place", "value"), [(("store", "site"), "another"), (("pos", "outlets"), "main")])
def test_a_daemon_does_not_write_from_the_books_of_another_shop(rig: Rig, place: tuple[str, str], value: str) -> None:
    said = rig.ask("run", config=rig.config({place: value}))
    assert said.returncode == 2
    assert f"{place[0]}.{place[1]}: found {value!r}" in said.stderr
    assert "another [daemon] database" in said.stderr
    assert rig.start().terminate() == 0


def test_a_look_at_the_queue_makes_no_database(rig: Rig, tmp_path: Path) -> None:
    missing = tmp_path / "no" / "such.sqlite3"
    said = rig.ask("queue", config=rig.config({("daemon", "database"): f"sqlite://{missing}"}))
    assert said.returncode == 4
    assert str(missing) in said.stderr
    assert not missing.parent.exists()


def test_two_names_of_one_database_are_one_database(rig: Rig, tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite3"
    other.symlink_to(rig.database)
    first = rig.start()
    said = rig.ask("run", config=rig.config({("daemon", "database"): f"sqlite://{other}"}))
    assert said.returncode == 4
    assert "another Tillbridge daemon" in said.stderr
    assert first.terminate() == 0
