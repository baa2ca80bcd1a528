"""Nobody gets past the door unless the route is open to them; a route that says nothing is for the paired shop only."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from flask import Response, g, request

from tillbridge.ports import Clock
from tillbridge.sides import signing
from tillbridge.web.answers import Problem, respond, too_fast
from tillbridge.web.keys import Keys
from tillbridge.web.limits import Bucket, Limits
from tillbridge.web.signature import REPLAYED, WRONG, Nonces, Parts, Refusal, verify

OPEN = "healthz"
BEARER = "metrics"
TILL = "hint"
PAIR = "pair"
STORE = "store"
"""The endpoints with a door of their own. Every other, named or not yet written, takes the shop's signature."""

_QUERY_PAIRS = 64
_TIMESTAMP, _NONCE, _SIGNATURE = (
    "HTTP_" + name.upper().replace("-", "_") for name in (signing.TIMESTAMP, signing.NONCE, signing.SIGNATURE)
)
_NO_PAIRING = Problem(404, "no_pairing", "no code waits here, or it has run out: `tillbridge init` prints a new one")
_NO_TOKEN = Refusal("no_token", "this address takes only requests with the monitoring's bearer token")


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that was let in: its nonce is used up, and must be known until `nonce_until` (steady seconds). It was
    signed with `secret`, and so is its answer."""

    nonce: str
    nonce_until: float
    secret: bytes = field(repr=False)

    def prove(self, status: int, body: bytes) -> tuple[str, str]:
        """The header by which the sender knows that it is us who answer."""
        return signing.PROOF, signing.prove(self.secret, self.nonce, status, body)


class Guard:
    """Decides about every request before anything else looks at it.

    Signed and refused requests have a rate each, so that a flood of bad requests cannot use up the shop's.
    """

    def __init__(self, keys: Keys, limits: Limits, nonces: Nonces, clock: Clock) -> None:
        self._keys = keys
        self._nonces = nonces
        self._clock = clock
        # A rate for each door: who has the till's secret must not use up the shop's.
        self._rates = {
            door: Bucket(limits.signed, limits.signed * limits.burst, clock.now) for door in (STORE, TILL, BEARER, PAIR)
        }
        self._refused = Bucket(limits.refused, limits.refused * limits.burst, clock.now)
        self._checks: dict[str, Callable[[], Problem | None]] = {
            OPEN: lambda: None,
            BEARER: self._bearer,
            TILL: lambda: self._signature(keys.pos, TILL),
            f"{PAIR}.hello": self._pairing,
            f"{PAIR}.agree": self._pairing,
        }

    def before_request(self) -> Response | None:
        """For Flask: an answer in place of the view's where the request must not go on."""
        rule = request.url_rule
        if rule is None:
            return None  # Flask is about to say 404 or 405.
        check = self._checks.get(rule.endpoint)
        problem = check() if check else self._signature(self._keys.store, STORE)
        return respond(problem) if problem else None

    def after_request(self, response: Response) -> Response:
        """For Flask: prove the answer to a signed request."""
        admitted: Admitted | None = g.get("admitted")
        if admitted is not None:
            name, value = admitted.prove(response.status_code, response.get_data())
            response.headers[name] = value
        return response

    def admit_store(self, environ: Mapping[str, Any], body: bytes) -> Admitted | Problem:
        """Let a request of the shop in, or say why not."""
        return self._admit(self._keys.store, STORE, environ, body)

    def _signature(self, secrets: tuple[bytes, ...], door: str) -> Problem | None:
        admitted = self._admit(secrets, door, request.environ, request.get_data())
        if isinstance(admitted, Problem):
            return admitted
        g.admitted = admitted
        return None

    def _admit(
        self, secrets: tuple[bytes, ...], door: str, environ: Mapping[str, Any], body: bytes
    ) -> Admitted | Problem:
        parts = _parts(environ, body)
        if parts is None:
            return self._refuse(WRONG, "Tillbridge-v1")
        secret = verify(secrets, parts, self._nonces, self._clock.wall().timestamp())
        if isinstance(secret, Refusal):
            return self._refuse(secret, "Tillbridge-v1")
        wait = self._rates[door].take()
        if wait:
            return too_fast(wait)
        until = self._nonces.claim(parts.nonce, self._clock.now())
        if until is None:
            return self._refuse(REPLAYED, "Tillbridge-v1")
        return Admitted(parts.nonce, until, secret)

    def _pairing(self) -> Problem | None:
        """Signed with the key of the code that waits; who only finds out that none does learns nothing."""
        key = self._keys.pairing()
        if key is None:
            wait = self._refused.take()
            return too_fast(wait) if wait else _NO_PAIRING
        return self._signature((key,), PAIR)

    def _bearer(self) -> Problem | None:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        fits = hmac.compare_digest(given.strip().encode(), self._keys.metrics)
        if not (self._keys.metrics and scheme.lower() == "bearer" and fits):
            return self._refuse(_NO_TOKEN, "Bearer")
        wait = self._rates[BEARER].take()
        return too_fast(wait) if wait else None

    def _refuse(self, refused: Refusal, scheme: str) -> Problem:
        wait = self._refused.take()
        return too_fast(wait) if wait else Problem(401, refused.code, refused.message, ("WWW-Authenticate", scheme))


def _parts(environ: Mapping[str, Any], body: bytes) -> Parts | None:
    """What of a request is signed; None where its query is not one that anybody would sign."""
    target: str = environ["PATH_INFO"]
    if environ.get("QUERY_STRING"):
        try:
            query = parse_qsl(environ["QUERY_STRING"], keep_blank_values=True, max_num_fields=_QUERY_PAIRS)
        except ValueError:
            return None
        target = signing.canonical(target, query)
    return Parts(
        environ.get(_TIMESTAMP, ""),
        environ.get(_NONCE, ""),
        environ.get(_SIGNATURE, ""),
        environ["REQUEST_METHOD"],
        target,
        body,
    )
