"""Whatever becomes of an order in whatever order: the POS ends with what it ought to have, document by document."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tillbridge.core.difference import Returns, difference
from tillbridge.core.documents import AmendSale, Document, Heading, Portion, RecordReturn, RecordSale
from tillbridge.core.taken import Taken, after, blank, decode, encode, line_moves, plus, sold_and_returned, stock_moves
from tillbridge.core.wanted import Wanted, WantedLine

D = Decimal
HEADING = Heading("site:94", "94", "main", "EUR")
AT = "2026-11-22T05:00:00Z"
ITEMS = {"1": "12", "2": "13", "5": "12", "3": "", "amount": ""}
"""Lines and their items: two of one product, an open one, and money alone."""

CENTS = st.integers(-2_000, 20_000).map(lambda amount: D(amount) / 100)
QUANTITIES = st.integers(0, 4_000).map(lambda amount: D(amount) / 1000)
TAXES = st.dictionaries(st.sampled_from(["v", "w"]), CENTS, max_size=2)
TYPES = ["Bank", "Card", "Voucher"]


@st.composite
def states(draw: st.DrawFn, outstanding: bool) -> Wanted:
    """What may be wanted of an order at some moment: worth nothing or more, and paid up to that."""
    lines = []
    for name in draw(st.lists(st.sampled_from(sorted(ITEMS)), unique=True)):
        quantity = draw(QUANTITIES) if ITEMS[name] else D(0)
        portion = plus(Portion(quantity, draw(CENTS), draw(TAXES)), Portion())
        if not blank(portion):
            lines.append(WantedLine(name, ITEMS[name], f"Cup {name}", portion))
    held = {name: draw(QUANTITIES) for name in ITEMS if ITEMS[name]}
    wanted = Wanted(tuple(lines), {}, held)
    assume(wanted.total >= 0)
    left = draw(st.integers(0, int(wanted.total * 100)).map(lambda x: D(x) / 100)) if outstanding else wanted.total
    payments: dict[str, Decimal] = {}
    for name in TYPES:
        payments[name] = left if name == TYPES[-1] else min(left, max(D(0), draw(CENTS)))
        left -= payments[name]
    return Wanted(wanted.lines, {name: amount for name, amount in payments.items() if amount}, held)


PAID = st.lists(states(False), min_size=1, max_size=5)
PARTLY = st.lists(states(True), min_size=1, max_size=5)


def told(wanted: Wanted, taken: Taken, returns: Returns = Returns.AS_TOLD) -> list[tuple[Taken, Document]]:
    """All documents until nothing is to be told, each with what the POS had before."""
    found = []
    while document := difference(wanted, taken, HEADING, "k", AT, None, returns):
        found.append((taken, document))
        taken = after(taken, document)
        assert len(found) <= 2, "it does not come to rest"
    return found


def walk(path: list[Wanted], returns: Returns = Returns.AS_TOLD) -> tuple[Taken, list[tuple[Taken, Document]]]:
    taken = Taken()
    documents = []
    for wanted in path:
        for before, document in told(wanted, taken, returns):
            documents.append((before, document))
            taken = after(before, document)
    return taken, documents


def portions(wanted: Wanted) -> dict[str, Portion]:
    return {line.line: line.portion for line in wanted.lines}


def paid(payments: dict[str, Decimal]) -> Decimal:
    return sum(payments.values(), D(0))


@settings(max_examples=120, deadline=None)
@given(PAID)
def test_every_path_ends_with_what_is_wanted_paid_in_full(path: list[Wanted]) -> None:
    taken, documents = walk(path)
    assert taken.portions == portions(path[-1])
    assert all(line.item == ITEMS[name] for name, line in taken.lines.items() if line.portion.quantity)
    assert taken.total == paid(dict(taken.payments)) == path[-1].total
    assert all(amount > 0 for amount in taken.payments.values())
    for _, document in documents:
        assert sum((payment.amount for payment in document.payments), D(0)) == abs(document.total)


@settings(max_examples=120, deadline=None)
@given(PARTLY)
def test_what_is_outstanding_ends_as_it_is_wanted_or_was_paid_before(path: list[Wanted]) -> None:
    taken, _ = walk(path)
    assert taken.portions == portions(path[-1])
    assert paid(dict(path[-1].payments)) <= paid(dict(taken.payments)) <= taken.total
    assert all(amount > 0 for amount in taken.payments.values())


@settings(max_examples=120, deadline=None)
@given(PARTLY)
def test_every_document_says_something_and_adds_up(path: list[Wanted]) -> None:
    for _, document in walk(path)[1]:
        sold, returned = sold_and_returned(document)
        worth = sum((line.portion.gross for line in sold), D(0)) - sum((line.portion.gross for line in returned), D(0))
        assert worth == (document.total if isinstance(document, RecordSale | AmendSale) else -document.total)
        assert sold or returned or document.payments
        assert not any(blank(line.portion) for line in sold + returned)
        assert all(payment.amount > 0 for payment in document.payments)
        if isinstance(document, AmendSale | RecordReturn):
            for line in sold + returned:
                amounts = [line.portion.quantity, line.portion.net, *line.portion.taxes.values()]
                assert all(amount >= 0 for amount in amounts)


@settings(max_examples=120, deadline=None)
@given(PAID, st.sampled_from(Returns))
def test_the_shelf_of_the_pos_gave_what_the_documents_moved(path: list[Wanted], returns: Returns) -> None:
    taken, documents = walk(path, returns)
    gave: dict[str, Decimal] = {}
    for _, document in documents:
        by_line = line_moves(document)
        assert sum(by_line.values()) == -sum(stock_moves(document).values())
        for name, amount in by_line.items():
            gave[name] = gave.get(name, D(0)) + amount
    assert {name: line.stock for name, line in taken.lines.items() if line.stock} == {
        name: amount for name, amount in gave.items() if amount
    }
    if returns is Returns.ALL_BACK:
        assert all(line.stock == line.portion.quantity for line in taken.lines.values() if line.item)


@settings(max_examples=80, deadline=None)
@given(PAID)
def test_a_return_never_puts_back_more_than_the_store_has_back(path: list[Wanted]) -> None:
    for one, other in pairwise(path):
        taken, _ = walk([one])
        for before, document in told(other, taken):
            for name, moved in line_moves(document).items():
                if moved < 0:
                    assert before.lines[name].stock + moved >= other.held[name]


@settings(max_examples=80, deadline=None)
@given(PARTLY)
def test_what_is_stored_between_documents_is_read_as_it_was(path: list[Wanted]) -> None:
    taken, _ = walk(path)
    assert decode(encode(taken)) == taken
