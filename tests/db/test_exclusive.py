"""One daemon for one database, and no lock that outlives its holder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tillbridge.db.exclusive import Exclusive
from tillbridge.errors import AlreadyRunning

HOLDER = """
import sys
from tillbridge.db.exclusive import Exclusive
held = Exclusive(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_holder_is_refused_and_told_who_the_first_is(tmp_path: Path) -> None:
    path = str(tmp_path / "books.sqlite3")
    held = Exclusive(path)
    with pytest.raises(AlreadyRunning, match=rf"process {os.getpid()}\) works on .*books\.sqlite3"):
        Exclusive(path)
    held.release()
    Exclusive(path).release()


def test_two_databases_may_each_have_a_daemon(tmp_path: Path) -> None:
    first, second = Exclusive(str(tmp_path / "a.sqlite3")), Exclusive(str(tmp_path / "b.sqlite3"))
    first.release()
    second.release()


def test_the_folder_is_made_where_there_is_none(tmp_path: Path) -> None:
    Exclusive(str(tmp_path / "state" / "books.sqlite3")).release()
    assert (tmp_path / "state").is_dir()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_the_lock_dies_with_its_holder(tmp_path: Path, how: signal.Signals) -> None:
    path = str(tmp_path / "books.sqlite3")
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(AlreadyRunning, match=f"process {process.pid}"):
            Exclusive(path)
        process.send_signal(how)
        process.wait(10)
    Exclusive(path).release()
