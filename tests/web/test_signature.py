"""Who is let in by signature, and for how long a request is remembered."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillbridge.sides.signing import prove, sign
from tillbridge.web.keys import Keys
from tillbridge.web.limits import Bucket
from tillbridge.web.signature import NONCE_SECONDS, WINDOW, Nonces, Parts, verify

WALL = 1_795_000_000.0
NONCE = "0123456789abcdef0123456789abcdef"
SECRETS = (b"new", b"old")


def signed(secret: bytes = b"new", at: float = WALL, nonce: str = NONCE, body: bytes = b"{}") -> Parts:
    timestamp = str(int(at))
    signature = sign(secret, timestamp, nonce, "POST", "/v1/events", body)
    return Parts(timestamp, nonce, signature, "POST", "/v1/events", body)


def code(parts: Parts, nonces: Nonces | None = None, secrets: tuple[bytes, ...] = SECRETS) -> str:
    found = verify(secrets, parts, nonces or Nonces({}, WALL), WALL)
    return "let in" if isinstance(found, bytes) else found.code


def test_the_signature_is_the_one_that_the_design_spells_out() -> None:
    # Computed apart from our code: printf '%s' '1795000000.<nonce>.POST./v1/events.{}' | openssl dgst -sha256 -hmac new
    expected = "v1=a67b6815f00c49ac423916ce80110b9b2f9e883a644b7c9727d49b904771ba6f"
    assert signed().signature == expected


def test_the_proof_is_the_one_that_the_design_spells_out() -> None:
    # printf '%s' 'answer.<nonce>.200.{}' | openssl dgst -sha256 -hmac new
    expected = "bc40e8c997ef0636119697e86c261ad9c1b1a958b4bcbd8db13ddea1f6ca4c1b"
    assert prove(b"new", NONCE, 200, b"{}") == f"v1={expected}"


@pytest.mark.parametrize("secret", SECRETS)
def test_both_secrets_are_good_while_one_is_being_replaced(secret: bytes) -> None:
    assert code(signed(secret)) == "let in"


def test_without_a_secret_nobody_is_let_in() -> None:
    assert code(signed(b""), secrets=()) == "bad_signature"


def test_an_empty_secret_is_refused_at_start() -> None:
    with pytest.raises(ValueError, match="empty"):
        Keys((b"good", b""))


def test_secrets_are_not_shown() -> None:
    assert "hush" not in repr(Keys((b"hush",), (b"hush",), b"hush"))


@pytest.mark.parametrize(
    "changed",
    [
        {"method": "PUT"},
        {"target": "/v1/control/pause"},
        {"target": "/v1/events?x=1"},
        {"body": b"{} "},
        {"timestamp": str(int(WALL) + 1)},
        {"nonce": NONCE[::-1]},
        {"signature": "v1=" + "0" * 64},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_changed_request_does_not_fit_its_signature(changed: dict[str, Any]) -> None:
    assert code(replace(signed(), **changed)) == "bad_signature"


@pytest.mark.parametrize("missing", ["timestamp", "nonce", "signature"])
def test_a_missing_header_is_said(missing: str) -> None:
    without: dict[str, Any] = {missing: ""}
    assert code(replace(signed(), **without)) == "unsigned"


@pytest.mark.parametrize(
    "garbled",
    [
        {"timestamp": "1795000000, 1795000000"},
        {"timestamp": "-1795000000"},
        {"timestamp": "1795000000.5"},
        {"timestamp": "１７９５００００００"},
        {"timestamp": "9" * 400},
        {"nonce": NONCE.upper()},
        {"nonce": NONCE + "\n"},
        {"nonce": NONCE[:-1]},
        {"signature": "v2=" + "0" * 64},
        {"signature": "v1=" + "0" * 63},
        {"signature": "v1=" + "ä" * 64},
    ],
)
def test_a_garbled_header_is_said(garbled: dict[str, Any]) -> None:
    assert code(replace(signed(), **garbled)) == "bad_signature_headers"


@pytest.mark.parametrize(("off", "found"), [(WINDOW, "let in"), (WINDOW + 1, "stale")])
@pytest.mark.parametrize("way", [1, -1])
def test_five_minutes_off_is_still_fresh(off: float, way: int, found: str) -> None:
    assert code(signed(at=WALL + way * off)) == found


def test_a_request_that_was_received_before_is_refused() -> None:
    nonces = Nonces({}, WALL)
    assert nonces.claim(NONCE, WALL) is not None
    assert code(signed(), nonces) == "replayed"


def test_of_two_requests_at_once_with_one_nonce_only_one_is_let_in() -> None:
    nonces = Nonces({}, WALL)
    barrier = threading.Barrier(8)
    won: list[float] = []

    def claim() -> None:
        barrier.wait()
        until = nonces.claim(NONCE, WALL)
        if until is not None:
            won.append(until)

    threads = [threading.Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [WALL + NONCE_SECONDS]


def test_a_nonce_outlives_every_moment_at_which_its_request_would_be_fresh() -> None:
    assert NONCE_SECONDS > 2 * WINDOW


def test_nonces_are_forgotten_in_time_so_that_the_guard_stays_small() -> None:
    nonces = Nonces({"b": WALL + 20, "a": WALL + 10}, WALL)
    for second in range(5000):
        nonces.claim(f"{second:032x}", WALL + second)
    assert len(nonces) == NONCE_SECONDS
    assert not nonces.holds("a")


@given(st.text(), st.text(), st.text(), st.binary())
def test_whatever_the_headers_hold_it_is_a_refusal_and_no_error(
    timestamp: str, nonce: str, signature: str, body: bytes
) -> None:
    assert code(Parts(timestamp, nonce, signature, "POST", "/v1/events", body)) != "let in"


def test_a_bucket_gives_its_burst_then_its_rate() -> None:
    now = [0.0]
    bucket = Bucket(10.0, 3.0, lambda: now[0])
    assert [bucket.take() for _ in range(3)] == [0.0, 0.0, 0.0]
    assert bucket.take() == pytest.approx(0.1)
    now[0] += 0.1
    assert bucket.take() == 0.0
    now[0] += 1000.0
    assert [bucket.take() == 0.0 for _ in range(4)] == [True, True, True, False]


def test_a_bucket_survives_a_clock_that_goes_back() -> None:
    now = [100.0]
    bucket = Bucket(1.0, 1.0, lambda: now[0])
    assert bucket.take() == 0.0
    now[0] = 0.0
    assert bucket.take() == pytest.approx(1.0)
    now[0] = 1.0
    assert bucket.take() == 0.0
