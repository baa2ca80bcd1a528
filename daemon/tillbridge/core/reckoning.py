"""An order's exact amounts in whole cents that add up: per line, per tax rate, and to the total of the order.

What was charged is the order's total and the totals of its tax rates; a line's amounts are exact and only tell how
those are shared. So each rate's total is shared among its lines first, then what is left of the order's total among
the nets, each time by largest remainder: no amount differs by a whole cent from what the store computed.

WooCommerce rounds the same amount in several ways, which is allowed for:

- A tax that is told in whole cents may have been half a cent when it was charged (a fee's tax of 0.475 is told as 0.48
  and charged as 0.47, in shops whose prices include tax). It gives way by one cent where its rate's total asks for it.
- Where taxes are rounded at the subtotal, a rate's total has parts of a cent, and the order is charged the sum of all
  rates, rounded once for goods and fees and once for shipping. Such a rate's total is rounded the way that fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from tillbridge.core.money import bounds, ceiling, floor, rounded, share, spelled, step_of
from tillbridge.core.paper import LineKind, Paper, PaperLine, Refund
from tillbridge.core.stock import ZERO

GIFT_CARD = "gift_card"
"""The method of a part that a gift card paid."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """Whole cents: without tax, and the taxes by the store's rate."""

    net: Decimal = ZERO
    taxes: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def gross(self) -> Decimal:
        return self.net + sum(self.taxes.values(), ZERO)


@dataclass(frozen=True, slots=True)
class Repaid:
    """A refund in whole cents: what it takes off each line of its order, and the `rest`, which is of no line (below
    zero where less was paid out than its lines come to)."""

    lines: Mapping[str, Amounts]
    rest: Decimal


@dataclass(frozen=True, slots=True)
class Reckoned:
    """An order in whole cents. `total` is the sum of all lines: what gift cards paid is in it, refunds are not off."""

    lines: Mapping[str, Amounts]
    total: Decimal
    step: Decimal
    refunds: tuple[Repaid, ...] = ()


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The order's amounts do not come to its total. `sentence` shows both computations."""

    sentence: str
    fix: str = "Recalculate the order in the store, or undo what was changed in its totals by hand."
    code: str = "totals_differ"


def reckon(paper: Paper, places: int | None = None) -> Reckoned | Mismatch:
    """The order in whole cents; in whole units of `places` decimals where the shop reckons in fewer than its currency
    has."""
    step = step_of(paper.currency, places)
    cards = sum((part.amount for part in paper.parts if part.method == GIFT_CARD), ZERO)
    goals = [paper.total + cards, paper.total] if cards else [paper.total]
    refunds = tuple(repaid(refund, paper, step) for refund in paper.refunds)
    found = [_reckoned(paper, goal, step, refunds) for goal in goals]
    return next((each for each in found if isinstance(each, Reckoned)), found[0])


def repaid(refund: Refund, paper: Paper, step: Decimal) -> Repaid:
    """A refund in whole cents. Where its lines can come to its amount they do."""
    known = {line.id for line in paper.lines}
    lines = [line for line in refund.lines if line.line in known]
    amount = rounded(refund.amount, step)
    nets = [line.net for line in lines]
    taxes = [tax.amount for line in lines for tax in line.taxes]
    whole_nets = [rounded(net, step) for net in nets]
    whole_taxes = [rounded(tax, step) for tax in taxes]
    if _fits(left := amount - sum(whole_nets, ZERO), taxes, step):
        whole_taxes = share(left, taxes, step)
    elif _fits(left := amount - sum(whole_taxes, ZERO), nets, step):
        whole_nets = share(left, nets, step)
    found: dict[str, Amounts] = {}
    remaining = iter(whole_taxes)
    for line, net in zip(lines, whole_nets, strict=True):
        of_line = _summed((tax.rate, next(remaining)) for tax in line.taxes)
        found[line.line] = added(found.get(line.line, Amounts()), Amounts(net, of_line))
    return Repaid(found, amount - sum((each.gross for each in found.values()), ZERO))


def added(one: Amounts, other: Amounts, sign: int = 1) -> Amounts:
    """Both together; with `sign` −1 the first less the other."""
    rates = [*one.taxes, *(rate for rate in other.taxes if rate not in one.taxes)]
    taxes = {rate: one.taxes.get(rate, ZERO) + sign * other.taxes.get(rate, ZERO) for rate in rates}
    return Amounts(one.net + sign * other.net, taxes)


def _reckoned(paper: Paper, goal: Decimal, step: Decimal, refunds: tuple[Repaid, ...]) -> Reckoned | Mismatch:
    cells = _cells(paper)
    told = {rate: sum(shares.values(), ZERO) for rate, shares in cells.items()}
    told |= _summed((rate.id, rate.total) for rate in paper.rates)
    wanted = {rate: rounded(total, step) for rate, total in told.items()}
    for rate, total in wanted.items():
        low, high = _tax_bounds(list(cells.get(rate, {}).values()), step)
        if not low <= total <= high:
            return _rate_differs(paper, rate, cells.get(rate, {}), told[rate], step)
    nets = [line.net for line in paper.lines]
    wanted = _moved(paper, cells, told, wanted, goal, step)
    left = goal - sum(wanted.values(), ZERO)
    if not _fits(left, nets, step):
        return _total_differs(paper, goal, told, step)
    taxes: dict[str, dict[str, Decimal]] = {line.id: {} for line in paper.lines}
    for rate, shares in cells.items():
        for line, amount in zip(shares, _tax_shares(wanted[rate], list(shares.values()), step), strict=True):
            taxes[line][rate] = amount
    weights = [_lost(line, taxes[line.id], step) for line in paper.lines]
    whole = share(left, nets, step, weights)
    lines = {line.id: Amounts(net, taxes[line.id]) for line, net in zip(paper.lines, whole, strict=True)}
    return Reckoned(lines, goal, step, refunds)


