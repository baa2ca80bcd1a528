"""Pushes that arrive together share a commit, and every one of them is answered, whatever becomes of it."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.web.doubles import STORE_SECRET, Listener, event, full_disk, push
from tillbridge.ports import Parcel
from tillbridge.sides import signing
from tillbridge.web import lane_of
from tillbridge.web.lane import EVENTS, Lane, Ready

SOON = 20.0


class Request:
    """A complete request as waitress' parser gives it."""

    def __init__(self, body: bytes, headers: dict[str, str], path: str = EVENTS, command: str = "POST") -> None:
        self.error = None
        self.path = path
        self.command = command
        self.query = ""
        self.headers = {name.upper().replace("-", "_"): value for name, value in headers.items()}
        self.headers.setdefault("CONTENT_LENGTH", str(len(body)))
        self._body = body

    def get_body_stream(self) -> io.BytesIO:
        return io.BytesIO(self._body)


@dataclass
class Channel:
    """A connection that keeps what it was answered."""

    requests: list[Any]
    answers: list[Ready] = field(default_factory=list)

    def reply(self, ready: Ready) -> None:
        self.answers.append(ready)

    @property
    def only(self) -> tuple[int, Any]:
        (ready,) = self.answers
        return ready.status, json.loads(ready.body)


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def lane(listener: Listener) -> Lane:
    return lane_of(listener.app())


def channel(listener: Listener, body: bytes, secret: bytes = STORE_SECRET) -> Channel:
    return Channel([Request(body, listener.headers("POST", EVENTS, body, secret))])


def count_deliveries(listener: Listener) -> list[int]:
    """How many parcels each commit held."""
    commits: list[int] = []
    real = listener.mailbox.deliver

    def deliver(parcels: Sequence[Parcel]) -> None:
        commits.append(len(parcels))
        real(parcels)

    listener.mailbox.deliver = deliver  # type: ignore[method-assign]
    return commits


def test_pushes_that_arrive_together_share_a_commit(listener: Listener, lane: Lane) -> None:
    commits = count_deliveries(listener)
    channels = [channel(listener, push(event(f"e{number}"))) for number in range(10)]
    lane.serve(channels)
    assert commits == [10]
    assert [one.only for one in channels] == [(200, {"acked": [f"e{number}"]}) for number in range(10)]
    assert len(listener.mailbox.told) == 10


def test_an_acknowledgement_is_proven_to_the_push_that_it_answers(listener: Listener, lane: Lane) -> None:
    one = channel(listener, push(event("e")))
    lane.serve([one])
    (ready,) = one.answers
    nonce = one.requests[0].headers["X_TILLBRIDGE_NONCE"]
    assert ready.header == (signing.PROOF, signing.prove(STORE_SECRET, nonce, 200, ready.body))


def test_those_that_arrive_during_a_commit_share_the_next_one(listener: Listener, lane: Lane) -> None:
    reached, go = threading.Event(), threading.Event()
    commits = count_deliveries(listener)
    real = listener.mailbox.deliver

    def slow(parcels: Sequence[Parcel]) -> None:
        real(parcels)
        if len(commits) == 1:
            reached.set()
            assert go.wait(SOON)

    listener.mailbox.deliver = slow  # type: ignore[method-assign]
    lane.start()
    lane.add(channel(listener, push(event("first"))))
    assert reached.wait(SOON)
    for number in range(7):
        lane.add(channel(listener, push(event(f"e{number}"))))
    go.set()
    lane.stop()
    assert commits == [1, 7]


def test_a_refused_push_holds_up_no_other(listener: Listener, lane: Lane) -> None:
    good, forged, broken, foreign = (
        channel(listener, push(event("good"))),
        channel(listener, push(event("forged")), b"another secret"),
        channel(listener, b"{"),
        channel(listener, push(event("foreign"), site="elsewhere")),
    )
    lane.serve([forged, broken, good, foreign])
    assert [one.only[0] for one in (good, forged, broken, foreign)] == [200, 401, 400, 403]
    assert list(listener.mailbox.told) == ["store:good"]


def test_nothing_is_acknowledged_when_the_disk_refuses(listener: Listener, lane: Lane) -> None:
    listener.mailbox.trouble = full_disk()
    channels = [channel(listener, push(event(name))) for name in "ab"]
    lane.serve(channels)
    for one in channels:
        status, answer = one.only
        assert status == 503
        assert "acked" not in answer


def test_a_push_that_cannot_be_stored_at_all_takes_no_other_with_it(listener: Listener, lane: Lane) -> None:
    real = listener.mailbox.deliver

    def picky(parcels: Sequence[Parcel]) -> None:
        if any(one.key == "store:poison" for parcel in parcels for one in parcel.told):
            raise ValueError("a defect of ours")
        real(parcels)

    listener.mailbox.deliver = picky  # type: ignore[method-assign]
    channels = [channel(listener, push(event(name))) for name in ("a", "poison", "b")]
    lane.serve(channels)
    assert [one.only[0] for one in channels] == [200, 500, 200]
    assert sorted(listener.mailbox.told) == ["store:a", "store:b"]


def test_a_nonce_is_used_up_by_the_lane_as_by_flask(listener: Listener, lane: Lane) -> None:
    body = push(event())
    request = Request(body, listener.headers("POST", EVENTS, body))
    first, second = Channel([request]), Channel([request])
    lane.serve([first, second])
    assert (first.only[0], second.only[0]) == (200, 401)


def test_a_connection_that_broke_meanwhile_harms_nobody(listener: Listener, lane: Lane) -> None:
    class Broken(Channel):
        def reply(self, ready: Ready) -> None:
            raise BrokenPipeError

    body = push(event("gone"))
    gone = Broken([Request(body, listener.headers("POST", EVENTS, body))])
    stays = channel(listener, push(event("stays")))
    lane.serve([gone, stays])
    assert stays.only == (200, {"acked": ["stays"]})
    assert sorted(listener.mailbox.told) == ["store:gone", "store:stays"]


@pytest.mark.parametrize(
    ("request_", "taken"),
    [
        (Request(b"{}", {}), True),
        (Request(b"{}", {}, command="GET"), False),
        (Request(b"{}", {}, path="/v1/control/status"), False),
        (Request(b"{}", {"Content-Length": str(2 * 1024 * 1024)}), False),
        (Request(b"{}", {"Content-Length": "٣"}), False),
        (Request(b"{}", {"Content-Length": ""}), False),
    ],
)
def test_the_lane_takes_only_plain_pushes_of_an_allowed_size(lane: Lane, request_: Request, taken: bool) -> None:
    assert lane.takes(request_) is taken
