"""Whether a request comes from who it says: signed with the shared secret, fresh, and never seen before."""

from __future__ import annotations

import hmac
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tillbridge.sides.signing import sign

WINDOW = 300.0
"""Seconds by which the sender's clock may differ from ours."""

NONCE_SECONDS = 2 * WINDOW + 60.0
"""A request dated `WINDOW` ahead can be repeated for twice that long, so its nonce is known longer than that; the
minute is for a wall clock that is being set right meanwhile, since this is counted by the steady one."""

_TIMESTAMP = re.compile(r"[0-9]{1,11}")
_NONCE = re.compile(r"[0-9a-f]{32}")
_SIGNATURE = re.compile(r"v1=[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Parts:
    """What of a request is signed, and the signature it carries. `target` as `signing.canonical` spells it."""

    timestamp: str
    nonce: str
    signature: str
    method: str
    target: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody is not let in: a stable code and a sentence, neither of which helps to guess a secret."""

    code: str
    message: str


UNSIGNED = Refusal("unsigned", "this address takes only signed requests; a signature header is missing")
GARBLED = Refusal("bad_signature_headers", "the signature headers are not in the form of version 1")
WRONG = Refusal("bad_signature", "the signature does not fit this request")
REPLAYED = Refusal("replayed", "this very request was received before; sign every request anew")


class Nonces:
    """The nonces of the last minutes' well-signed requests: what is in here is refused.

    Its size is bounded by the rate at which signed requests are let in, times the time a nonce is known: nothing that
    anybody without the secret sends ever gets here.
    """

    def __init__(self, known: Mapping[str, float], now: float) -> None:
        # Kept in the order of expiry (`claim` only ever adds a later one), so that forgetting looks at the front only.
        # The clock may have been set back since they were stored: none is kept longer than a fresh one.
        capped = {nonce: min(until, now + NONCE_SECONDS) for nonce, until in known.items()}
        self._until = dict(sorted(capped.items(), key=lambda item: item[1]))
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._until)

    def holds(self, nonce: str) -> bool:
        """Whether this nonce was used."""
        return nonce in self._until

    def claim(self, nonce: str, now: float) -> float | None:
        """Use a nonce up: until when it must be known (steady seconds), or None where another request was first."""
        with self._lock:
            self._forget(now)
            if nonce in self._until:
                return None
            until = now + NONCE_SECONDS
            self._until[nonce] = until
            return until

    def _forget(self, now: float) -> None:
        while self._until:
            oldest = next(iter(self._until))
            if self._until[oldest] > now:
                return
            del self._until[oldest]


def verify(secrets: Sequence[bytes], parts: Parts, nonces: Nonces, wall: float) -> bytes | Refusal:
    """The one of `secrets` with which the request is signed, where it is fresh and new; else why it is refused.

    Uses up no nonce: whoever goes on with the request claims it. Every secret is compared, whichever fits.
    """
    if not (parts.timestamp and parts.nonce and parts.signature):
        return UNSIGNED
    if not (
        _TIMESTAMP.fullmatch(parts.timestamp)
        and _NONCE.fullmatch(parts.nonce)
        and _SIGNATURE.fullmatch(parts.signature)
    ):
        return GARBLED
    ahead = int(parts.timestamp) - wall
    if abs(ahead) > WINDOW:
        way = "ahead of" if ahead > 0 else "behind"
        return Refusal("stale", f"the request is dated {abs(ahead):.0f} s {way} our clock, allowed are {WINDOW:.0f} s")
    given = parts.signature.encode()
    fitting: bytes | None = None
    for secret in secrets:
        made = sign(secret, parts.timestamp, parts.nonce, parts.method, parts.target, parts.body)
        fitting = secret if hmac.compare_digest(made.encode(), given) else fitting
    if fitting is None:
        return WRONG
    return REPLAYED if nonces.holds(parts.nonce) else fitting
