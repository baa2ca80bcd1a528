"""How what a person writes in the settings becomes a value: durations, sizes, addresses, secrets, and what is allowed.

A `Kind` reads one text or raises `Unfit`; it never looks at another option, a file or the environment.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, NoReturn, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
BYTES = {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}


class Unfit(Exception):
    """The text is not allowed here. Its message is the reason, or empty where the allowed values say enough.

    `found` are the words for what is wrong where that is only a piece of the text; empty: the text as a whole.
    """

    def __init__(self, reason: str = "", found: str = "") -> None:
        super().__init__(reason)
        self.found = found


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """What an option may hold, in words a person reads, and how its text is read.

    A `secret` text is never shown, and stands in the settings only as `env:NAME` or `file:PATH`. One with `lines` may
    go on below its option, in lines that stand further in; they reach `read` joined by commas.
    """

    allowed: str
    read: Callable[[str], T]
    secret: bool = False
    lines: bool = False


class Secret:
    """A text that must not be seen: it shows itself only when asked to."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself. Call this only where it is used, never where it could be printed."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written out")


@dataclass(frozen=True, slots=True)
class TcpAddress:
    """A host and a port; port 0 asks the system for a free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class UnixAddress:
    """A socket in the file system, which only programs of this machine can reach."""

    path: Path

    def __str__(self) -> str:
        return f"unix:{self.path}"


def whole(low: int, high: int) -> Kind[int]:
    """A whole number from `low` to `high`."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,12}", text) or not low <= int(text) <= high:
            raise Unfit
        return int(text)

    return Kind(f"a whole number from {low} to {high}", read)


def duration(low: str, high: str) -> Kind[float]:
    """A length of time in seconds, written `5s`, `10m`, `2h` or `7d`, from `low` to `high`."""

    def read(text: str) -> float:
        seconds = _amount(text, SECONDS)
        if not _amount(low, SECONDS) <= seconds <= _amount(high, SECONDS):
            raise Unfit
        return seconds

    return Kind(f"a duration such as 5s, 10m, 2h or 7d, from {low} to {high}", read)


def size(low: str, high: str) -> Kind[int]:
    """A number of bytes, written `64KiB` or `1MiB`, from `low` to `high`."""

    def read(text: str) -> int:
        count = _amount(text, BYTES)
        if not _amount(low, BYTES) <= count <= _amount(high, BYTES):
            raise Unfit
        return int(count)

    return Kind(f"a size such as 64KiB or 1MiB, from {low} to {high}", read)


def choice(*words: str) -> Kind[str]:
    """One of `words`."""

    def read(text: str) -> str:
        if text not in words:
            raise Unfit
        return text

    return Kind(" or ".join(words), read)


def _amount(text: str, units: dict[str, int]) -> float:
    match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,6})?) ?([A-Za-z]+)", text)
    if not match or match[2] not in units:
        raise Unfit
    return float(match[1]) * units[match[2]]


def _switch(text: str) -> bool:
    if text not in ("yes", "no"):
        raise Unfit
    return text == "yes"


def _pattern(pattern: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise Unfit
        return text

    return read


def _words(text: str) -> tuple[str, ...]:
    words = [word.strip() for word in text.split(",")] if text else []
    if "" in words or len(set(words)) != len(words):
        raise Unfit("an empty or repeated entry")
    return tuple(words)


def _statuses(text: str) -> frozenset[str] | None:
    if text == "any":
        return None
    found = [word.strip() for word in text.split(",")]
    if found == [""]:
        raise Unfit("write any where every status will do")
    if "any" in found:
        raise Unfit("any stands alone: beside it, the other statuses say nothing")
    statuses = [word.removeprefix("wc-") for word in found]
    for word, status in zip(found, statuses, strict=True):
        # 20 characters is what WordPress keeps of a status.
        if not re.fullmatch(r"[a-z0-9_-]{1,20}", status):
            shown = "one of them" if "@" in word else repr(word)
            raise Unfit(f"{shown} is no status: they have small letters, digits and dashes, such as on-hold")
    if len(set(statuses)) != len(statuses):
        raise Unfit("a repeated entry")
    return frozenset(statuses)


def _folder(text: str) -> Path:
    path = Path(text)
    if not path.is_absolute() or not text.isprintable():
        raise Unfit
    return path


def _database(text: str) -> Path:
    scheme, colon, rest = text.partition("://")
    if colon and scheme in ("postgresql", "postgres", "mariadb", "mysql"):
        raise Unfit(f"{scheme} comes in a later version")
    if scheme != "sqlite" or not re.fullmatch(r"/[^?#\0]*[^/?#\0]", rest):
        raise Unfit
    return Path(rest)


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise Unfit from None
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or port == 0
        or not text.isprintable()
        or " " in text
    ):
        raise Unfit
    if "@" in parts.netloc:
        raise Unfit("a user name or password")
    if parts.query or parts.fragment:
        raise Unfit("something after ? or #")
    return text.rstrip("/")


