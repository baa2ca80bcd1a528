"""Levels that WooCommerce's own lists show otherwise than it counts are told, and nothing else comes of it."""

from __future__ import annotations

import logging

import pytest

from tests.sides.test_woocommerce_reading import level_row
from tests.sides.woocommerce_wire import Wire, answers
from tillbridge.sides.woocommerce import lookups


@pytest.fixture
def wire() -> Wire:
    return Wire()


def test_a_count_tells_once_which_levels_the_lookup_table_has_otherwise(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    rows = [level_row(level="3", lookup="5"), level_row(product_id=8, sku="", level="4", lookup=None)]
    wire.trouble = answers(200, {"levels": rows, "next": None})
    assert len(list(wire.side.levels())) == 2
    list(wire.side.levels())
    (record,) = caplog.records
    said = record.getMessage()
    assert said.startswith("2 products have another level in WooCommerce's lookup table than in stock: ")
    assert "A (3, there 5), 8 (4, there none)" in said
    assert "Regenerate the product lookup tables" in said


def test_of_many_the_first_are_named_and_all_are_counted() -> None:
    rows = [{"product_id": number, "sku": "", "level": "1", "lookup": "2"} for number in range(100)]
    said = lookups.words(rows)
    assert said.startswith("100 products have")
    assert said.count("(1, there 2)") == lookups.NAMED
    assert " and 80 more. " in said


@pytest.mark.parametrize("row", [{}, {"lookup": 5}, {"lookup": ["5"]}])
def test_what_is_not_said_or_cannot_be_read_is_no_difference(row: dict[str, object]) -> None:
    assert not lookups.differs(row)
