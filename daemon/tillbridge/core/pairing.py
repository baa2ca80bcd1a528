"""How a shop and a daemon get to know each other: the one-time code, what both prove with it, and what is agreed.

The code travels by a person's hand from the daemon's terminal to the shop. Only what is derived from it is ever stored
or sent: its key signs the two requests of the pairing, and the daemon's proofs in the answers, so that neither a
stranger on the daemon's port nor one before the shop learns anything.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tillbridge.errors import Malformed

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O and U, which people misread."""

LENGTH = 25
"""Characters of a code: 125 bits."""

_SITE = re.compile(r"[0-9A-Za-z._-]{1,64}")
_DOOR = re.compile(r"[0-9a-f]{32}")
_REST = re.compile(r"c[ks]_[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Code:
    """What the daemon remembers of a code that waits: its key, and until when it is good (wall seconds)."""

    key: str
    expires_at: float


@dataclass(frozen=True, slots=True)
class Paired:
    """What shop and daemon agreed on.

    `address` is what the shop calls itself (a copy elsewhere is told by it); `url` and `rest_prefix` are where its REST
    routes lie; `door` is the token of its public address for the POS's webhooks; `rest_key` and `rest_secret` open
    wc/v3. `previous_secret` is still accepted after a new pairing, for what is under way.
    """

    site: str
    secret: str
    address: str
    url: str
    rest_prefix: str
    door: str
    rest_key: str
    rest_secret: str
    paired_at: str
    previous_secret: str = ""

    def __repr__(self) -> str:
        return f"Paired({self.site!r}, {self.address!r})"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a shop brings to the pairing."""

    site: str
    address: str
    url: str
    rest_prefix: str
    door: str
    rest_key: str
    rest_secret: str

    def __repr__(self) -> str:
        return f"Proposal({self.site!r}, {self.address!r})"


def spell_code(number: int, listener: str) -> str:
    """`number` (125 random bits) as a person types it: five groups, and where the daemon listens."""
    characters = "".join(ALPHABET[(number >> (5 * place)) & 31] for place in range(LENGTH))
    groups = [characters[at : at + 5] for at in range(0, LENGTH, 5)]
    return f"{'-'.join(groups)}@{listener}"


def key_of(code: str) -> str:
    """The key of a code, however it was typed. Raises `Malformed` with what is wrong."""
    typed = code.partition("@")[0].upper()
    bare = re.sub(r"[\s-]", "", typed).translate(str.maketrans("OIL", "011"))
    if len(bare) != LENGTH or set(bare) - set(ALPHABET):
        raise Malformed(f"code: found {len(bare)} characters, allowed are the {LENGTH} that `tillbridge init` printed")
    return hashlib.sha256(f"tillbridge-pairing-v1:{bare}".encode()).hexdigest()


def hello_proof(key: str, nonce: str, site: str) -> str:
    """What only a daemon that knows the code can say to this shop's nonce."""
    return _proof(key, f"hello.{nonce}.{site}")


def secret_proof(key: str, site: str, secret: str) -> str:
    """That the secret in an answer comes from the daemon that knows the code."""
    return _proof(key, f"pair.{site}.{secret}")


def _proof(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def read_site(body: dict[str, Any]) -> str:
    """The shop's own id. Raises `Malformed`."""
    return _text(body, "site", _SITE, "1 to 64 letters, digits, dots, dashes or underscores")


def read_proposal(body: dict[str, Any]) -> Proposal:
    """What `POST /v1/pair` brings. Raises `Malformed`."""
    rest = body.get("rest")
    if not isinstance(rest, dict):
        raise Malformed("rest: found no object, allowed is {key, secret}")
    url, prefix = read_rest_url(body)
    return Proposal(
        site=read_site(body),
        address=read_address(body),
        url=url,
        rest_prefix=prefix,
        door=_text(body, "door", _DOOR, "32 hexadecimal digits"),
        rest_key=_text(rest, "key", _REST, "a REST key of WooCommerce"),
        rest_secret=_text(rest, "secret", _REST, "a REST secret of WooCommerce"),
    )


def read_address(body: dict[str, Any]) -> str:
    """The address by which the shop calls itself. Raises `Malformed`."""
    given = body.get("address")
    if not isinstance(given, str) or not _is_web(given):
        raise Malformed("address: found no address, allowed is the shop's own, such as https://shop.example")
    return given.rstrip("/")


def read_rest_url(body: dict[str, Any]) -> tuple[str, str]:
    """Where the shop's REST routes lie, as (url, prefix): `https://shop.example/wp-json/` is
    ("https://shop.example", "/wp-json"), `https://shop.example/index.php?rest_route=/` is ("https://shop.example",
    "/index.php?rest_route="). Raises `Malformed`."""
    given = body.get("rest_url")
    if not isinstance(given, str) or not _is_web(given):
        raise Malformed("rest_url: found no address, allowed is where the shop's REST routes lie")
    parts = urlsplit(given)
    origin = f"{parts.scheme}://{parts.netloc}"
    if parts.query:
        if not parts.query.startswith("rest_route="):
            raise Malformed("rest_url: found a query that is not rest_route, which we cannot use")
        return origin, f"{parts.path or '/'}?rest_route="
    return origin, parts.path.rstrip("/")


def agree(proposal: Proposal, secret: str, before: Paired | None, at: str) -> Paired:
    """The new agreement; the secret before it stays good where it is the same shop."""
    known = before is not None and before.site == proposal.site
    return Paired(
        site=proposal.site,
        secret=secret,
        address=proposal.address,
        url=proposal.url,
        rest_prefix=proposal.rest_prefix,
        door=proposal.door,
        rest_key=proposal.rest_key,
        rest_secret=proposal.rest_secret,
        paired_at=at,
        previous_secret=before.secret if before is not None and known else "",
    )


def same_place(one: str, other: str) -> bool:
    """Whether two addresses name the same shop: with or without TLS or a slash at the end, it is the same."""
    return _place(one) == _place(other)


def _place(address: str) -> str:
    try:
        parts = urlsplit(address if "//" in address else f"//{address}")
    except ValueError:
        return address
    return f"{parts.netloc.lower()}{parts.path.rstrip('/')}"


def encode(paired: Paired) -> str:
    """As it is kept in a file."""
    return json.dumps({name: getattr(paired, name) for name in Paired.__slots__}, indent=1)


def decode(text: str) -> Paired:
    """From the file. Raises `Malformed`; what is secret is never shown."""
    try:
        found = json.loads(text)
        return Paired(**{name: _kept(found, name) for name in Paired.__slots__})
    except (ValueError, TypeError, KeyError):
        raise Malformed("the file of the pairing cannot be read: pair again (`tillbridge init`)") from None


def _kept(found: dict[str, Any], name: str) -> str:
    value = found[name]
    if not isinstance(value, str):
        raise TypeError(name)
    return value


def _text(body: dict[str, Any], name: str, pattern: re.Pattern[str], allowed: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        raise Malformed(f"{name}: not as it must be, allowed: {allowed}")
    return value


def _is_web(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False
