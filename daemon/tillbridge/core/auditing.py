"""What an order comes to in the shop and at the POS, in the same words, and where the two disagree.

The shop's side is what the owner's policy makes of the order as it is now, piece by piece: the sale, then each refund.
An order that the policy cannot tell (or does not) is told by the shop's own amounts, so that no money is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from tillbridge.core import paying, taxing
from tillbridge.core.documents import Portion
from tillbridge.core.money import rounded, step_of
from tillbridge.core.order_policy import OrderPolicy, UnmappedPayment
from tillbridge.core.paper import LineKind, Paper, Refund
from tillbridge.core.paying import OUTSTANDING
from tillbridge.core.pos_papers import PosPaper, PosPaperKind
from tillbridge.core.reckoning import Amounts, Repaid, reckon, repaid
from tillbridge.core.reckoning import Reckoned as WholeCents
from tillbridge.core.stock import ZERO, plain
from tillbridge.core.taken import Taken, blank
from tillbridge.core.taken import plus as portions_plus
from tillbridge.core.wanted import AMOUNT, Alone, Parked, Wanted, wanted

NOT_MAPPED = "not mapped"
LEFT_OUT = "left out"
NO_TAX = "no tax"
WHOLE = "order"
"""The one line of an order whose amounts do not add up: nobody can say what of it belongs to which line."""


@dataclass(frozen=True, slots=True)
class Share:
    """Goods and money by line, and payments by the POS's type; what came back is taken off. `left_out` is money of
    lines that the policy leaves out."""

    lines: Mapping[str, Portion] = field(default_factory=dict)
    payments: Mapping[str, Decimal] = field(default_factory=dict)
    left_out: Decimal = ZERO

    @property
    def told(self) -> Decimal:
        """What the lines come to."""
        return plain(sum((portion.gross for portion in self.lines.values()), ZERO))

    @property
    def total(self) -> Decimal:
        return plain(self.told + self.left_out)

    @property
    def paid(self) -> dict[str, Decimal]:
        """By type; what is still to be paid, and what was paid for lines that are left out, each under its own name."""
        found = dict(self.payments)
        for name, amount in ((OUTSTANDING, self.told - sum(found.values(), ZERO)), (LEFT_OUT, self.left_out)):
            if amount:
                found[name] = plain(found.get(name, ZERO) + amount)
        return found

    @property
    def rates(self) -> dict[str, tuple[Decimal, Decimal]]:
        """Net and tax by the POS's tax; a line with several counts under all of their names together."""
        found: dict[str, tuple[Decimal, Decimal]] = {}
        pieces = [(_rate_of(line), line.net, plain(line.gross - line.net)) for line in self.lines.values()]
        if self.left_out:
            pieces.append((LEFT_OUT, self.left_out, ZERO))
        for name, net, tax in pieces:
            had = found.get(name, (ZERO, ZERO))
            found[name] = (plain(had[0] + net), plain(had[1] + tax))
        return found

    @property
    def taxes(self) -> dict[str, Decimal]:
        """Each tax by the POS's name of it."""
        return _summed((name, amount) for line in self.lines.values() for name, amount in line.taxes.items())


@dataclass(frozen=True, slots=True)
class Returned:
    """A refund with what it takes off; the amounts of `share` are below zero."""

    refund: Refund
    share: Share


@dataclass(frozen=True, slots=True)
class Reckoned:
    """An order piece by piece. `verdict` is what the policy makes of it as it is now."""

    verdict: Wanted | Alone | Parked
    sale: Share
    refunds: tuple[Returned, ...] = ()

    @property
    def whole(self) -> Share:
        return added([self.sale, *(one.share for one in self.refunds)])


@dataclass(frozen=True, slots=True)
class Gap:
    """Where an order and its documents disagree: in its `total`, a `tax`, a `payment`, the `quantity` or the `amount`
    of a line."""

    what: str
    name: str
    store: Decimal
    pos: Decimal


def added(shares: Iterable[Share]) -> Share:
    """All of them together; what is nothing is left out."""
    found = Share()
    for share in shares:
        found = _plus(found, share, 1)
    return found


