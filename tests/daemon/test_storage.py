"""The daemon's own disk lets it down, full, locked or corrupt: nothing acknowledged is lost, and it says so."""

from __future__ import annotations

import resource
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.daemon.programs import Program
from tests.daemon.rig import Rig

ACKED = "acked"


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with Rig(tmp_path_factory.mktemp("storage")) as rig:
        yield rig


@pytest.fixture
def daemon(rig: Rig) -> Iterator[Program]:
    """A linked daemon on books of its own."""
    rig.new_books()
    daemon = rig.link()
    yield daemon
    assert daemon.terminate() in (0, -signal.SIGKILL)
    assert "Traceback" not in daemon.said()


def event(name: str) -> dict[str, object]:
    return {"id": name, "n": 1, "topic": "customer.changed", "at": "2026-11-22T10:11:12Z", "data": {}}


@contextmanager
def full_disk(daemon: Program) -> Iterator[None]:
    """No file of the daemon can grow beyond a page meanwhile, so that no commit can be written."""
    _, hard = resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (4096, hard))
    try:
        yield
    finally:
        if not daemon.ended:
            resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (hard, hard))


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Another process, this one, holds the write lock meanwhile."""
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def refuses_a_push(rig: Rig, name: str) -> None:
    answer = rig.push(event(name))
    assert answer.status_code == 503
    assert ACKED not in answer.json()
    assert int(answer.headers["Retry-After"]) > 0


def test_a_full_disk_acknowledges_nothing_and_loses_nothing(rig: Rig, daemon: Program) -> None:
    with full_disk(daemon):
        refuses_a_push(rig, "full-1")
        rig.buy("CUP", 2)
        rig.ring("PLATE", 3)
        refuses_a_push(rig, "full-2")
        assert not daemon.ended
    assert rig.push(event("full-1")).json() == {ACKED: ["full-1"]}
    rig.await_rest()


def test_a_daemon_that_dies_on_a_full_disk_goes_on_where_there_is_room_again(rig: Rig, daemon: Program) -> None:
    with full_disk(daemon):
        rig.buy("PLATE")
        rig.ring("CUP")
        refuses_a_push(rig, "full-3")
        daemon.kill()
    successor = rig.start()
    rig.await_rest()
    assert successor.terminate() == 0


def test_a_database_that_another_program_locks_acknowledges_nothing_and_loses_nothing(
    rig: Rig, daemon: Program
) -> None:
    with locked(rig.database):
        rig.ring("PLATE")
        refuses_a_push(rig, "locked-1")
        rig.buy("CUP")
        assert rig.call("GET", "/v1/control/status").status_code == 200
    rig.await_rest()


def text(path: Path) -> None:
    path.write_text("This is my shopping list.\n" * 400, encoding="utf-8")


def trashed(path: Path) -> None:
    """A real database whose pages after the first were overwritten."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE schema_version (version INTEGER NOT NULL)")
        database.execute("INSERT INTO schema_version VALUES (1)")
        database.commit()
    pages = path.read_bytes()
    path.write_bytes(pages[:4096] + b"\xa5" * (len(pages) - 4096))


def a_newer_one(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE schema_version (version INTEGER NOT NULL)")
        database.execute("INSERT INTO schema_version VALUES (9999)")
        database.commit()


def a_folder(path: Path) -> None:
    path.mkdir()


def below_a_file(path: Path) -> None:
    path.parent.write_text("not a folder", encoding="utf-8")


@pytest.mark.parametrize("spoil", [text, trashed, a_newer_one, a_folder, below_a_file])
@pytest.mark.parametrize("verb", ["run", "queue"])
def test_a_database_that_cannot_be_used_is_named_and_refused(
    rig: Rig, tmp_path: Path, verb: str, spoil: Callable[[Path], None]
) -> None:
    path = tmp_path / "books" / "bridge.sqlite3"
    if spoil is not below_a_file:
        path.parent.mkdir()
    spoil(path)
    refused = rig.ask(verb, config=rig.config({("daemon", "database"): f"sqlite://{path}"}))
    assert refused.returncode == 4, refused.stderr
    assert "Traceback" not in refused.stderr
    assert refused.stderr.startswith("tillbridge: ")
    assert str(path.parent if spoil is below_a_file else path) in refused.stderr or spoil is a_newer_one
