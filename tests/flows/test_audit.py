"""The book-keeper's comparison: both sides of a day to the cent, and every order on which they differ."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.core.orders import CREATED, goods, order, refund
from tests.flows.audit_desk import DAY, NOON, AuditDesk
from tests.flows.paper_desk import USUAL
from tillbridge.core.actions import Outcome, Status
from tillbridge.core.documents import Portion
from tillbridge.core.order_policy import UnlinkedLine
from tillbridge.core.pos_papers import PosPaper, PosPaperKind
from tillbridge.errors import Malformed, NoAnswer
from tillbridge.ports.arrivals import Arrival

TAXED = replace(USUAL, taxes={"standard": "VAT 19"})
WELL = {"store": "20.00", "pos": "20.00", "difference": "0.00"}


@pytest.fixture
def desk(tmp_path: Path) -> AuditDesk:
    return AuditDesk(tmp_path)


def sums(said: Any, what: str, channel: str = "online") -> Any:
    (found,) = [row for row in said["channels"] if (row["channel"], row["what"]) == (channel, what)]
    return {name: found[name] for name in ("store", "pos", "difference")}


def kinds(said: Any, part: str = "differences") -> list[str]:
    return [row["kind"] for row in said[part]]


def adds_up(said: Any) -> bool:
    """The difference of the two sums is all told."""
    parts = said["balance"]
    told = sum(Decimal(parts[name]) for name in ("differences", "by_policy", "other_days"))
    return Decimal(parts["difference"]) == told


def test_a_day_on_which_everything_was_told_has_no_difference(desk: AuditDesk) -> None:
    desk.order("2")
    desk.record()
    said = desk.audit()
    assert json.loads(json.dumps(said)) == said
    assert (said["state"], said["words"], said["zone"], said["looked"]) == ("done", "nothing differs", "Berlin", 1)
    assert (sums(said, "total"), sums(said, "sales")["difference"]) == (WELL, "0")
    assert said["payments"] == [{"channel": "online", "payment": "transfer", **WELL}]
    assert adds_up(said)
    assert desk.till.asked == []  # nothing had to be looked up order by order


def test_net_tax_and_gross_stand_by_tax_on_both_sides(tmp_path: Path) -> None:
    desk = AuditDesk(tmp_path, TAXED)
    desk.papers.shop["9001"] = order("11.90", goods("3", "10", {"1": "1.90"}, refs=("51",)), ref="9001", number="9001")
    desk.tell(desk.stirs())
    desk.till.papers.clear()
    said = desk.audit()
    found = {row["what"]: (row["store"], row["pos"]) for row in said["taxes"]}
    assert found == {"net": ("10.00", "0.00"), "tax": ("1.90", "0.00"), "gross": ("11.90", "0.00")}
    assert said["taxes"][0]["tax"] == "VAT 19"


def test_the_till_s_own_sales_stand_in_a_channel_of_their_own(desk: AuditDesk) -> None:
    desk.ring("7.50")
    desk.ring("3", "C2", reference="other-shop:1")
    said = desk.audit()
    assert sums(said, "total", "counter") == {"store": "0.00", "pos": "7.50", "difference": "-7.50"}
    assert sums(said, "sales", "other shops")["pos"] == "1"
    assert (said["differences"], said["balance"]["pos"]) == ([], "0.00")


def test_a_sale_changed_at_the_till_is_shown_in_all_that_differs(desk: AuditDesk) -> None:
    desk.order("2")
    desk.record()
    sale = desk.till.papers[0]
    line = replace(sale.sold[0], portion=Portion(Decimal(1), Decimal(19)))
    desk.till.papers[0] = replace(sale, sold=(line,), payments={"cash": Decimal(19)}, total=Decimal(19))
    said = desk.audit()
    (row,) = said["differences"]
    assert (row["kind"], row["number"], row["store"], row["pos"], row["on_the_day"]) == (
        "differs", "9001", "20.00", "19.00", "1.00",
    )  # fmt: skip
    gaps = {(gap["what"], gap["name"]): gap["difference"] for gap in row["gaps"]}
    assert gaps == {
        ("total", ""): "1.00", ("payment", "transfer"): "20.00", ("payment", "cash"): "-19.00",
        ("quantity", "3"): "1.00", ("amount", "3"): "1.00",
    }  # fmt: skip
    assert (said["words"], said["totals"]["by_kind"]) == ("1 difference", {"differs": 1})
    assert adds_up(said)


def test_a_sale_that_reached_the_till_after_midnight_shows_both_dates(desk: AuditDesk) -> None:
    desk.order("2")
    desk.record(NOON + timedelta(days=1))
    said = desk.audit()
    (row,) = said["remarks"]
    assert (row["kind"], row["store_at"], row["documents"]) == (
        "other_day", "2026-11-22T05:50:00+01:00", [{"document": "T1", "at": "2026-11-23T12:00:00+01:00"}],
    )  # fmt: skip
    assert (said["differences"], said["balance"]["other_days"]) == ([], "20.00")
    assert adds_up(said)
    next_day = desk.audit("2026-11-23")
    assert (next_day["balance"]["other_days"], next_day["differences"]) == ("-20.00", [])
    assert desk.audit(DAY, "2026-11-23")["remarks"] == []


def test_the_day_is_the_shop_s_own(desk: AuditDesk) -> None:
    desk.ring("1", "before", CREATED.replace(day=21, hour=22, minute=59))
    desk.ring("2", "first", CREATED.replace(day=21, hour=23, minute=0))
    desk.ring("4", "last", CREATED.replace(hour=22, minute=59))
    desk.ring("8", "after", CREATED.replace(hour=23, minute=0))
    assert sums(desk.audit(), "total", "counter")["pos"] == "6.00"


def test_a_refund_stands_line_by_line_on_both_sides(desk: AuditDesk) -> None:
    desk.order("2")
    desk.record()
    desk.refund(refund("12", ("3", "1", "10", None)), event="r1", moved="1")
    desk.record()
    said = desk.audit()
    assert (said["differences"], sums(said, "given_back")["store"], sums(said, "total")["pos"]) == ([], "12.00", "8.00")
    found = {(row["side"], row["document"], row["line"]): (row["quantity"], row["gross"]) for row in said["refunds"]}
    assert found == {
        ("store", "900", "3"): ("1.00", "10.00"), ("store", "900", "amount"): ("0.00", "2.00"),
        ("pos", "T2", "3"): ("1.00", "10.00"), ("pos", "T2", "amount"): ("0.00", "2.00"),
    }  # fmt: skip
    assert said["totals"]["refund_lines"] == 4


def test_an_order_that_was_never_sent_is_told_with_the_reason(desk: AuditDesk) -> None:
    desk.policy = replace(USUAL, payments={})
    desk.wake(desk.policy)
    desk.order("2")
    desk.record()
    said = desk.audit()
    (row,) = said["differences"]
    assert (row["kind"], row["reason"], row["store"], row["pos"]) == ("parked", "unmapped_payment", "20.00", "0.00")
    assert "no payment type of the POS is set" in row["words"]
    assert said["payments"][0]["payment"] == "not mapped (bacs)"
    assert adds_up(said)


def test_an_order_whose_amounts_do_not_add_up_is_counted_by_its_total(desk: AuditDesk) -> None:
    desk.order("2", total="20")
    desk.change("edit", total=Decimal("21.50"))
    desk.record()
    said = desk.audit()
    assert (sums(said, "total")["store"], said["differences"][0]["reason"]) == ("21.50", "totals_differ")


def test_what_the_owner_chose_not_to_send_is_no_difference(desk: AuditDesk) -> None:
    desk.policy = replace(USUAL, start=CREATED + timedelta(hours=1))
    desk.wake(desk.policy)
    desk.order("2")
    desk.record()
    said = desk.audit()
    assert (said["differences"], kinds(said, "remarks")) == ([], ["left_alone"])
    assert (said["remarks"][0]["reason"], said["balance"]["by_policy"]) == ("before_start", "20.00")
    assert adds_up(said)


def test_orders_that_travel_as_stock_are_told_as_such(tmp_path: Path) -> None:
    desk = AuditDesk(tmp_path, sold=False)
    desk.order("2")
    said = desk.audit()
    assert (said["differences"], said["remarks"][0]["reason"]) == ([], "as_stock")


def test_an_order_that_waits_for_its_status_is_told_as_such(tmp_path: Path) -> None:
    desk = AuditDesk(tmp_path)
    desk.rules = replace(desk.rules, send_on=frozenset({"completed"}))
    desk.wake()
    desk.order("2")
    desk.record()
    assert kinds(desk.audit(), "remarks") == ["not_admitted"]


def test_a_document_under_way_is_told_as_such(desk: AuditDesk) -> None:
    desk.world.pos.answer(Outcome(Status.UNCERTAIN))
    desk.order("2")
    desk.send()
    assert kinds(desk.audit()) == ["under_way"]


def test_a_sale_that_waits_to_be_sent_is_told_as_such(desk: AuditDesk) -> None:
    desk.order("2")
    assert kinds(desk.audit()) == ["waiting"]


def test_an_order_of_which_nothing_ever_came_is_a_difference(desk: AuditDesk) -> None:
    desk.papers.shop["77"] = order("5", goods("1", "5"), ref="77", number="77")
    assert (kinds(desk.audit()), desk.audit()["differences"][0]["order"]) == (["unknown"], "77")


def test_a_sale_without_an_order_under_our_name_is_a_difference(desk: AuditDesk) -> None:
    desk.ring("9", reference="shop-1:404")
    said = desk.audit()
    (row,) = said["differences"]
    assert (row["kind"], row["order"], row["store"], row["pos"], row["on_the_day"]) == (
        "no_order", "404", None, "9.00", "-9.00",
    )  # fmt: skip
    assert adds_up(said)


def test_what_a_cashier_took_back_of_a_web_order_is_a_difference_until_the_shop_knows(desk: AuditDesk) -> None:
    desk.order("2")
    desk.record()
    line = replace(desk.till.papers[0].sold[0], portion=Portion(Decimal(1), Decimal(10)))
    back = PosPaper(
        PosPaperKind.RETURN, "R1", NOON, "main", (), (line,), {"transfer": Decimal(-10)}, Decimal(-10), "shop-1:9001"
    )
    desk.till.papers.append(back)
    (row,) = desk.audit()["differences"]
    assert (row["store"], row["pos"], [one["document"] for one in row["documents"]]) == ("20.00", "10.00", ["T1", "R1"])
    with desk.world.sql.writing() as unit:
        unit.save_arrival(Arrival("R1", "refund", order="9001"))
        unit.stir_arrivals({"R1": ""})
    assert [(one["kind"], one["reason"]) for one in desk.audit()["differences"]] == [("waiting", "coming_back")]
    with desk.world.sql.writing() as unit:
        unit.park(unit.claim_arrivals(1, 60)[0], "refund_refused", "the shop says: too much")
    (row,) = desk.audit()["differences"]
    assert (row["kind"], row["reason"], row["words"]) == ("parked", "refund_refused", "the shop says: too much")
    desk.refund(refund("10", ("3", "1", "10", None)), event="r1", moved="1")
    assert desk.audit()["differences"] == []


def test_what_the_settings_leave_out_is_told_and_counted(tmp_path: Path) -> None:
    desk = AuditDesk(tmp_path, replace(USUAL, unlinked_line=UnlinkedLine.LEAVE_OUT))
    desk.order("2")
    paper = desk.papers.shop["9001"]
    extra = goods("4", "5", refs=("999",), reduced=Decimal(0))
    desk.papers.shop["9001"] = replace(paper, total=Decimal(25), lines=(*paper.lines, extra))
    desk.record()
    said = desk.audit()
    assert (sums(said, "total")["store"], sums(said, "total")["pos"]) == ("25.00", "20.00")
    assert (said["differences"], kinds(said, "remarks"), said["balance"]["by_policy"]) == ([], ["left_out"], "5.00")
    assert adds_up(said)


def test_a_cancelled_order_whose_sale_is_void_has_no_difference(desk: AuditDesk) -> None:
    desk.order("2")
    desk.record()
    desk.change("gone", moved="2", status="cancelled")
    desk.record()
    said = desk.audit()
    assert (said["differences"], said["remarks"], sums(said, "total")["pos"]) == ([], [], "0.00")


def test_an_order_made_from_a_sale_must_come_to_what_that_came_to(desk: AuditDesk) -> None:
    desk.ring("5")
    made = order("5", goods("1", "5"), ref="70", number="70", from_pos="C1")
    desk.papers.shop["70"] = made
    said = desk.audit()
    assert (said["differences"], sums(said, "total", "counter")["difference"]) == ([], "0.00")
    desk.papers.shop["70"] = replace(made, total=Decimal(6), lines=(goods("1", "6"),))
    assert kinds(desk.audit()) == ["from_pos"]


def test_a_day_with_a_side_that_cannot_be_read_comes_to_nothing(desk: AuditDesk) -> None:
    desk.till.trouble = NoAnswer("gone")
    said = desk.audit()
    assert (said["state"], said["unreachable"], said["words"]) == ("failed", True, "a side cannot be read: gone")


@pytest.mark.parametrize(("first", "last"), [("x", ""), ("2026-11-31", ""), (DAY, "2026-11-21"), (DAY, "2028-01-01")])
def test_days_that_are_none_are_refused_in_words(desk: AuditDesk, first: str, last: str) -> None:
    with pytest.raises(Malformed, match="found"):
        desk.audit(first, last)


def test_of_many_audits_the_last_are_remembered(desk: AuditDesk) -> None:
    for _ in range(9):
        desk.audit()
    with pytest.raises(Malformed, match="begin it again"):
        desk.audits.look(1)


def test_a_refund_counts_on_its_own_day(desk: AuditDesk) -> None:
    desk.order("2")
    desk.record()
    midnight = CREATED.replace(hour=23, minute=0)  # the first moment of the next day in the shop
    desk.refund(replace(refund("10", ("3", "1", "10", None)), at=midnight), event="r1", moved="1")
    desk.record(midnight)
    first, both = desk.audit(), desk.audit(DAY, "2026-11-23")
    assert (sums(first, "total"), sums(first, "refunds")["store"]) == (WELL, "0")
    assert (first["differences"], first["remarks"], both["remarks"]) == ([], [], [])
    assert (sums(both, "given_back")["store"], sums(both, "refunds")["pos"]) == ("10.00", "1")


def test_an_order_in_the_trash_is_as_the_till_was_told_of_it(desk: AuditDesk) -> None:
    desk.order("2")
    desk.record()
    desk.change("trash", status="trash", total=Decimal(99))
    desk.papers.shop["8"] = order("5", goods("1", "5"), ref="8", number="8", status="trash")
    said = desk.audit()
    assert (said["differences"], said["remarks"], sums(said, "total")) == ([], [], WELL)


def test_a_tax_that_the_till_has_otherwise_is_a_difference(tmp_path: Path) -> None:
    desk = AuditDesk(tmp_path, TAXED)
    desk.order("1", "10")
    paper = desk.papers.shop["9001"]
    taxed = order("11.90", goods("3", "10", {"1": "1.90"}, refs=("51",)), ref="9001", number="9001")
    desk.papers.shop["9001"] = replace(paper, total=taxed.total, lines=taxed.lines, rates=taxed.rates)
    desk.record()
    assert desk.audit()["differences"] == []
    sale = desk.till.papers[0]
    line = replace(sale.sold[0], portion=Portion(Decimal(1), Decimal(10), {"VAT 7": Decimal("1.90")}))
    desk.till.papers[0] = replace(sale, sold=(line,))
    (row,) = desk.audit()["differences"]
    assert [(gap["what"], gap["name"], gap["difference"]) for gap in row["gaps"]] == [
        ("tax", "VAT 19", "1.90"), ("tax", "VAT 7", "-1.90"),
    ]  # fmt: skip


def test_an_edited_order_counts_as_a_change_at_the_till(desk: AuditDesk) -> None:
    desk.order("2")
    desk.record()
    paper = desk.papers.shop["9001"]
    line = replace(paper.lines[0], quantity=Decimal(3), net=Decimal(30))
    desk.papers.shop["9001"] = replace(paper, lines=(line,))
    desk.change("more", moved="-1", total=Decimal(30))
    desk.record()
    said = desk.audit()
    assert desk.kinds == ["RecordSale", "AmendSale"]
    assert (said["differences"], sums(said, "changes")["pos"], sums(said, "sales")["pos"]) == ([], "1", "1")
    assert sums(said, "sold") == {"store": "30.00", "pos": "30.00", "difference": "0.00"}


def test_of_a_cancelled_order_nothing_counts_in_the_shop(desk: AuditDesk) -> None:
    back = refund("10", ("1", "1", "10", None))
    desk.papers.shop["8"] = order("10", goods("1", "10"), ref="8", number="8", status="cancelled", refunds=(back,))
    said = desk.audit()
    assert (sums(said, "sales")["store"], sums(said, "refunds")["store"], said["refunds"]) == ("0", "0", [])
