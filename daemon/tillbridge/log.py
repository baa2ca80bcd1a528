"""What the daemon tells while it runs: one line per event, which shows no secret and which no stranger can forge.

Everything passes one formatter, also what libraries log, tracebacks and crashes. It hides last, when the text is
complete, so that a secret is found wherever it came from: message, argument, exception or quoted source line.
"""

from __future__ import annotations

import base64
import contextlib
import html
import json
import logging
import re
import sys
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import TextIO
from urllib.parse import quote, quote_plus

HIDDEN = "[secret]"

# Header and parameter values that are credentials whoever they belong to. The value ends where its quotes, its line or
# its parameter end; a scheme word (Bearer, Basic …) stays readable.
_HEADERS = re.compile(
    r"""(?ix)
    \b( (?:proxy-)?authorization | x-tillbridge-signature | x-wc-webhook-signature | cookie | set-cookie )
    ( ["']? \s* [:=] \s* (?:b?["'])? | ["'] \s* , \s* b?["'] )
    ( (?:bearer|basic|digest|oauth) \s+ )?
    [^"'\r\n]+
    """
)
_BEARER = re.compile(r"(?i)\b(bearer|basic)(\s+)[0-9a-z._~+/=-]{8,}")
_PARAMETERS = re.compile(r"""(?i)\b(consumer_key|consumer_secret|oauth_signature)(=["']?|%3d)[^&\s"',]+""")


class Redactor:
    """Replaces registered secrets, in every spelling in which they usually travel, by `[secret]`."""

    def __init__(self, secrets: Iterable[str]) -> None:
        # Longest first, so that a spelling that contains a shorter one goes as a whole.
        spellings = sorted({spelling for secret in secrets for spelling in _spellings(secret)}, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, spellings))) if spellings else None

    def __call__(self, text: str) -> str:
        if self._pattern is not None:
            text = self._pattern.sub(HIDDEN, text)
        text = _HEADERS.sub(lambda found: f"{found[1]}{found[2]}{found[3] or ''}{HIDDEN}", text)
        text = _BEARER.sub(rf"\1\2{HIDDEN}", text)
        return _PARAMETERS.sub(rf"\1\2{HIDDEN}", text)


class TextFormatter(logging.Formatter):
    """Lines for people: time in UTC, level, who, what. A traceback follows, no line of which can pass for a record."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        said = printable(self._redact(f"{record.name}: {record.getMessage()}"))
        trace = self._redact(_trace(self, record)).splitlines()
        return "\n".join(
            [f"{_moment(record)} {record.levelname:<7} {said}", *(f"    | {printable(line)}" for line in trace)]
        )


class JsonFormatter(logging.Formatter):
    """One JSON object a line, for a log collector."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": _moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "thread": record.threadName or "",
            "message": record.getMessage(),
            "trace": _trace(self, record),
        }
        return json.dumps({name: self._redact(text) for name, text in line.items() if text})


class _Handler(logging.StreamHandler[TextIO]):
    """Writes to the stream, and keeps logging's own complaint quiet: it would print the raw arguments."""

    def handleError(self, record: logging.LogRecord) -> None:
        reason = type(sys.exc_info()[1]).__name__
        complaint = f"{_moment(record)} ERROR   {__name__}: a line of {record.name} could not be written ({reason})\n"
        # Where even that fails nobody reads any more, and the work goes on.
        with contextlib.suppress(OSError, ValueError):
            self.stream.write(complaint)


CHATTY = ("apscheduler", "peewee", "urllib3", "waitress")
"""Libraries that tell of every job, every statement with its values, every odd header and full queue."""


def configure(level: str, format: str, secrets: Iterable[str], stream: TextIO | None = None) -> None:
    """Send everything that this process logs, warns and dies of through the one formatter, to `stream` (stderr).

    `level` is debug, info, warning or error; `format` text or json. Calling it again replaces what was set before.
    """
    redact = Redactor(secrets)
    handler = _Handler(stream if stream is not None else sys.stderr)
    handler.setFormatter(JsonFormatter(redact) if format == "json" else TextFormatter(redact))
    root = logging.getLogger()
    for old in [old for old in root.handlers if isinstance(old, _Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.ERROR)
    root.setLevel(level.upper())
    logging.captureWarnings(capture=True)
    sys.excepthook = _on_crash
    threading.excepthook = _on_thread_crash


def _on_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Python's own last words would show an exception with everything in it."""
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("tillbridge").critical("Stopped by an error that nobody caught", exc_info=(kind, error, trace))


def _on_thread_crash(crash: threading.ExceptHookArgs) -> None:
    if crash.exc_value is None or issubclass(crash.exc_type, SystemExit):
        return
    logging.getLogger("tillbridge").critical(
        "A thread was ended by an error that nobody caught: %s",
        crash.thread.name if crash.thread else "unknown",
        exc_info=(crash.exc_type, crash.exc_value, crash.exc_traceback),
    )


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    parts = []
    if record.exc_info:
        parts.append(formatter.formatException(record.exc_info))
    if record.stack_info:
        parts.append(formatter.formatStack(record.stack_info))
    return "\n".join(parts)


def printable(text: str) -> str:
    """The text on one line: what could end a line, move the cursor or turn the reading direction is spelled out."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _spellings(secret: str) -> Iterator[str]:
    """How a secret looks after the quoting that it usually meets on its way into a message."""
    if not secret:
        return
    yield secret
    raw = secret.encode("utf-8", "surrogatepass")
    for quoted in (quote(raw), quote(raw, safe=""), quote_plus(raw)):
        yield quoted
        yield re.sub("%[0-9A-F]{2}", lambda escape: escape[0].lower(), quoted)
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield repr(secret)[1:-1]
    yield repr(raw)[2:-1]
    yield html.escape(secret)
    yield raw.hex()
    yield raw.hex().upper()
    yield from _base64_spellings(raw)


def _base64_spellings(raw: bytes) -> Iterator[str]:
    """Base64 of the secret alone and inside something longer, as in `user:secret`: three positions, three spellings."""
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + raw).decode()
        # Only the characters that are made of the secret's bits alone are the same whatever stands around it.
        sure = encoded[-(-shift * 8 // 6) : (shift + len(raw)) * 8 // 6]
        for spelling in (sure, encoded if shift == 0 else sure):
            if len(spelling) >= 6:
                yield spelling
                yield spelling.translate(str.maketrans("+/", "-_"))