def reckoned(paper: Paper, items: Mapping[str, str], policy: OrderPolicy, taken: Taken) -> Reckoned:
    """An order piece by piece; one that wants nothing has no pieces. `items`: as for `wanted`."""
    verdict = wanted(paper, items, policy, taken)
    if paper.status in policy.nothing:
        return Reckoned(verdict, Share())
    if isinstance(verdict, Wanted):
        found = _by_policy(paper, items, policy, taken)
    else:
        ignoring = policy.unmapped_payment is UnmappedPayment.IGNORE
        unmapped = UnmappedPayment.PARK if ignoring else policy.unmapped_payment
        free = replace(policy, start=None, unmapped_payment=unmapped)
        found = _by_policy(replace(paper, from_pos=""), items, free, taken)
    sale, refunds = found or _by_the_shop(paper, policy)
    return Reckoned(verdict, sale, refunds)


def of_document(document: PosPaper) -> Share:
    """A document of the POS."""
    signed = [(1, line) for line in document.sold] + [(-1, line) for line in document.returned]
    lines: dict[str, Portion] = {}
    for sign, line in signed:
        name = line.line or line.item or line.name
        lines[name] = portions_plus(lines.get(name, Portion()), line.portion, sign)
    return _share(lines, document.payments)


def in_two(document: PosPaper, had: Share) -> tuple[PosPaper, PosPaper | None]:
    """A document of the POS's own in two: what it says of the web order, and what under the order's reference is the
    POS's own sale: what went in the place of goods that came back, and what of that came back later. `had` is what the
    POS had of the order before: by that is paid back what was only netted.

    A POS that names the order's lines names all of them.
    """
    named = any(line.line for line in (*document.sold, *document.returned))
    sold = tuple(line for line in document.sold if not line.line) if document.kind is PosPaperKind.EXCHANGE else ()
    back = tuple(line for line in document.returned if not line.line) if named else ()
    if not document.reference or document.key or not (sold or back):
        return document, None
    order = replace(
        document,
        sold=tuple(line for line in document.sold if line not in sold),
        returned=tuple(line for line in document.returned if line not in back),
    )
    amount = _comes_to(order)
    paid = {name: -part for name, part in paying.paid_back(max(-amount, ZERO), had.payments).items()}
    own = _summed([*document.payments.items(), *((name, -part) for name, part in paid.items())])
    kind = PosPaperKind.EXCHANGE if sold and back else PosPaperKind.SALE if sold else PosPaperKind.RETURN
    kept = replace(document, kind=kind, sold=sold, returned=back, payments=own, reference="", order="")
    left = PosPaperKind.EXCHANGE if order.sold else PosPaperKind.RETURN
    return replace(order, kind=left, total=amount, payments=paid), replace(kept, total=_comes_to(kept))


def _comes_to(document: PosPaper) -> Decimal:
    sold = sum((line.portion.gross for line in document.sold), ZERO)
    return plain(sold - sum((line.portion.gross for line in document.returned), ZERO))


def of_taken(taken: Taken) -> Share:
    """What the books say that the POS has."""
    return _share(taken.portions, taken.payments)


def gaps(store: Share, pos: Share) -> list[Gap]:
    """Where they disagree, in what the POS was to be told."""
    found = []
    if store.told != pos.told:
        found.append(Gap("total", "", store.told, pos.told))
    found += _apart("tax", store.taxes, pos.taxes)
    found += _apart("payment", {n: a for n, a in store.paid.items() if n != LEFT_OUT}, pos.paid)
    quantities = [{name: line.quantity for name, line in one.lines.items()} for one in (store, pos)]
    found += _apart("quantity", *quantities)
    amounts = [{name: line.gross for name, line in one.lines.items()} for one in (store, pos)]
    return found + _apart("amount", *amounts)


def _by_policy(
    paper: Paper, items: Mapping[str, str], policy: OrderPolicy, taken: Taken
) -> tuple[Share, tuple[Returned, ...]] | None:
    """What each refund takes off is what the POS ought to have before it less what it ought to have after it."""
    states: list[Share] = []
    for known in range(len(paper.refunds) + 1):
        found = wanted(replace(paper, refunds=paper.refunds[:known]), items, policy, taken)
        if not isinstance(found, Wanted):
            return None
        left_out = sum((one.amount for one in found.left_out), ZERO)
        lines = {line.line: line.portion for line in found.lines}
        states.append(replace(_share(lines, found.payments), left_out=plain(left_out)))
    steps = zip(paper.refunds, states, states[1:], strict=False)
    return states[0], tuple(Returned(refund, _plus(after, before, -1)) for refund, before, after in steps)


