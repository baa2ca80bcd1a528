"""The log: one line per event, without secrets, which no stranger can forge."""

from __future__ import annotations

import base64
import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillbridge import log
from tillbridge.log import HIDDEN, Redactor

SECRET = 'pä$s/w+rd & "more" <b>'


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """A stream to configure the log with; the process's own logging is as before afterwards."""
    root = logging.getLogger()
    level, hook, thread_hook = root.level, sys.excepthook, threading.excepthook
    yield io.StringIO()
    logging.captureWarnings(capture=False)
    root.handlers.clear()
    root.level, sys.excepthook, threading.excepthook = level, hook, thread_hook


def configure(level: str, form: str, secrets: list[str], stream: io.StringIO) -> None:
    """As a daemon does it, in which pytest's own handlers do not stand beside ours."""
    logging.getLogger().handlers.clear()
    log.configure(level, form, secrets, stream)


def test_a_line_says_when_how_bad_who_and_what(stream: io.StringIO) -> None:
    configure("info", "text", [], stream)
    record = logging.makeLogRecord(
        {
            "name": "tillbridge.work",
            "levelname": "INFO",
            "levelno": 20,
            "msg": "%s sold",
            "args": ("CUP",),
            "created": 0.25,
        }
    )
    logging.getLogger().handle(record)
    assert stream.getvalue() == "1970-01-01T00:00:00.250Z INFO    tillbridge.work: CUP sold\n"


def test_json_is_one_object_a_line(stream: io.StringIO) -> None:
    configure("info", "json", ["hunter2"], stream)
    try:
        raise ValueError("hunter2\nsecond line")
    except ValueError:
        logging.getLogger("tillbridge").exception("failed with %s", "hunter2")
    line = json.loads(stream.getvalue())
    assert stream.getvalue().count("\n") == 1
    assert line["level"] == "error"
    assert line["logger"] == "tillbridge"
    assert line["message"] == f"failed with {HIDDEN}"
    assert f"ValueError: {HIDDEN}\nsecond line" in line["trace"]


def test_what_is_below_the_level_is_not_told(stream: io.StringIO) -> None:
    configure("warning", "text", [], stream)
    logging.getLogger("tillbridge").info("quiet")
    assert stream.getvalue() == ""


def test_configuring_again_replaces_what_was_set_before(stream: io.StringIO) -> None:
    configure("info", "text", [], io.StringIO())
    log.configure("info", "text", [], stream)
    logging.getLogger("tillbridge").info("once")
    assert stream.getvalue().count("once") == 1


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_secret_is_hidden_wherever_it_comes_from(stream: io.StringIO, form: str) -> None:
    configure("debug", form, [SECRET, "hunter2"], stream)
    logger = logging.getLogger("any.library")
    logger.info("in the message hunter2")
    logger.info("in an argument %s and %r", SECRET, {"key": [SECRET]})
    logger.info("as JSON %s", json.dumps({"key": SECRET}))
    try:
        raise RuntimeError("hunter2") from ValueError(SECRET)
    except RuntimeError:
        logger.exception("in a chain")
    logger.info("with its stack hunter2", stack_info=True)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("hunter2 in a warning", stacklevel=1)
    thread = threading.Thread(target=lambda: int("hunter2"), name="hunter2-thread")
    thread.start()
    thread.join()
    try:
        raise KeyError("hunter2")
    except KeyError as error:
        sys.excepthook(KeyError, error, error.__traceback__)
    told = stream.getvalue()
    assert told.count(HIDDEN) >= 8
    assert "in a warning" in told
    assert "A thread was ended by an error" in told
    assert "Stopped by an error" in told
    for part in ("hunter2", "w+rd", "pä$s"):
        assert part not in told


@given(st.text(min_size=8, max_size=40), st.binary(max_size=7), st.binary(max_size=7))
def test_every_usual_spelling_of_a_secret_is_hidden(secret: str, before: bytes, after: bytes) -> None:
    redact = Redactor([secret])
    raw = secret.encode()
    for spelling in (
        secret,
        quote(secret),
        quote(secret, safe=""),
        json.dumps(secret)[1:-1],
        repr(secret)[1:-1],
        raw.hex(),
        base64.b64encode(raw).decode(),
    ):
        assert spelling == HIDDEN or spelling not in redact(f"a {spelling} z")
    inside = base64.urlsafe_b64encode(before + raw + after).decode()
    assert HIDDEN in redact(inside)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Authorization: Bearer abc.def", "Authorization: Bearer [secret]"),
        ("authorization=Basic Y2s6Y3M=", "authorization=Basic [secret]"),
        ("{'Authorization': 'Bearer abc', 'Host': 'x'}", "{'Authorization': 'Bearer [secret]', 'Host': 'x'}"),
        ("[('Authorization', 'Bearer abc')]", "[('Authorization', 'Bearer [secret]')]"),
        ("b'Authorization': b'Bearer abc'", "b'Authorization': b'Bearer [secret]'"),
        ("X-Tillbridge-Signature: v1=00ff", "X-Tillbridge-Signature: [secret]"),
        ('{"x-tillbridge-signature": "v1=00ff"}', '{"x-tillbridge-signature": "[secret]"}'),
        ("sent Bearer abcdefghij to the till", "sent Bearer [secret] to the till"),
        (
            "GET /x?consumer_key=ck_1&consumer_secret=cs_1&page=2",
            "GET /x?consumer_key=[secret]&consumer_secret=[secret]&page=2",
        ),
        ('OAuth oauth_signature="a%2Bb", page', 'OAuth oauth_signature="[secret]", page'),
        ("the authorization, it seems, failed", "the authorization, it seems, failed"),
    ],
)
def test_credentials_in_headers_and_parameters_are_hidden_though_nobody_registered_them(line: str, shown: str) -> None:
    assert Redactor([])(line) == shown


def test_a_secret_within_a_longer_one_leaves_no_rest() -> None:
    assert Redactor(["abc", "abcdef"])("abcdef abc") == f"{HIDDEN} {HIDDEN}"


def test_an_empty_secret_hides_nothing() -> None:
    assert Redactor([""])("plain") == "plain"


def test_a_stranger_cannot_forge_a_line(stream: io.StringIO) -> None:
    forged = "1970-01-01T00:00:00.000Z INFO    tillbridge: all is well"
    configure("info", "text", [], stream)
    logger = logging.getLogger("tillbridge")
    logger.info("sku %s", f"A\r\n{forged}\x1b[2J\u2028{forged}\u202e\ud800")
    try:
        raise ValueError(f"bad\n{forged}\x85{forged}")
    except ValueError:
        logger.exception("refused")
    lines = stream.getvalue().splitlines()
    assert not [line for line in lines if line.startswith("1970")]
    assert lines[0].endswith(f"\\r\\n{forged}\\x1b[2J\\u2028{forged}\\u202e\\ud800")
    assert [line for line in lines if line.startswith(f"    | {forged}")]


def test_a_line_that_cannot_be_made_is_reported_without_its_arguments(
    stream: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    configure("info", "text", [], stream)
    logging.getLogger("tillbridge").info("%d pieces", "hunter2")
    assert "a line of tillbridge could not be written (TypeError)" in stream.getvalue()
    assert "hunter2" not in stream.getvalue() + "".join(capsys.readouterr())


def test_a_closed_stream_stops_nobody(stream: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    configure("info", "text", [], stream)
    stream.close()
    logging.getLogger("tillbridge").info("into the void")
    assert "".join(capsys.readouterr()) == ""
