"""What stands in for the daemon behind its listener, and a sender that signs like the shop does."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from flask import Flask

from tests.flows.test_pairing import MemoryVault
from tillbridge.core.events import Told
from tillbridge.core.pairing import Code, Paired
from tillbridge.core.stock import SideName
from tillbridge.errors import Malformed, StorageTrouble
from tillbridge.intake import Intake
from tillbridge.pairing import Pairing
from tillbridge.ports import Parcel, Said
from tillbridge.sides.signing import NONCE, SIGNATURE, TIMESTAMP, canonical, sign
from tillbridge.web import Keys, Limits, create_app

SITE = "6f1c"
STORE_SECRET = b"store-secret"
OLD_SECRET = b"store-secret-before-rotation"
POS_SECRET = b"pos-secret"
TOKEN = b"metrics-token"
CODE_KEY = b"the key of a code that waits"
START = 1_795_000_000.0


class SetClock:
    """`ports.Clock` that moves only when told to; `wall` may be set apart from `now`."""

    def __init__(self) -> None:
        self.seconds = START
        self.wall_ahead = 0.0

    def now(self) -> float:
        return self.seconds

    def wall(self) -> datetime:
        return datetime.fromtimestamp(self.seconds + self.wall_ahead, UTC)


class MemoryMailbox:
    """`ports.Mailbox` in memory; `trouble` makes it refuse."""

    def __init__(self) -> None:
        self.told: dict[str, Told] = {}
        self.known: dict[str, float] = {}
        self.trouble: Exception | None = None

    def deliver(self, parcels: Sequence[Parcel]) -> None:
        if self.trouble is not None:
            raise self.trouble
        for parcel in parcels:
            for one in parcel.told:
                self.told.setdefault(one.key, one)
            self.known[parcel.nonce] = parcel.nonce_until

    def nonces(self) -> dict[str, float]:
        return dict(self.known)


class SpyControls:
    """`ports.Controls` that writes down what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.well = True
        self.gauges = {"tillbridge_messages{state=\"ready\"}": 3.0, "tillbridge_messages{state=\"dead\"}": 0.0}

    def status(self) -> dict[str, object]:
        self.asked.append("status")
        return {"in_step": True}

    def pause(self, flow: str) -> dict[str, object]:
        return self._note("pause", flow)

    def resume(self, flow: str) -> dict[str, object]:
        return self._note("resume", flow)

    def sync(self, flow: str) -> dict[str, object]:
        return self._note("sync", flow)

    def hint(self, side: SideName) -> None:
        self.asked.append(f"hint {side}")

    def healthy(self) -> tuple[bool, dict[str, object]]:
        self.asked.append("healthy")
        return self.well, {"up_seconds": 1}

    def figures(self) -> dict[str, float]:
        return dict(self.gauges)

    def _note(self, verb: str, flow: str) -> dict[str, object]:
        if flow not in ("to-pos", "to-store", "all"):
            raise Malformed(f"flow: found {flow!r}, allowed are to-pos, to-store and all")
        self.asked.append(f"{verb} {flow}")
        return {"paused": []}


