"""A daemon that knows no shop waits for one, begins anew with it, and waits again when it has left: real processes."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.daemon.programs import Program, environment, wait_until
from tests.flows.test_pairing import BODY
from tests.ports import free_port
from tillbridge.core import pairing
from tillbridge.sides import signing


class Host:
    """A server on which somebody sets Tillbridge up, and the shop that knocks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.config = folder / "settings.ini"
        (folder / "till").write_text("till-token")
        self.running: list[Program] = []

    def tillbridge(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tillbridge", *words, "--config", str(self.config)]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=60, env=environment(), cwd=self.folder, check=False
        )

    def init(self) -> str:
        """The code that `tillbridge init` prints."""
        given = ["--pos-url", "http://127.0.0.1:9", "--pos-token-file", str(self.folder / "till")]
        given += ["--listen", f"127.0.0.1:{self.port}", "--database", str(self.folder / "books.sqlite3")]
        done = self.tillbridge("init", "--yes", "--format", "json", *given)
        assert done.returncode == 0, done.stderr
        code: str = json.loads(done.stdout)["code"]
        return code

    def run(self) -> Program:
        program = Program(self.folder, "daemon", "tillbridge", ["run", "--config", str(self.config)], None)
        self.running.append(program)
        program.ready()
        return program

    def knock(self, path: str, body: object, secret: str, method: str = "POST") -> tuple[int, dict[str, Any]]:
        raw = b"" if body is None else json.dumps(body).encode()
        stamp, nonce = str(int(datetime.now(UTC).timestamp())), secrets.token_hex(16)
        signature = signing.sign(secret.encode(), stamp, nonce, method, path, raw)
        headers = {signing.TIMESTAMP: stamp, signing.NONCE: nonce, signing.SIGNATURE: signature}
        answer = requests.request(method, f"http://127.0.0.1:{self.port}{path}", data=raw, headers=headers, timeout=20)
        return answer.status_code, answer.json()

    def answers_to(self, secret: str) -> bool:
        try:
            return self.knock("/v1/control/status", None, secret, "GET")[0] == 200
        except requests.ConnectionError:
            return False  # it is just beginning anew


    def waits_for_a_shop(self) -> bool:
        try:
            return self.knock("/v1/pair/hello", {}, "no code")[1].get("code") == "no_pairing"
        except requests.ConnectionError:
            return False


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    made = Host(tmp_path)
    yield made
    for program in made.running:
        program.close()


def test_a_shop_is_paired_by_its_code_and_parts_again(host: Host) -> None:
    code = host.init()
    assert code.endswith(f"@127.0.0.1:{host.port}")
    key = pairing.key_of(code)
    daemon = host.run()
    assert host.knock("/v1/control/status", None, "anything", "GET")[0] == 404
    assert host.knock("/v1/pair/hello", {"site": "6f1c", "nonce": "0" * 32}, "another code")[0] == 401
    status, said = host.knock("/v1/pair/hello", {"site": "6f1c", "nonce": "0" * 32}, key)
    assert (status, said["proof"]) == (200, pairing.hello_proof(key, "0" * 32, "6f1c"))
    status, said = host.knock("/v1/pair", BODY, key)
    assert (status, said["proof"]) == (200, pairing.secret_proof(key, "6f1c", said["secret"]))
    secret = said["secret"]
    wait_until(lambda: host.answers_to(secret), "the daemon begins anew with the shop")
    assert not daemon.ended
    assert host.knock("/v1/pair", BODY, key)[0] == 404
    assert host.tillbridge("status", "--format", "json").returncode in (0, 1)
    for word in (secret, "cs_" + "b" * 40, "d" * 32):
        assert word not in daemon.said()
    assert host.tillbridge("disconnect").returncode == 0
    wait_until(host.waits_for_a_shop, "the shop is forgotten")
    assert host.tillbridge("status").returncode == 2
    assert daemon.terminate() == 0


def test_a_push_from_another_address_is_refused(host: Host) -> None:
    key = pairing.key_of(host.init())
    host.run()
    secret = host.knock("/v1/pair", BODY, key)[1]["secret"]
    wait_until(lambda: host.answers_to(secret), "the daemon begins anew with the shop")
    page = {"site": "6f1c", "plugin": "1.0.0", "counter": 1, "incarnation": "ab", "events": []}
    wanted_of = {"https://shop.example/": 200, "http://shop.example": 200, "https://copy.example": 403}
    for address, wanted in wanted_of.items():
        status, said = host.knock("/v1/events", {**page, "address": address}, secret)
        assert status == wanted, said
    assert said["code"] == "wrong_address"
    assert "wp tillbridge site moved" in said["message"]
    assert host.knock("/v1/events", page, secret)[0] == 403


def test_a_new_pairing_replaces_the_secret_without_losing_what_is_under_way(host: Host) -> None:
    key = pairing.key_of(host.init())
    host.run()
    first = host.knock("/v1/pair", BODY, key)[1]["secret"]
    wait_until(lambda: host.answers_to(first), "the daemon begins anew with the shop")
    second = host.knock("/v1/pair", BODY, pairing.key_of(host.init()))[1]["secret"]
    wait_until(lambda: host.answers_to(second), "the daemon begins anew with the new secret")
    assert host.answers_to(first)


def test_a_shop_that_moved_is_followed_when_a_person_on_this_host_says_so(host: Host) -> None:
    key = pairing.key_of(host.init())
    host.run()
    secret = host.knock("/v1/pair", BODY, key)[1]["secret"]
    wait_until(lambda: host.answers_to(secret), "the daemon begins anew with the shop")
    assert host.tillbridge("site", "moved", "not an address").returncode == 2
    assert host.tillbridge("site", "moved", "https://new.example/").returncode == 0
    wait_until(lambda: host.answers_to(secret), "the daemon begins anew at the new address")
    page = {"site": "6f1c", "plugin": "1.0.0", "counter": 1, "incarnation": "ab", "events": []}
    for address, wanted in (("https://shop.example", 403), ("https://new.example", 200)):
        assert host.knock("/v1/events", {**page, "address": address}, secret)[0] == wanted


def test_init_changes_no_settings_that_are_there(host: Host) -> None:
    first = host.init()
    before = host.config.read_text()
    assert host.init() != first
    assert host.config.read_text() == before
    assert "[pos]" in before
    assert "till-token" not in before


def test_init_says_what_it_needs(host: Host) -> None:
    done = host.tillbridge("init", "--yes")
    assert (done.returncode, host.config.exists()) == (2, False)
    assert "--pos-url" in done.stderr
    done = host.tillbridge("init", "--yes", "--pos-url", "http://127.0.0.1:9")
    assert (done.returncode, host.config.exists()) == (2, False)
    assert "--pos-token-file" in done.stderr
