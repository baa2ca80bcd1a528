"""What came in by the shop's public address is the till's only where the till signed just that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tillbridge.core.events import Hinted
from tillbridge.core.stock import SideName
from tillbridge.sides.http import Answer
from tillbridge.sides.till.side import TillSide
from tillbridge.till.webhook import Webhook, signed

PRETTY = "https://shop.example/wp-json/wc-tillbridge/v1/pos/" + "d" * 32
PLAIN = "https://shop.example/index.php?rest_route=/wc-tillbridge/v1/pos/" + "d" * 32
BODY = b'{"cursor": "7"}'


def never(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
    raise AssertionError("telling a hint needs no request")


def side() -> TillSide:
    return TillSide(never, "token", lambda: datetime(2026, 11, 28, tzinfo=UTC))


def hint(url: str, secret: str = "s3cret") -> Hinted:
    """As the till sends it and the shop passes it on."""
    headers = signed(Webhook(url, secret), BODY, datetime(2026, 11, 1, tzinfo=UTC), "0" * 32)
    return Hinted(SideName.STORE, "w1", "POST", "", {name.lower(): text for name, text in headers.items()}, BODY)


@pytest.mark.parametrize("url", [PRETTY, PLAIN])
def test_the_tills_own_is_known_by_its_signature_whatever_its_age(url: str) -> None:
    assert side().is_hint(hint(url), url, "s3cret")


def test_anything_that_was_changed_is_a_strangers() -> None:
    genuine = hint(PRETTY)
    assert not side().is_hint(hint(PRETTY, "another"), PRETTY, "s3cret")
    assert not side().is_hint(replace(genuine, body=b"{}"), PRETTY, "s3cret")
    assert not side().is_hint(replace(genuine, method="GET"), PRETTY, "s3cret")
    assert not side().is_hint(genuine, PLAIN, "s3cret")
    assert not side().is_hint(replace(genuine, headers={}), PRETTY, "s3cret")
    assert not side().is_hint(replace(genuine, headers={"x-tillbridge-signature": "ü"}), PRETTY, "s3cret")
