"""Taking apart what the shop pushes."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web.doubles import SITE, MemoryMailbox, event, full_disk, push
from tillbridge.errors import Malformed, StorageTrouble
from tillbridge.intake import Intake, TooManyEvents, WrongSite, read_object


def receive(body: bytes, mailbox: MemoryMailbox | None = None, most: int = 1000) -> list[str]:
    return Intake(mailbox or MemoryMailbox(), SITE, most).receive(body, "ab", 1.0)


def test_every_event_is_stored_under_its_own_id_before_it_is_acknowledged() -> None:
    mailbox = MemoryMailbox()
    assert receive(push(event("a1"), event("b2")), mailbox) == ["a1", "b2"]
    assert [(one.key, one.kind) for one in mailbox.told.values()] == [("store:a1", "store.1"), ("store:b2", "store.1")]
    assert json.loads(mailbox.told["store:a1"].body) == event("a1")
    assert mailbox.known == {"ab": 1.0}


def test_an_event_that_comes_twice_in_one_push_is_stored_and_acknowledged_once() -> None:
    mailbox = MemoryMailbox()
    assert receive(push(event("a1"), event("a1", n=2)), mailbox) == ["a1"]
    assert json.loads(mailbox.told["store:a1"].body)["n"] == 1


def test_a_push_without_events_is_acknowledged_with_nothing() -> None:
    assert receive(push()) == []


def test_an_unknown_topic_and_odd_data_are_stored_as_they_came() -> None:
    mailbox = MemoryMailbox()
    odd = {"id": "a1", "topic": "no.such", "data": [None, 1e-7, "\ud800\u0000ü", {"": -0.0}], "more": True}
    receive(push(odd), mailbox)
    body = mailbox.told["store:a1"].body
    assert body.isascii()
    assert json.loads(body) == odd


def test_events_of_another_site_are_refused_and_not_stored() -> None:
    mailbox = MemoryMailbox()
    with pytest.raises(WrongSite):
        receive(push(event(), site="another"), mailbox)
    assert not mailbox.told


def test_more_events_than_allowed_are_refused_with_the_number() -> None:
    with pytest.raises(TooManyEvents, match="found 3, allowed are at most 2"):
        receive(push(event("a"), event("b"), event("c")), most=2)


def test_nothing_is_acknowledged_when_the_disk_refuses() -> None:
    mailbox = MemoryMailbox()
    mailbox.trouble = full_disk()
    with pytest.raises(StorageTrouble):
        receive(push(event()), mailbox)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"[]", "allowed is a JSON object"),
        (b"null", "found nothing"),
        (b"\xff{}", "not UTF-8"),
        ("{}".encode("utf-16"), "not UTF-8"),
        (b'\xef\xbb\xbf{"site":"6f1c"}', "not JSON"),
        (b'{"site":"6f1c","events":[],"n":NaN}', "NaN is not JSON"),
        (b'{"site":"6f1c","events":[],"n":-Infinity}', "-Infinity is not JSON"),
        (b'{"site":"6f1c","n":' + b"9" * 5000 + b"}", "a number that cannot be used"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"site":' + b'{"a":' * 20_000, "nested too deeply"),
        (b"{}", "site: found nothing"),
        (b'{"site":5}', "site: found 5"),
        (push().replace(b"[]", b"{}"), "events: found an object"),
        (push().replace(b"[]", b"null"), "events: found nothing"),
        (push("text"), r"events\[0\]: found 'text'"),
        (push(event("a"), {"topic": "x"}), r"events\[1\].id: found nothing"),
        (push(event("")), "1 to 64 characters"),
        (push(event("x" * 65)), "1 to 64 characters"),
        (push(event("a\n")), "1 to 64 characters"),
        (push(event("ä")), "1 to 64 characters"),
        (push(event("a")).replace(b'"-2"', b"1e999"), "beyond the range"),
        (b'{"site":"6f1c","events":[{"id":true}]}', "found true"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(body: bytes, found: str) -> None:
    with pytest.raises(Malformed, match=found):
        receive(body)


def test_a_refusal_never_repeats_more_than_a_little_of_what_was_sent() -> None:
    with pytest.raises(Malformed) as refused:
        receive(push(event("x" * 5000)))
    assert len(str(refused.value)) < 200


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_reading_any_bytes_gives_an_object_or_a_refusal(body: bytes) -> None:
    found: object = {}
    with suppress(Malformed):
        found = read_object(body)
    assert isinstance(found, dict)


def _json() -> st.SearchStrategy[object]:
    leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10)
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    )


@given(st.fixed_dictionaries({"site": st.just(SITE) | _json(), "events": st.lists(_json(), max_size=4) | _json()}))
def test_any_json_is_stored_whole_or_refused(value: dict[str, object]) -> None:
    mailbox = MemoryMailbox()
    try:
        acked = receive(json.dumps(value).encode(), mailbox)
    except Malformed:
        assert not mailbox.told
    else:
        assert [f"store:{name}" for name in acked] == list(mailbox.told)


def test_a_push_that_says_that_older_rows_wait_wakes_the_pull() -> None:
    asked: list[bool] = []
    intake = Intake(MemoryMailbox(), SITE, behind=lambda: asked.append(True))
    for said, wanted in ((False, 0), ("yes", 0), (None, 0), (True, 1)):
        intake.open(json.dumps({"site": SITE, "events": [], "behind": said}).encode())
        assert len(asked) == wanted
