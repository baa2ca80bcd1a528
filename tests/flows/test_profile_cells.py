"""What each profile does: a test for every cell of its table, through the settings, the books and the verbs.

The README names the test of each cell; what a cell holds as a setting is tested in `tests/test_profiles.py`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.builders import free_change, moved, movement
from tests.core.orders import goods, order
from tests.flows.paper_desk import PaperDesk
from tests.flows.people_desk import ANNA, TO_POS
from tests.flows.profile_desk import AS_SALES, KEPT, TRAVELLING, heard, paper_desk, people_desk, return_desk
from tests.flows.return_desk import COUNTER_SALE
from tests.flows.world import POS, STORE
from tillbridge.core import codec
from tillbridge.core.events import Cause
from tillbridge.core.paper import Person
from tillbridge.core.targets import target
from tillbridge.settings.profiles import CELLS, PROFILES

D = Decimal
ROOT = Path(__file__).resolve().parent.parent.parent

SHOWN = {
    "stock.authority": (
        "test_a_level_typed_in_the_shop_counts_as_the_profile_says",
        "test_a_delivery_at_the_till_counts_as_the_profile_says",
    ),
    "orders.as": ("test_an_order_is_at_the_till_what_the_profile_says",),
    "orders.send_on": (
        "test_an_order_is_told_at_the_status_of_the_profile",
        "test_until_then_its_pieces_are_promised",
    ),
    # Where a profile leaves a cell without effect, its test changes by hand what does.
    "orders.unmapped_payment": ("test_an_unknown_payment_is_treated_as_the_profile_says",),
    "orders.unmapped_tax": ("test_an_unknown_tax_is_treated_as_the_profile_says",),
    "orders.unlinked_line": ("test_a_line_without_a_link_is_treated_as_the_profile_says",),
    "sync.customers": (
        "test_a_buyer_is_known_at_the_till_as_the_profile_says",
        "test_a_change_at_the_till_reaches_the_account_as_the_profile_says",
    ),
    "people.travel": ("test_a_new_account_travels_when_the_profile_says",),
    "people.group": ("test_a_new_customer_comes_into_the_group_of_the_profile",),
    "orders.pos_sales": ("test_a_sale_at_the_counter_becomes_an_order_where_the_profile_says",),
    "orders.pos_sales_shipping": ("test_such_an_order_ships_as_the_profile_says",),
}
"""The tests that show a cell, by its option; the profile stands in their brackets."""


def cell(**values: object) -> pytest.MarkDecorator:
    """A value for each profile; a hyphen in a name is an underscore here."""
    found = {name.replace("_", "-"): value for name, value in values.items()}
    assert tuple(found) == PROFILES
    return pytest.mark.parametrize(("profile", "expected"), list(found.items()), ids=PROFILES)


def through(desk: PaperDesk, *statuses: str) -> None:
    """The order goes through these statuses, one after the other."""
    for status in statuses:
        desk.change(f"to-{status}", status=status)
        desk.write()


def ordered(folder: Path, profile: str, *statuses: str) -> PaperDesk:
    """Somebody orders two of ten cups, and the order goes through these statuses."""
    desk = paper_desk(folder, profile)
    desk.order("2", status=statuses[0])
    desk.write()
    through(desk, *statuses[1:])
    return desk


# --- stock


@cell(elementary=[-2], nexopos=[-2], universal=[-2], modern_retail=[], lightspeed=[])
def test_a_level_typed_in_the_shop_counts_as_the_profile_says(
    tmp_path: Path, profile: str, expected: list[int]
) -> None:
    desk = paper_desk(tmp_path, profile)
    desk.tell(free_change("typed", "-2"))
    desk.write()
    assert desk.stock(POS) == [D(amount) for amount in expected]
    kept_off_sale = not expected
    assert (desk.shelf().terms.held == 2) is kept_off_sale


@cell(elementary=([3], []), nexopos=([3], []), universal=([], [-3]), modern_retail=([3], []), lightspeed=([3], []))
def test_a_delivery_at_the_till_counts_as_the_profile_says(
    tmp_path: Path, profile: str, expected: tuple[list[int], list[int]]
) -> None:
    desk = paper_desk(tmp_path, profile)
    delivery = replace(moved(movement("3")), cause=Cause("delivery", "D-1"))
    desk.tell(codec.encode_moved(delivery))
    desk.write()
    assert ([int(amount) for amount in desk.stock(STORE)], [int(amount) for amount in desk.stock(POS)]) == expected


# --- orders

Heard = tuple[list[str], list[Decimal]]
SALE: Heard = (["RecordSale"], [])
STOCK: Heard = ([], [D(-2)])
NOTHING: Heard = ([], [])
NO_PAYMENT = (NOTHING, "unmapped_payment")
NO_TAX: object = (NOTHING, {}, ["unmapped_tax"])
NO_LINK: object = (NOTHING, [], ["unlinked_line"])


@cell(elementary=STOCK, nexopos=SALE, universal=SALE, modern_retail=SALE, lightspeed=SALE)
def test_an_order_is_at_the_till_what_the_profile_says(tmp_path: Path, profile: str, expected: object) -> None:
    desk = ordered(tmp_path, profile, "on-hold", "processing", "completed")
    assert heard(desk) == expected
    assert (desk.world.known(STORE), desk.world.known(POS)) == ("8", "8")


@cell(
    elementary={"completed"},
    nexopos={"on-hold", "processing", "shipped", "completed"},
    universal={"on-hold", "processing", "shipped", "completed"},
    modern_retail={"shipped", "completed"},
    lightspeed={"processing", "completed"},
)
def test_an_order_is_told_at_the_status_of_the_profile(tmp_path: Path, profile: str, expected: set[str]) -> None:
    told = set()
    for status in ("on-hold", "processing", "shipped", "completed"):
        desk = ordered(tmp_path / status, profile, status)
        if heard(desk) != NOTHING:
            told.add(status)
    assert told == expected


@cell(elementary="2", nexopos="0", universal="0", modern_retail="2", lightspeed="2")
def test_until_then_its_pieces_are_promised(tmp_path: Path, profile: str, expected: str) -> None:
    """An order that waits for its payment: the shop does not offer its two pieces, and the till still has `expected` of
    them. Whoever tells an order at once promises nothing."""
    desk = ordered(tmp_path, profile, "on-hold")
    shelf = desk.shelf()
    assert str(target(STORE, shelf)) == "8"
    assert str(target(POS, shelf) - 8) == expected


@cell(
    elementary=NO_PAYMENT, nexopos=(STOCK, "payment_ignored"), universal=NO_PAYMENT,
    modern_retail=NO_PAYMENT, lightspeed=NO_PAYMENT,
)  # fmt: skip
def test_an_unknown_payment_is_treated_as_the_profile_says(tmp_path: Path, profile: str, expected: object) -> None:
    desk = paper_desk(tmp_path, profile, AS_SALES)
    desk.order("2", status="completed", method="klarna")
    desk.write()
    reasons = [reason for reason, _ in desk.parked()]
    assert (heard(desk), desk.dossier().alone or "".join(reasons)) == expected


@cell(
    elementary=NO_TAX, nexopos=(SALE, {"Other": D(1)}, []), universal=NO_TAX,
    modern_retail=NO_TAX, lightspeed=NO_TAX,
)  # fmt: skip
def test_an_unknown_tax_is_treated_as_the_profile_says(tmp_path: Path, profile: str, expected: object) -> None:
    desk = paper_desk(tmp_path, profile, AS_SALES)
    desk.order("2", status="completed")
    paper = desk.papers.shop["9001"]
    line = goods("3", "20", {"8": "1"}, quantity="2", refs=paper.lines[0].refs, tax_class="luxury")
    desk.papers.shop["9001"] = order("21", line, ref="9001", number="9001", status="completed")
    desk.write()
    taxes = {name: amount for one in desk.dossier().taken.lines.values() for name, amount in one.portion.taxes.items()}
    assert (heard(desk), taxes, [reason for reason, _ in desk.parked()]) == expected


@cell(
    elementary=NO_LINK, nexopos=(SALE, ["3"], []), universal=NO_LINK,
    modern_retail=NO_LINK, lightspeed=NO_LINK,
)  # fmt: skip
def test_a_line_without_a_link_is_treated_as_the_profile_says(tmp_path: Path, profile: str, expected: object) -> None:
    desk = paper_desk(tmp_path, profile, AS_SALES)
    desk.order("2", status="completed")
    paper = desk.papers.shop["9001"]
    mug = goods("4", "5", refs=("77",), reduced=D(0))
    desk.papers.shop["9001"] = replace(paper, total=D(25), lines=(*paper.lines, mug))
    desk.write()
    assert (heard(desk), list(desk.dossier().taken.lines), [reason for reason, _ in desk.parked()]) == expected


# --- people


@cell(elementary=[], nexopos=["4"], universal=["4"], modern_retail=["4"], lightspeed=["4"])
def test_a_buyer_is_known_at_the_till_as_the_profile_says(tmp_path: Path, profile: str, expected: list[str]) -> None:
    desk = people_desk(tmp_path, profile)
    desk.shop.has(ANNA)
    desk.order("2", billing=ANNA)
    desk.write()
    desk.update()
    assert [person.id for _, person, _ in desk.till.puts] == expected
    assert (desk.buyers() == ["1"]) is bool(expected)


@cell(elementary=False, nexopos=True, universal=False, modern_retail=False, lightspeed=False)
def test_a_change_at_the_till_reaches_the_account_as_the_profile_says(
    tmp_path: Path, profile: str, expected: bool
) -> None:
    desk = people_desk(tmp_path, profile)
    rules = desk.people._rules
    desk.take_on(TO_POS)  # they met before, under other settings
    desk.shop.has(ANNA)
    desk.order("2", billing=ANNA)
    desk.write()
    desk.update()
    desk.take_on(rules)
    there = desk.till.people["1"]
    desk.till.people["1"] = replace(there, person=replace(there.person, city="Bonn"))
    desk.hinted("1")
    desk.update()
    assert (desk.shop.written == [("4", {"city": "Bonn"})]) is expected


@cell(elementary=["4"], nexopos=["4"], universal=["4"], modern_retail=[], lightspeed=[])
def test_a_new_account_travels_when_the_profile_says(tmp_path: Path, profile: str, expected: list[str]) -> None:
    desk = people_desk(tmp_path, profile, TRAVELLING)
    desk.shop.has(ANNA)
    desk.stirred()
    desk.update()
    assert [person.id for _, person, _ in desk.till.puts] == expected


@cell(elementary=[""], nexopos=["Web"], universal=[""], modern_retail=[""], lightspeed=[""])
def test_a_new_customer_comes_into_the_group_of_the_profile(tmp_path: Path, profile: str, expected: list[str]) -> None:
    desk = people_desk(tmp_path, profile, TRAVELLING)
    desk.shop.has(ANNA)
    desk.order("2", billing=Person("4"))
    desk.write()
    assert [group for _, _, group in desk.till.puts] == expected


# --- what the till sells

@cell(elementary=0, nexopos=1, universal=0, modern_retail=0, lightspeed=0)
def test_a_sale_at_the_counter_becomes_an_order_where_the_profile_says(
    tmp_path: Path, profile: str, expected: int
) -> None:
    desk = return_desk(tmp_path, profile)
    desk.happens(COUNTER_SALE)
    desk.write()
    assert len(desk.made.orders) == expected
    assert desk.levels() == ("8", "8")


@cell(elementary=[], nexopos=["local_pickup"], universal=[], modern_retail=[], lightspeed=[])
def test_such_an_order_ships_as_the_profile_says(tmp_path: Path, profile: str, expected: list[str]) -> None:
    desk = return_desk(tmp_path, profile, KEPT)
    desk.happens(COUNTER_SALE)
    desk.write()
    assert [line.method for made in desk.made.orders.values() for line in made.lines if line.method] == expected


# --- the table


def table() -> str:
    """The tests of each option as the README has them; which cell a test is about stands in its brackets."""
    rows = ["| Option | Shown for each profile by |", "| --- | --- |"]
    for name in CELLS:
        section, _, key = name.partition(".")
        rows.append(f"| `[{section}] {key}` | {', '.join(f'`{test}`' for test in SHOWN[name])} |")
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", CELLS)
def test_every_cell_has_a_test_of_its_own(name: str, profile: str) -> None:
    for test in SHOWN[name]:
        marks = {mark.name: mark for mark in getattr(globals()[test], "pytestmark", ())}
        assert profile in marks["parametrize"].kwargs["ids"]


def test_the_readme_names_the_tests_of_the_cells() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    between = re.search(r"<!-- profile tests -->\n(.*?)<!-- /profile tests -->", readme, re.DOTALL)
    assert between is not None, "README.md has no <!-- profile tests --> … <!-- /profile tests -->"
    assert between[1].strip() == table().strip()
