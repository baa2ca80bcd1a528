"""What a person types, and what comes back: words on the screen, and an exit status that a script can trust."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from tests.daemon.programs import Program, wait_until
from tests.daemon.rig import OPENING, Rig

WELL, FOUND, WRONG_USE, UNREACHABLE, REFUSED = range(5)


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with Rig(tmp_path_factory.mktemp("commands")) as rig:
        rig.link()
        yield rig


@pytest.fixture
def daemon(rig: Rig) -> Iterator[Program]:
    """The daemon that runs for most of these tests."""
    daemon = rig.running[-1]
    if daemon.ended:
        daemon = rig.start()
    yield daemon
    rig.config()


@contextmanager
def answering(reply: bytes) -> Iterator[int]:
    """A program that answers whatever it is asked with `reply`; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(reply)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def both(level: int) -> tuple[Decimal, Decimal]:
    return Decimal(level), Decimal(level)


def test_status_says_in_step_and_ends_well(rig: Rig, daemon: Program) -> None:
    rig.await_rest()
    told = rig.ask("status")
    assert (told.returncode, told.stderr) == (WELL, "")
    assert told.stdout.startswith("In step since ")
    assert f"linked {len(rig.expected)}" in told.stdout
    asked = rig.ask("status", "--format", "json")
    assert json.loads(asked.stdout)["in_step"] is True


def test_a_pause_survives_a_restart_and_loses_no_sale(rig: Rig, daemon: Program) -> None:
    rig.await_rest()
    paused = rig.ask("pause", "to-pos")
    assert paused.returncode == WELL
    assert "writing to the pos is paused" in paused.stdout
    rig.buy("CUP", 2)
    wait_until(lambda: rig.status()["waiting"] == 1, "the sale waits")
    assert daemon.terminate() == 0
    successor = rig.start()
    assert rig.status()["paused"] == ["pos"]
    rig.ring("PLATE")
    rig.buy("CUP")
    wait_until(lambda: rig.levels()["PLATE"] == both(OPENING - 1), "the other way is open")
    assert rig.levels()["CUP"] == (Decimal(OPENING - 3), Decimal(OPENING))
    assert rig.ask("status").returncode == FOUND
    resumed = rig.ask("resume")
    assert (resumed.returncode, "paused" in resumed.stdout) == (WELL, False)
    rig.await_rest()
    assert not successor.ended


def test_a_pause_of_everything_still_listens(rig: Rig, daemon: Program) -> None:
    rig.await_rest()
    assert rig.ask("pause").returncode == WELL
    before = rig.levels()
    rig.buy("CUP")
    rig.ring("PLATE")
    wait_until(lambda: rig.status()["waiting"] == 2, "both sales wait")
    after = rig.levels()
    assert (after["CUP"][1], after["PLATE"][0]) == (before["CUP"][1], before["PLATE"][0])
    assert rig.ask("resume", "all").returncode == WELL
    rig.await_rest()


def test_sync_looks_at_once(rig: Rig, daemon: Program) -> None:
    assert daemon.terminate() == 0
    rig.start({("pos", "poll_every"): "1h", ("pos", "hints"): "no"})
    rig.await_rest()
    rig.ring("CUP")
    assert not rig.crossed()
    assert rig.ask("sync").returncode == WELL
    wait_until(rig.crossed, "the sale crossed", 5)
    rig.await_rest()


def test_queue_lists_nothing_where_nothing_waits(rig: Rig, daemon: Program) -> None:
    rig.await_rest()
    listed = rig.ask("queue")
    assert (listed.returncode, listed.stdout) == (WELL, "0 waiting, 0 held out\n")


def test_queue_lists_what_is_held_out_of_the_sync_also_with_the_daemon_down(rig: Rig, daemon: Program) -> None:
    rig.sell_elsewhere("ONLY-SHOP")
    assert rig.ask("sync").returncode == WELL
    wait_until(lambda: bool(rig.status()["held_out"]), "it is held out")
    assert daemon.terminate() == 0
    listed = rig.ask("queue", "--format", "json")
    assert listed.returncode == FOUND
    assert [one["sku"] for one in json.loads(listed.stdout)["held_out"]] == ["ONLY-SHOP"]


