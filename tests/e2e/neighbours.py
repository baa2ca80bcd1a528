"""The till and the daemon beside a real shop, as programs of their own, the way an owner would run them."""

from __future__ import annotations

import configparser
import json
import secrets
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.e2e import calls, servers
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


class Program:
    """A program of ours that says where it can be reached in its first line of output. Use it with `with`."""

    def __init__(self, name: str, command: Sequence[str], log: Path) -> None:
        self._name = name
        self._command = command
        self._log = log
        self._stack = ExitStack()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def start(self) -> dict[str, Any]:
        """Start it and wait until it is ready; what it said."""
        said = self._log.stat().st_size if self._log.exists() else 0
        environ = {"PYTHONPATH": str(ROOT / "daemon"), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        process = self._stack.enter_context(servers.running([sys.executable, "-m", *self._command], self._log, environ))
        self._process = process
        found: dict[str, Any] = {}

        def is_ready() -> bool:
            if process.poll() is not None:
                words = self._log.read_text(encoding="utf-8")[said:][-2000:]
                raise RuntimeError(f"{self._name} ended with {process.returncode}:\n{words}")
            for line in self._log.read_text(encoding="utf-8")[said:].splitlines():
                if line.startswith("{") and line.endswith("}"):
                    found.update(json.loads(line))
                    return True
            return False

        servers.wait_until(is_ready, f"{self._name} is ready", 30)
        return found

    def kill(self) -> None:
        """As a power cut would."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()


class RealTill(Program):
    """The embedded till with one outlet, `main`."""

    def __init__(self, folder: Path) -> None:
        self.token_file = folder / "till.token"
        self.address = ""
        command = ["tillbridge.till", "--database", str(folder / "till.sqlite3"), "--port", str(free_port())]
        super().__init__("the till", [*command, "--token-file", str(self.token_file)], folder / "till.log")

    def start(self) -> dict[str, Any]:
        said = super().start()
        self.address = said["address"]
        return said

    def call(self, method: str, path: str, body: object | None = None) -> dict[str, Any]:
        """Ask the till as a program would; raises where it refuses."""
        headers = {"Authorization": f"Bearer {self.token_file.read_text(encoding='utf-8').strip()}"}
        with calls.session() as client:
            answer = client.request(method, self.address + path, json=body, headers=headers, timeout=20)
        if not answer.ok:
            raise RuntimeError(f"till {method} {path}: {answer.status_code} {answer.text[:300]}")
        found: dict[str, Any] = answer.json()
        return found

    def add_item(self, sku: str, level: int) -> str:
        """An item, and a delivery that brings it to `level`."""
        item = str(self.call("POST", "/v1/items", {"sku": sku, "name": sku.title(), "price": "10.00"})["id"])
        self.record("deliveries", item, level)
        return item

    def record(self, kind: str, item: str, quantity: float, author: str = "api") -> dict[str, Any]:
        """Ring up a document of one line: sales, returns, deliveries. With the author "till" the register does it."""
        line = {"item_id": item, "quantity": f"{quantity:g}", "price": "10.00"}
        paper = {"key": secrets.token_hex(16), "outlet": "main", "lines": [line], "author": author}
        return self.call("POST", f"/v1/{kind}", paper)

    def level(self, item: str) -> float:
        rows = self.call("GET", f"/v1/levels?after={int(item) - 1}&limit=1")["levels"]
        return float(rows[0]["level"])


class RealDaemon(Program):
    """The bridge between a shop and a till, always on the same port."""

    def __init__(self, folder: Path, store: Mapping[str, str], pos: Mapping[str, str]) -> None:
        self.address = f"http://127.0.0.1:{free_port()}"
        self._secret = store["secret"]
        folder.mkdir(mode=0o700)
        for name, value in {"store": store["secret"], "hint": secrets.token_hex(16)}.items():
            (folder / name).write_text(value, encoding="utf-8")
        sections = {
            "daemon": {"database": f"sqlite:///{folder / 'bridge.sqlite3'}"},
            "listener": {"listen": self.address.removeprefix("http://")},
            "store": {**store, "secret": "file:store"},
            "pos": {**pos, "system": "till", "webhook_secret": "file:hint"},
            "safety": {"link_every": "30s"},
        }
        settings = configparser.ConfigParser(interpolation=None)
        settings.read_dict(sections)
        with (folder / "settings.ini").open("w", encoding="utf-8") as file:
            settings.write(file)
        command = ["tillbridge", "run", "--config", str(folder / "settings.ini")]
        super().__init__("the daemon", command, folder / "daemon.log")

    def status(self) -> dict[str, Any]:
        """What it says of itself."""
        status, found = calls.signed_call(self.address, self._secret, "GET", "/v1/control/status")
        if status != 200:
            raise RuntimeError(f"control/status: {status} {found}")
        result: dict[str, Any] = found
        return result
