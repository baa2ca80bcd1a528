"""Who may use the make-believe shop's wc/v3: WooCommerce's REST keys, over https by Basic, over http by OAuth 1.0a."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, unquote

from tillbridge.sandbox.rest import PREFIX, Call, RestError

WINDOW = 15 * 60
OAUTH = ("oauth_timestamp", "oauth_nonce", "oauth_signature", "oauth_signature_method")


@dataclass(frozen=True, slots=True)
class Keys:
    """A REST key as WooCommerce's settings page makes one, with permission to read and write."""

    key: str
    secret: str


class Gate:
    """Checks a REST key the way WooCommerce does, with its answers."""

    def __init__(self, keys: Keys | None, home: str, clock: Callable[[], datetime]) -> None:
        self._keys = keys
        self._home = home.rstrip("/")
        self._clock = clock
        self._seen: dict[str, float] = {}

    def check(self, call: Call) -> None:
        """Raises `RestError` 401."""
        https = self._home.startswith("https:") or call.headers.get("x-forwarded-proto") == "https"
        oauth = dict(call.query)
        if https:
            key, secret = self._basic(call)
            self._known(key)
            if not hmac.compare_digest((self._keys or Keys("", "")).secret.encode(), secret.encode()):
                raise _wrong("Consumer secret is invalid.")
        elif "oauth_consumer_key" in oauth:
            self._known(oauth["oauth_consumer_key"])
            self._check_oauth(call, oauth)
        else:
            raise _nobody()

    def _known(self, key: str) -> None:
        if self._keys is None or not hmac.compare_digest(self._keys.key.encode(), key.encode()):
            raise _nobody()

    def _basic(self, call: Call) -> tuple[str, str]:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                key, _, secret = base64.b64decode(token, validate=True).decode().partition(":")
            except ValueError:
                raise _nobody() from None
            return key, secret
        return call.text("consumer_key"), call.text("consumer_secret")

    def _check_oauth(self, call: Call, oauth: dict[str, str]) -> None:
        missing = [name for name in OAUTH if name not in oauth]
        if missing:
            raise _wrong("Missing OAuth parameters " + ", ".join(missing))
        given = oauth.pop("oauth_signature")
        if not call.path.startswith(PREFIX):
            oauth["rest_route"] = call.route  # Plain permalinks: the route is a part of the query, and signed with it.
        digest = {"HMAC-SHA1": "sha1", "HMAC-SHA256": "sha256"}.get(oauth["oauth_signature_method"])
        if digest is None:
            raise _wrong("Invalid signature - signature method is invalid.")
        if not hmac.compare_digest(self._oauth_signature(call, oauth, digest), given.encode()):
            raise _wrong("Invalid signature - provided signature does not match.")
        self._fresh(oauth["oauth_timestamp"], oauth["oauth_nonce"])

    def _oauth_signature(self, call: Call, oauth: dict[str, str], digest: str) -> bytes:
        pairs = sorted((_twice(name), _twice(value)) for name, value in oauth.items())
        text = "&".join([
            call.method,
            quote(self._home + call.path, safe=""),
            "%26".join(f"{name}%3D{value}" for name, value in pairs),
        ])
        secret = (self._keys.secret if self._keys else "") + "&"
        return base64.b64encode(hmac.new(secret.encode(), text.encode(), digest).digest())

    def _fresh(self, timestamp: str, nonce: str) -> None:
        now = self._clock().timestamp()
        if not (timestamp.isascii() and timestamp.isdigit()) or abs(now - int(timestamp)) > WINDOW:
            raise _wrong("Invalid timestamp.")
        self._seen = {old: when for old, when in self._seen.items() if when > now - WINDOW}
        if nonce in self._seen:
            raise _wrong("Invalid nonce - nonce has already been used.")
        self._seen[nonce] = now


def _twice(text: str) -> str:
    return quote(quote(unquote(text), safe=""), safe="")


def _nobody() -> RestError:
    """An unknown key is nobody, and nobody may look."""
    return RestError(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")


def _wrong(message: str) -> RestError:
    return RestError(401, "woocommerce_rest_authentication_error", message)
