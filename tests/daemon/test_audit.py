"""The book-keeper asks a daemon that sells a shop's orders to a till, both of them real programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.daemon.rig import SITE, Place, Rig
from tillbridge.core.pairing import Paired
from tillbridge.state import StateFolder

WELL, FOUND, WRONG_USE, UNREACHABLE = range(4)


class SellingRig(Rig):
    """Shop and daemon are paired, so that orders can be read, and orders become sales."""

    def config(self, changes: Mapping[Place, str] | None = None) -> Path:
        selling = {("orders", "as"): "sale", ("orders", "start_date"): "2020-01-01", ("payments", "cod"): "cash"}
        path = super().config({**selling, **(changes or {})})
        hidden = ("url = " + self.shop_address, "site = ", "secret = ")
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith(hidden)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        StateFolder(self.folder).keep(
            Paired(
                site=SITE, secret=self.keys.store, previous_secret="", address=self.shop_address, url=self.shop_address,
                rest_prefix="/wp-json", rest_key=self.keys.rest_key, rest_secret=self.keys.rest_secret, door="d" * 32,
                paired_at=datetime.now(UTC).isoformat(),
            )
        )  # fmt: skip
        return path


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SellingRig]:
    rig = SellingRig(tmp_path_factory.mktemp("audit"))
    with rig:
        rig.link()
        rig.buy("CUP", 2)
        rig.ring("CUP")
        rig.await_rest()
        yield rig


def today() -> str:
    """By the sandbox shop's calendar, whose zone is UTC."""
    return datetime.now(UTC).date().isoformat()


def audit(rig: Rig, form: str, *words: str) -> tuple[int, str]:
    said = rig.ask("audit", "--from", "2020-01-01", "--to", "2020-12-31", "--format", form) if words else None
    said = said or rig.ask("audit", "--day", today(), "--format", form)
    return said.returncode, said.stdout


def test_a_day_in_step_has_no_difference_and_both_channels(rig: SellingRig) -> None:
    status, out = audit(rig, "json")
    found: Any = json.loads(out)
    assert (status, found["words"], found["differences"], found["remarks"]) == (WELL, "nothing differs", [], [])
    sums = {(row["channel"], row["what"]): (row["store"], row["pos"]) for row in found["channels"]}
    assert (sums["online", "total"], sums["online", "sales"]) == (("10.00", "10.00"), ("1", "1"))
    assert (sums["counter", "total"], sums["counter", "sales"]) == (("0.00", "5.00"), ("0", "1"))
    assert [row["payment"] for row in found["payments"] if row["channel"] == "online"] == ["cash"]


def test_a_day_of_long_ago_is_empty_and_well(rig: SellingRig) -> None:
    assert audit(rig, "count", "long ago") == (WELL, "0\n")


def test_the_list_for_a_spreadsheet_has_every_sum(rig: SellingRig) -> None:
    status, out = audit(rig, "csv")
    rows = {(row["part"], row["name"], row["what"]): row for row in csv.DictReader(io.StringIO(out))}
    assert status == WELL
    assert rows["payment", "cash", "total"]["difference"] in ("0.00", "-5.00")
    assert (rows["channel", "online", "sold"]["store"], rows["channel", "counter", "sold"]["pos"]) == ("10.00", "5.00")


def test_a_till_that_is_away_is_no_day_without_differences(rig: SellingRig) -> None:
    rig.till.close()
    status, out = audit(rig, "csv")
    assert (status, out) == (UNREACHABLE, "")
