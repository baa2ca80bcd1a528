"""A list in every format: whole, safe on a terminal, and with unknown shown as such."""

from __future__ import annotations

import csv
import io
import json

import pytest
import yaml

from tillbridge.cli.listing import FORMATS, WIDEST, Row, show

ROWS: list[Row] = [
    {"sku": "CUP", "level": "7", "note": ""},
    {"sku": 'a,"b"\n\x1b[2J', "level": None, "note": "ü\u202e"},
]
COLUMNS = ("sku", "level", "note")


def shown(capsys: pytest.CaptureFixture[str], form: str, rows: list[Row] | None = None) -> str:
    found = ROWS if rows is None else rows
    show(form, {"rows": found, "total": len(found)}, found, COLUMNS)
    return capsys.readouterr().out


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_in_a_list_steers_the_terminal(capsys: pytest.CaptureFixture[str], form: str) -> None:
    assert all(line.isprintable() for line in shown(capsys, form).split("\n"))


def test_json_and_yaml_hold_the_whole_answer_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    whole = {"rows": ROWS, "total": 2}
    assert json.loads(shown(capsys, "json")) == whole
    assert yaml.safe_load(shown(capsys, "yaml")) == whole


def test_csv_is_read_back_by_a_csv_reader(capsys: pytest.CaptureFixture[str]) -> None:
    found = list(csv.reader(io.StringIO(shown(capsys, "csv"))))
    assert found == [list(COLUMNS), ["CUP", "7", ""], ['a,"b"\\n\\x1b[2J', "?", "ü\\u202e"]]


def test_count_is_a_number_also_of_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert (shown(capsys, "count"), shown(capsys, "count", [])) == ("2\n", "0\n")


def test_a_table_of_nothing_is_empty(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, "table", []) == ""


def test_the_columns_of_a_table_stand_in_line_and_only_the_last_may_be_long(capsys: pytest.CaptureFixture[str]) -> None:
    long = "x" * 200
    lines = shown(capsys, "table", [{"sku": long, "level": "7", "note": long}]).splitlines()
    assert [line.index(word) for line, word in zip(lines, ("level", " 7 "), strict=True)] == [WIDEST + 2, WIDEST + 1]
    assert lines[1].endswith("  " + long)
    assert "…" in lines[1]