def _cells(paper: Paper) -> dict[str, dict[str, Decimal]]:
    """What each rate adds to each line, rates and lines in the order of the paper."""
    cells: dict[str, dict[str, Decimal]] = {}
    for line in paper.lines:
        for rate, amount in _summed((tax.rate, tax.amount) for tax in line.taxes).items():
            cells.setdefault(rate, {})[line.id] = amount
    return cells


def _moved(
    paper: Paper,
    cells: Mapping[str, Mapping[str, Decimal]],
    told: Mapping[str, Decimal],
    wanted: Mapping[str, Decimal],
    goal: Decimal,
    step: Decimal,
) -> dict[str, Decimal]:
    """The rates' totals, those with parts of a cent rounded the other way where only that lets the order add up.

    A total in whole cents moves only where goods and shipping were rounded apart, each half a cent up.
    """
    moved = dict(wanted)
    low, high = bounds([line.net for line in paper.lines], step)
    charged = _charged(paper, step)
    broken = [rate for rate in moved if rounded(told[rate], step) != told[rate]]
    broken.sort(key=lambda rate: -abs(told[rate] - wanted[rate]))
    for rate in [*broken, *(rate for rate in wanted if rate not in broken)]:
        taxes = sum(moved.values(), ZERO)
        way = step if goal - taxes > high else -step if goal - taxes < low else ZERO
        may = rate in broken or (charged - taxes) * way > 0
        if way and may and _within(moved[rate] + way, told[rate], cells.get(rate, {}), step):
            moved[rate] += way
    return moved


def _within(total: Decimal, told: Decimal, shares: Mapping[str, Decimal], step: Decimal) -> bool:
    """Whether a rate may come to this: its lines can, and it is not two steps from what was told."""
    return _fits(total, list(shares.values()), step) and abs(total - told) <= step


def _charged(paper: Paper, step: Decimal) -> Decimal:
    """The taxes as an order rounds them that rounds at the subtotal: goods and fees once, shipping once."""
    shipping = sum((tax.amount for line in paper.lines if _ships(line) for tax in line.taxes), ZERO)
    goods = sum((tax.amount for line in paper.lines if not _ships(line) for tax in line.taxes), ZERO)
    return rounded(shipping, step) + rounded(goods, step)


def _ships(line: PaperLine) -> bool:
    return line.kind is LineKind.SHIPPING


def _tax_bounds(exact: Sequence[Decimal], step: Decimal) -> tuple[Decimal, Decimal]:
    """The bounds of a rate's lines; an amount in whole cents may itself be rounded by half a cent."""
    low, high = bounds(exact, step)
    whole = step * sum(1 for amount in exact if amount and rounded(amount, step) == amount)
    return low - whole, high + whole


def _tax_shares(total: Decimal, exact: Sequence[Decimal], step: Decimal) -> list[Decimal]:
    """A rate's total shared among its lines; amounts in whole cents give way last, the largest first."""
    low, high = bounds(exact, step)
    shares = share(min(max(total, low), high), exact, step)
    whole = [index for index, amount in enumerate(exact) if amount and rounded(amount, step) == amount]
    lacking = total - sum(shares, ZERO)
    for index in sorted(whole, key=lambda index: (-abs(exact[index]), index))[: int(abs(lacking) / step)]:
        shares[index] += step.copy_sign(lacking)
    return shares


def _lost(line: PaperLine, taxes: Mapping[str, Decimal], step: Decimal) -> Decimal:
    """What a line with its tax has lost so far to rounding: those that lost most are rounded up."""
    exact = sum((tax.amount for tax in line.taxes), ZERO)
    return line.net - floor(line.net, step) + exact - sum(taxes.values(), ZERO)


def _fits(total: Decimal, exact: Sequence[Decimal], step: Decimal) -> bool:
    low, high = bounds(exact, step)
    return low <= total <= high and ceiling(total, step) == total


def _summed(pairs: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for name, amount in pairs:
        found[name] = found.get(name, ZERO) + amount
    return found


def _total_differs(paper: Paper, goal: Decimal, told: Mapping[str, Decimal], step: Decimal) -> Mismatch:
    sums = {kind: sum((line.net for line in paper.lines if line.kind is kind), ZERO) for kind in LineKind}
    taxes = sum(told.values(), ZERO)
    comes_to = sum(sums.values(), ZERO) + taxes
    parts = [("lines", sums[LineKind.ITEM]), ("shipping", sums[LineKind.SHIPPING]), ("fees", sums[LineKind.FEE])]
    sum_shown = " + ".join(f"{name} {spelled(amount, step)}" for name, amount in [*parts, ("taxes", taxes)])
    cards = f" and {spelled(goal - paper.total, step)} by gift card" if goal != paper.total else ""
    return Mismatch(
        f"Order {paper.number}: {sum_shown} = {spelled(comes_to, step)}; the order says {spelled(paper.total, step)}"
        f"{cards}; differs by {spelled(abs(goal - comes_to), step)}."
    )


def _rate_differs(paper: Paper, rate: str, shares: Mapping[str, Decimal], told: Decimal, step: Decimal) -> Mismatch:
    label = next((each.label for each in paper.rates if each.id == rate), rate)
    comes_to = sum(shares.values(), ZERO)
    return Mismatch(
        f"Order {paper.number}: the lines' taxes at “{label}” come to {spelled(comes_to, step)}; the order says "
        f"{spelled(told, step)}; differs by {spelled(abs(told - comes_to), step)}."
    )