def _tcp(text: str, lowest_port: int) -> TcpAddress:
    match = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+):([0-9]{1,5})", text)
    if not match or not lowest_port <= int(match[2]) <= 65535:
        raise Unfit
    host = match[1].strip("[]")
    if match[1].startswith("["):
        try:
            ipaddress.IPv6Address(host)
        except ValueError:
            raise Unfit from None
    return TcpAddress(host, int(match[2]))


def _listen(text: str) -> TcpAddress | UnixAddress:
    if not text.startswith("unix:"):
        return _tcp(text, lowest_port=0)
    # 107 bytes is what the system itself has room for.
    if not text.startswith("unix:/") or len(text.encode()) > len("unix:") + 107:
        raise Unfit
    return UnixAddress(Path(text.removeprefix("unix:")))


def is_loopback(address: TcpAddress | UnixAddress) -> bool:
    """Whether only this machine can connect. A name but `localhost` is not trusted to: it may resolve to anything."""
    if isinstance(address, UnixAddress) or address.host == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.host).is_loopback
    except ValueError:
        return False


def _secret(text: str) -> Secret:
    if not text:
        raise Unfit("it is empty")
    return Secret(text)


REFERENCE = "env:NAME (an environment variable) or file:PATH (a file of its own)"

YES_OR_NO = Kind("yes or no", _switch)
WORDS = Kind("names separated by commas, or nothing", _words)
WORD = Kind("one name, or nothing", _pattern(r"[^,\s]*"))
SITE = Kind("1 to 64 letters, digits, dots, dashes or underscores", _pattern(r"[0-9A-Za-z._-]{1,64}"))
STATUSES = Kind(
    "any, or order statuses separated by commas, as WooCommerce stores them (such as processing or on-hold)", _statuses
)
FOLDER = Kind("a folder's full path, beginning with /", _folder)
OPTIONAL_FOLDER: Kind[Path | None] = Kind(
    f"{FOLDER.allowed}, or nothing", lambda text: _folder(text) if text else None
)
OPTIONAL_SITE = Kind(f"{SITE.allowed}, or nothing", lambda text: SITE.read(text) if text else "")
DATABASE = Kind("sqlite:// and a file's full path, such as sqlite:///var/lib/tillbridge/tillbridge.sqlite3", _database)
URL = Kind("an address such as https://shop.example, without user name, ? or #", _url)
OPTIONAL_URL = Kind(f"{URL.allowed}, or nothing", lambda text: _url(text) if text else "")
REST_PREFIX = Kind(
    "a path such as /wp-json, or /?rest_route=",
    _pattern(r"/[0-9A-Za-z._~/-]*[0-9A-Za-z_~-]|/?(?:[\w.-]+)?\?rest_route="),
)
CONNECT_TO: Kind[TcpAddress | None] = Kind(
    "host:port such as 127.0.0.1:443, or nothing", lambda text: _tcp(text, lowest_port=1) if text else None
)
LISTEN = Kind("host:port such as 127.0.0.1:8642 (port 0 = any free one), or unix:/full/path", _listen)
SECRET = Kind(REFERENCE, _secret, secret=True)
OPTIONAL_SECRET: Kind[Secret | None] = Kind(
    f"{REFERENCE}, or nothing", lambda text: Secret(text) if text else None, secret=True
)