def _by_the_shop(paper: Paper, policy: OrderPolicy) -> tuple[Share, tuple[Returned, ...]]:
    """By the shop's own amounts, as far as they add up."""
    step = step_of(paper.currency, policy.places)
    whole = reckon(paper, policy.places)
    book = taxing.Book.of(paper, policy)
    if isinstance(whole, WholeCents):
        total = whole.total
        lines = {line.id: _portion(paper, book, line.id, whole.lines[line.id], line.quantity) for line in paper.lines}
    else:
        total = rounded(paper.total, step)
        taxes = {f"{NOT_MAPPED} ({rate.label})": rounded(rate.total, step) for rate in paper.rates}
        lines = {WHOLE: Portion(net=plain(total - sum(taxes.values(), ZERO)), taxes=taxes)}
    payments = _payments(paper, total, step, policy)
    refunds = []
    for refund in paper.refunds:
        back = repaid(refund, paper, step)
        share = _share(_taken_off(paper, refund, back, book), paying.paid_back(rounded(refund.amount, step), payments))
        refunds.append(Returned(refund, _plus(Share(), share, -1)))
    return _share(lines, payments), tuple(refunds)


def _taken_off(paper: Paper, refund: Refund, back: Repaid, book: taxing.Book) -> dict[str, Portion]:
    many = _summed((line.line, line.quantity) for line in refund.lines)
    found = {name: _portion(paper, book, name, amounts, many[name]) for name, amounts in back.lines.items()}
    return {**found, **({AMOUNT: Portion(net=back.rest)} if back.rest else {})}


def _portion(paper: Paper, book: taxing.Book, name: str, amounts: Amounts, quantity: Decimal) -> Portion:
    line = next(one for one in paper.lines if one.id == name)
    taxes = {tax or NOT_MAPPED: amount for tax, amount in book.taxes(line, amounts).items()}
    return Portion(quantity if line.kind is LineKind.ITEM else ZERO, plain(amounts.net), taxes)


def _payments(paper: Paper, total: Decimal, step: Decimal, policy: OrderPolicy) -> dict[str, Decimal]:
    """By type; what no type is set for goes by the names of the shop's own methods."""
    paid = paying.paid(paper, total, step, policy)
    found = dict(paid.payments)
    if paid.unmapped:
        found[f"{NOT_MAPPED} ({', '.join(paid.unmapped)})"] = plain(total - paid.total)
    return found


def _share(lines: Mapping[str, Portion], payments: Mapping[str, Decimal]) -> Share:
    kept = {name: portions_plus(line, Portion()) for name, line in lines.items()}
    kept = {name: line for name, line in kept.items() if not blank(line)}
    return Share(kept, {name: plain(amount) for name, amount in payments.items() if amount})


def _plus(one: Share, other: Share, sign: int) -> Share:
    lines = dict(one.lines)
    for name, line in other.lines.items():
        lines[name] = portions_plus(lines.get(name, Portion()), line, sign)
    payments = dict(one.payments)
    for name, amount in other.payments.items():
        payments[name] = payments.get(name, ZERO) + sign * amount
    return replace(_share(lines, payments), left_out=plain(one.left_out + sign * other.left_out))


def _rate_of(line: Portion) -> str:
    return " + ".join(sorted(line.taxes)) or NO_TAX


def _apart(what: str, store: Mapping[str, Decimal], pos: Mapping[str, Decimal]) -> list[Gap]:
    names = [*store, *(name for name in pos if name not in store)]
    pairs = [(name, store.get(name, ZERO), pos.get(name, ZERO)) for name in names]
    return [Gap(what, name, ours, theirs) for name, ours, theirs in pairs if ours != theirs]


def _summed(pairs: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for name, amount in pairs:
        found[name] = plain(found.get(name, ZERO) + amount)
    return {name: amount for name, amount in found.items() if amount}
