"""No secret ever leaves the daemon: not in a log, an answer, a figure, a command line or the database."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import requests

from tests.daemon.programs import wait_until
from tests.daemon.proxy import BadLine, Mood
from tests.daemon.rig import Keys, Rig


def marker(name: str) -> str:
    """A secret that can be told from everything else, and whose characters some writers would escape."""
    return f'{name}-m4rk"<&+/ %ü-{secrets.token_hex(8)}'


def spellings(secret: str) -> set[bytes]:
    """How a secret may look when it was written down by accident: plain, escaped, or its telling part encoded."""
    telling = secret[-16:]
    plain = {secret, quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1], telling, telling.encode().hex()}
    encoded = {base64.b64encode(secret.encode()[at:]).rstrip(b"=")[:-2] for at in range(3)}
    return {one.encode() for one in plain} | encoded


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    token = f"till-m4rk-{secrets.token_hex(8)}"  # What goes into a header may only hold what a header can.
    figures = f"metrics-m4rk-{secrets.token_hex(8)}"
    keys = Keys(store=marker("store"), till=token, hints=marker("hints"), metrics=figures)
    with Rig(tmp_path_factory.mktemp("secrets"), keys=keys) as rig:
        rig.settings = {("log", "level"): "debug"}
        yield rig


@pytest.fixture(autouse=True)
def nobody_left(rig: Rig) -> Iterator[None]:
    yield
    rig.end_daemons()


class Collected:
    """Everything that was ever written or answered, by where it was found."""

    def __init__(self, keys: Keys) -> None:
        self._secrets = {"store": keys.store, "till": keys.till, "hints": keys.hints, "metrics": keys.metrics}
        self.places: dict[str, bytes] = {}

    def add(self, place: str, found: bytes | str) -> None:
        self.places[place] = found.encode() if isinstance(found, str) else found

    def answer(self, place: str, answer: requests.Response, status: int) -> None:
        assert answer.status_code == status, (place, answer.text)
        self.add(place, f"{answer.headers}\n{answer.text}")

    def leaks(self) -> list[str]:
        """Which secret stands where."""
        return [
            f"{name} in {place}"
            for place, text in self.places.items()
            for name, secret in self._secrets.items()
            if any(spelling in text for spelling in spellings(secret))
        ]


def answers(rig: Rig, collected: Collected) -> None:
    bearer = {"Authorization": f"Bearer {rig.keys.metrics}"}
    collected.answer("healthz", requests.get(f"{rig.listener}/healthz", timeout=10), 200)
    collected.answer("metrics", requests.get(f"{rig.listener}/metrics", headers=bearer, timeout=10), 200)
    collected.answer("metrics refused", requests.get(f"{rig.listener}/metrics", timeout=10), 401)
    collected.answer("status", rig.call("GET", "/v1/control/status"), 200)
    collected.answer("unsigned", requests.post(f"{rig.listener}/v1/events", data=b"{}", timeout=10), 401)
    collected.answer("wrong secret", rig.call("GET", "/v1/control/status", secret="guessed"), 401)
    collected.answer("the hint secret", rig.call("GET", "/v1/control/status", secret=rig.keys.hints), 401)
    collected.answer("malformed", rig.call("POST", "/v1/events", b"{" + rig.keys.store.encode()), 400)
    collected.answer("unknown address", rig.call("GET", "/v1/nothing"), 404)
    collected.answer("wrong word", rig.call("POST", "/v1/control/pause", b'{"flow": "sideways"}'), 400)


def processes(rig: Rig, collected: Collected) -> None:
    for program in rig.running:
        if not program.ended:
            collected.add(f"arguments of {program.name}", Path(f"/proc/{program.process.pid}/cmdline").read_bytes())


def written(rig: Rig, collected: Collected) -> None:
    for program in rig.running:
        collected.add(f"{program.out.name}", program.out.read_bytes())
        collected.add(f"{program.err.name}", program.err.read_bytes())
    for path in rig.folder.glob(f"{rig.database.name}*"):
        collected.add(path.name, path.read_bytes())


def test_the_search_finds_what_it_looks_for() -> None:
    secret = marker("store")
    keys = Keys(store=secret)
    encoded = base64.b64encode(b"a:" + secret.encode()).decode()
    for text in (secret, quote(secret), json.dumps({"key": secret}), encoded):
        collected = Collected(keys)
        collected.add("somewhere", f"… {text} …")
        assert collected.leaks() == ["store in somewhere"], text


def test_no_secret_is_seen_anywhere_in_good_days_and_bad(rig: Rig) -> None:
    collected = Collected(rig.keys)
    with BadLine(rig.till_address) as line:
        rig.settings[("pos", "url")] = line.address
        rig.settings[("pos", "timeout")] = "1s"
        daemon = rig.link()
        answers(rig, collected)
        processes(rig, collected)
        for mood in (Mood.FAILS, Mood.HTML):
            line.spoil(mood, writes=1, reads=1)
            rig.buy("CUP")
            rig.ring("PLATE")
            wait_until(lambda: line.mended, "the answers were spoiled")
            collected.answer(f"status after {mood}", rig.call("GET", "/v1/control/status"), 200)
            rig.await_rest()
        asked = (
            ["status"], ["check"], ["check", "--format", "json"], ["queue"], ["queue", "show", "1"], ["sync"],
            ["doctor"], ["resync", "CUP"], ["webhook"],
        )  # fmt: skip
        for words in asked:
            told = rig.ask(*words)
            collected.add(f"tillbridge {' '.join(words)}", told.stdout + told.stderr)
    wait_until(lambda: not rig.status()["sides"]["pos"]["reachable"], "the POS is down")
    collected.answer("status with the POS down", rig.call("GET", "/v1/control/status"), 200)
    told = rig.ask("check")
    collected.add("tillbridge check with the POS down", told.stdout + told.stderr)
    written(rig, collected)  # Before the end too: the write-ahead log is folded into the database then.
    assert any(name.endswith("-wal") for name in collected.places)
    assert daemon.terminate() == 0
    written(rig, collected)
    assert "DEBUG" in daemon.said()
    assert collected.leaks() == []


def test_no_secret_is_seen_where_the_sides_refuse_ours(rig: Rig) -> None:
    collected = Collected(rig.keys)
    del rig.settings[("pos", "url")]
    rig.new_books()
    daemon = rig.start({("pos", "token"): "file:metrics", ("store", "secret"): "file:till"})
    wait_until(lambda: "refuse" in daemon.err.read_text(encoding="utf-8"), "a side refused")
    told = rig.ask("check", config=rig.folder / "settings.ini")
    assert told.returncode == 1
    collected.add("tillbridge check", told.stdout + told.stderr)
    told = rig.ask("status")
    assert told.returncode == 4
    collected.add("tillbridge status", told.stdout + told.stderr)
    processes(rig, collected)
    assert daemon.terminate() == 0
    written(rig, collected)
    assert collected.leaks() == []


def test_a_secret_in_the_settings_file_itself_is_refused_without_repeating_it(rig: Rig) -> None:
    collected = Collected(rig.keys)
    told = rig.ask("run", config=rig.config({("store", "secret"): rig.keys.store, ("pos", "token"): rig.keys.till}))
    assert told.returncode == 2
    collected.add("settings error", told.stdout + told.stderr)
    assert collected.leaks() == []
