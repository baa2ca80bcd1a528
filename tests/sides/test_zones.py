"""Time zones as WordPress names them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tillbridge.sides.woocommerce.zones import zone_of


@pytest.mark.parametrize(
    ("name", "hours"), [("Europe/Berlin", 1), ("+05:30", 5.5), ("-03:00", -3), ("+00:00", 0), ("UTC", 0)]
)
def test_a_zone_is_known_by_its_name_or_its_offset(name: str, hours: float) -> None:
    zone = zone_of(name)
    assert zone is not None
    assert datetime(2026, 1, 1, tzinfo=UTC).astimezone(zone).utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "+99:00", "../etc/passwd", None, 5])
def test_anything_else_is_no_zone(name: object) -> None:
    assert zone_of(name) is None