def test_check_says_that_both_sides_are_well(rig: Rig, daemon: Program) -> None:
    checked = rig.ask("check")
    assert (checked.returncode, checked.stderr) == (WELL, "")
    assert "store: well" in checked.stdout
    assert "pos: well" in checked.stdout


def test_check_names_every_problem_of_both_sides_at_once(rig: Rig, daemon: Program) -> None:
    wrong = rig.config({("store", "site"): "another", ("pos", "sell_from"): "attic"})
    checked = rig.ask("check", "--format", "json", config=wrong)
    assert checked.returncode == FOUND
    found = json.loads(checked.stdout)["sides"]
    assert ["another" in found["store"]["problems"][0], "attic" in found["pos"]["problems"][0]] == [True, True]


def test_without_a_daemon_a_command_says_that_it_cannot_reach_it(rig: Rig, daemon: Program) -> None:
    assert daemon.terminate() == 0
    for verb in ("status", "pause"):
        asked = rig.ask(verb)
        assert (asked.returncode, asked.stdout) == (UNREACHABLE, ""), verb
        assert "no daemon answers" in asked.stderr


@pytest.mark.parametrize(
    "reply",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", b"220 mail.example ESMTP\r\n", b"HTTP/1.1 200 OK\r\nX"],
    ids=["a website", "a mail server", "half an answer"],
)
def test_another_program_at_that_address_is_no_daemon(rig: Rig, reply: bytes) -> None:
    with answering(reply) as port:
        asked = rig.ask("status", config=rig.config({("listener", "listen"): f"127.0.0.1:{port}"}))
    assert "Traceback" not in asked.stderr
    assert asked.returncode == UNREACHABLE


def test_a_command_with_another_secret_is_refused(rig: Rig, daemon: Program) -> None:
    (rig.folder / "wrong").write_text("this is not the secret of that daemon", encoding="utf-8")
    (rig.folder / "wrong").chmod(0o600)
    asked = rig.ask("status", config=rig.config({("store", "secret"): "file:wrong"}))
    assert asked.returncode == REFUSED
    assert "same settings file" in asked.stderr


def test_settings_with_many_mistakes_name_all_of_them(rig: Rig, tmp_path: Path) -> None:
    path = tmp_path / "settings.ini"
    path.write_text(
        "[daemon]\nworkers = many\n[listener]\nlisten = 0.0.0.0:80\nlitsen = 1\n[pos]\ntoken = env:NOT_SET\n"
        "poll_every = soon\n[store]\nurl = https://shop.example\n",
        encoding="utf-8",
    )
    for verb in ("run", "queue"):
        asked = rig.ask(verb, config=path)
        assert asked.returncode == WRONG_USE
        assert asked.stdout == ""
        lines = asked.stderr.splitlines()
        names = ("daemon.workers", "listener.listen", "listener.litsen", "pos.token", "pos.poll_every", "pos.url",
                 "store.site", "store.secret")  # fmt: skip
        assert [name for name in names if not any(name in line for line in lines)] == []
        assert "Traceback" not in asked.stderr


def test_a_settings_file_that_is_missing_is_named(rig: Rig, tmp_path: Path) -> None:
    asked = rig.ask("run", config=tmp_path / "nowhere.ini")
    assert (asked.returncode, "nowhere.ini" in asked.stderr) == (WRONG_USE, True)


@pytest.mark.parametrize("words", [["dance"], ["pause", "sideways"], ["queue", "--format", "xml"]])
def test_a_word_that_is_none_of_ours_is_wrong_use(rig: Rig, words: list[str]) -> None:
    assert rig.ask(*words).returncode == WRONG_USE