class SpyDesk:
    """`ports.Desk` that writes down what it was asked; `trouble` makes it refuse."""

    def __init__(self, asked: list[str]) -> None:
        self.asked = asked
        self.trouble: Exception | None = None

    def doctor(self, asked_by_shop: str) -> Said:
        return self._note(f"doctor {asked_by_shop}".strip())

    def check(self) -> Said:
        return self._note("check")

    def resync(self, what: str) -> Said:
        return self._note(f"resync {what}")

    def queue(self, state: str, limit: int) -> Said:
        return self._note(f"queue {state} {limit}")

    def message(self, number: int) -> Said:
        return self._note(f"message {number}")

    def retry(self, only: int | None) -> Said:
        return self._note(f"retry {only}")

    def release(self, only: int | None) -> Said:
        return self._note(f"release {only}")

    def discard(self, number: int, reason: str) -> Said:
        return self._note(f"discard {number} {reason}")

    def reconcile(self, what: str, kind: str) -> Said:
        return self._note(f"{kind} {what}".strip())

    def run(self, number: int, rows: int) -> Said:
        return self._note(f"run {number} {rows}")

    def runs(self) -> Said:
        return self._note("runs")

    def undo(self, number: int) -> Said:
        return self._note(f"undo {number}")

    def why(self, what: str, lines: int) -> Said:
        return self._note(f"why {what} {lines}")

    def begin_audit(self, first: str, last: str) -> Said:
        return self._note(f"audit {first} {last}".strip())

    def audit(self, number: int) -> Said:
        return self._note(f"audited {number}")

    def export_person(self, customer: str) -> Said:
        return self._note(f"export person {customer}")

    def erase_person(self, customer: str) -> Said:
        return self._note(f"erase person {customer}")

    def decisions(self) -> Said:
        return self._note("decisions")

    def decide(self, name: str, choice: str, words: str) -> Said:
        return self._note(f"decide {name} {choice} {words}".strip())

    def webhook(self) -> Said:
        return self._note("webhook")

    def set_webhook(self, verb: str) -> Said:
        return self._note(f"webhook {verb}")

    def _note(self, what: str) -> Said:
        if self.trouble is not None:
            raise self.trouble
        self.asked.append(what)
        return {}


@dataclass(slots=True)
class Listener:
    """An application with everything it stands on within reach."""

    limits: Limits = field(default_factory=lambda: Limits(signed=1e6, refused=1e6))
    keys: Keys = field(default_factory=lambda: Keys((STORE_SECRET, OLD_SECRET), (POS_SECRET,), TOKEN))
    most_events: int = 1000
    clock: SetClock = field(default_factory=SetClock)
    mailbox: MemoryMailbox = field(default_factory=MemoryMailbox)
    controls: SpyControls = field(default_factory=SpyControls)
    desk: SpyDesk = field(init=False)
    vault: MemoryVault = field(default_factory=MemoryVault)
    sent: int = 0

    def __post_init__(self) -> None:
        self.desk = SpyDesk(self.controls.asked)
        self.vault.kept = Paired(
            site=SITE,
            secret=STORE_SECRET.decode(),
            previous_secret="",
            address="https://shop.example",
            url="https://shop.example",
            rest_prefix="/wp-json",
            rest_key="ck",
            rest_secret="cs",
            door="d" * 32,
            paired_at="2026-11-22T10:11:12+00:00",
        )
        self.vault.waiting = Code(CODE_KEY.decode(), START + 3600)

    def app(self) -> Flask:
        """A new application, as after a restart: what was in memory only is forgotten."""
        intake = Intake(self.mailbox, SITE, self.most_events)
        pairing = Pairing(self.vault, self.clock, lambda: "a fresh secret", lambda: SITE, lambda: None)
        keys = replace(self.keys, pairing=pairing.key)
        return create_app(intake, self.controls, keys, self.limits, self.clock, pairing, self.desk)

    def nonce(self) -> str:
        """One that was never used."""
        self.sent += 1
        return f"{self.sent:032x}"

    def headers(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        secret: bytes = STORE_SECRET,
        late: float = 0.0,
        query: Sequence[tuple[str, str]] = (),
    ) -> dict[str, str]:
        """The headers of a well-signed request, dated `late` seconds ago."""
        timestamp = str(int(self.clock.wall().timestamp() - late))
        nonce = self.nonce()
        signature = sign(secret, timestamp, nonce, method, canonical(path, query), body)
        return {TIMESTAMP: timestamp, NONCE: nonce, SIGNATURE: signature}


def push(*events: object, site: object = SITE, **more: object) -> bytes:
    """The body of a push."""
    return json.dumps({"site": site, "events": list(events), **more}).encode()


def event(name: str = "0193c6", **more: object) -> dict[str, object]:
    """An event as the shim sends it."""
    made: dict[str, object] = {"id": name, "n": 1, "topic": "stock.changed", "data": {"product_id": 51, "delta": "-2"}}
    return {**made, **more}


def full_disk() -> StorageTrouble:
    """What the mailbox raises when nothing more fits."""
    return StorageTrouble("database or disk is full")


def raw_request(method: str, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """A request as it crosses the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: test", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
