"""What the POS tells, and what the shop is to keep of it; and a sale at the counter as an order of the shop."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from tillbridge.core.account import TaxRate
from tillbridge.core.drafts import DraftLine, Made, OrderDraft
from tillbridge.core.money import spelled, step_of
from tillbridge.core.paper import LineKind, Paper, Part, Person, TaxShare
from tillbridge.core.pos_papers import PosPaper, PosPaperKind, PosPaperLine, PosTax
from tillbridge.core.reckoning import GIFT_CARD
from tillbridge.core.stock import ZERO, plain
from tillbridge.core.taken import Taken, TakenLine
from tillbridge.core.wanted import Parked

SHIPPING = "shipping"
"""The name of the shipping line of such an order."""

FROM_POS = "from_pos"
"""Why such an order gets no document: the POS has its own."""

COMPLETED = "completed"

OVER = frozenset({COMPLETED, "cancelled", "refunded", "failed", "trash"})
"""The statuses of orders that nobody completes any more."""


@dataclass(frozen=True, slots=True)
class Homeward:
    """What the owner decided about what the POS tells.

    `pos_sales`: whether sales at the counter become orders, with `status`, the shipping method `shipping` ("": none)
    and `author` (the id of the shop's customer in whose name they stand, "": nobody). `mail`: whether customers are
    written to. `payments`: POS payment type → gateway. `taxes`: POS tax → the store's rate, `classes`: that rate → its
    tax class. `currency` is the POS's.
    `billing` is the address on an order of a sale that names nobody.
    """

    pos_sales: bool = False
    status: str = COMPLETED
    shipping: str = ""
    author: str = ""
    mail: bool = False
    payments: Mapping[str, str] = field(default_factory=dict)
    taxes: Mapping[str, str] = field(default_factory=dict)
    currency: str = ""
    billing: Person = Person()
    classes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FromPos:
    """An order to be, and the sale that it is at the POS, line by line: `lines` by the draft's name of each."""

    draft: OrderDraft
    lines: Mapping[str, PosPaperLine]
    payments: Mapping[str, Decimal]

    def taken(self, named: Mapping[str, str]) -> Taken:
        """What the POS has of the order, by the store's lines. `named`: the store's line of each of ours."""
        lines = {}
        for name, line in self.lines.items():
            if name in named:
                stock = line.portion.quantity if line.item else ZERO
                lines[named[name]] = TakenLine(line.item, line.name, line.portion, stock)
        return Taken(lines, self.payments)


def payments_back(mapped: Mapping[str, str]) -> dict[str, str]:
    """POS payment type → gateway, where `mapped` says gateway → type. Of several gateways of one type the first."""
    return {name: gateway for gateway, name in reversed(list(mapped.items())) if gateway != GIFT_CARD}


def taxes_back(
    mapped: Mapping[str, str], rates: Sequence[TaxRate], taxes: Sequence[PosTax], default: str = ""
) -> dict[str, str]:
    """POS tax → the store's rate, where `mapped` says rate or tax class → POS tax, and all others are the POS's
    `default` ("": none). A rate must have the per cent of the POS's tax, where that is known.

    Of rates that are named the first is taken, as the owner wrote them. Among those of a class, or without a mapping,
    nobody can choose: of several the tax has none.
    """
    percent = {tax.name: tax.percent for tax in taxes}
    known = {rate.id: rate for rate in rates}
    found: dict[str, str] = {}
    for number, name in mapped.items():
        rate = known.get(number)
        if rate is not None and percent.get(name, rate.percent) == rate.percent:
            found.setdefault(name, rate.id)
    others: dict[str, list[str]] = {}
    for rate in rates:
        name = "" if rate.id in mapped else mapped.get(rate.tax_class, default)
        if name and name not in found and percent.get(name, rate.percent) == rate.percent:
            others.setdefault(name, []).append(rate.id)
    return found | {name: numbers[0] for name, numbers in others.items() if len(numbers) == 1}


def key_of(site: str, paper: PosPaper, what: str) -> str:
    """The key under which the shop makes `what` of a document: the same however often it is asked. A till whose
    database was restored gives its numbers anew, to documents of another moment."""
    name = "\n".join((site, what, paper.number, paper.at.isoformat()))
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def parts_of(paper: PosPaper, *, is_web_order: bool, pos_sales: bool) -> Sequence[str]:
    """What the shop has to do about a document, in order: `complete`, `order`, `refund`.

    What is sold in the place of goods that came back of a web order is the POS's own sale. A document that brings
    nothing back (it pays out what was still owed) is no refund.
    """
    refund = ["refund"] if paper.returned else []
    match paper.kind:
        case PosPaperKind.PICKUP | PosPaperKind.SHIPMENT:
            return ["complete"]
        case PosPaperKind.SALE:
            return ["order"] if pos_sales and not is_web_order else []
        case PosPaperKind.RETURN | PosPaperKind.VOID:
            return refund
        case PosPaperKind.EXCHANGE:
            sold = pos_sales and not is_web_order and paper.sold
            return [*(["order"] if sold else []), *refund]


def differs(paper: PosPaper, step: Decimal) -> Parked | None:
    """What is wrong where the lines of a document do not come to its total."""
    sold = sum((line.portion.gross for line in paper.sold), ZERO)
    returned = sum((line.portion.gross for line in paper.returned), ZERO)
    if sold - returned == paper.total:
        return None
    shown = [spelled(amount, step) for amount in (sold, returned, sold - returned, paper.total)]
    return Parked(
        "totals_differ",
        f"Document {paper.number} of the POS: sold {shown[0]} − returned {shown[1]} = {shown[2]}; it says {shown[3]}.",
        "Correct the document at the POS, or enter it in the shop by hand and discard this.",
    )


def order_of(
    paper: PosPaper, refs: Mapping[str, str], homeward: Homeward, key: str, buyer: Person | None = None
) -> FromPos | Parked:
    """The order that the shop is to keep of a sale. `refs`: POS item → the store's product or variation. `buyer`: who
    bought, `id` being the account in the shop."""
    if (wrong := differs(paper, step_of(homeward.currency))) is not None:
        return wrong
    lines: dict[str, PosPaperLine] = {}
    drafted: list[DraftLine] = []
    for number, line in enumerate(paper.sold, start=1):
        unknown = next(
            (name for name, amount in line.portion.taxes.items() if amount and name not in homeward.taxes), ""
        )
        if unknown:
            return _unknown_tax(paper, line, unknown)
        drafted.append(_line(str(number), line, refs.get(line.item, "") if line.item else "", homeward))
        lines[str(number)] = line
    if not drafted:
        return Parked(
            "empty", f"Document {paper.number} of the POS has no line.", "Discard this: no order is ever empty."
        )
    if homeward.shipping:
        title = homeward.shipping.replace("_", " ").capitalize()
        drafted.append(DraftLine(SHIPPING, title, Decimal(1), ZERO, kind=LineKind.SHIPPING, method=homeward.shipping))
    total = plain(sum((line.portion.gross for line in paper.sold), ZERO))
    parts = _parts(paper, total, homeward)
    titles = ", ".join(sorted(name for name, amount in paper.payments.items() if amount > 0))
    is_paid = sum((part.amount for part in parts), ZERO) == total
    draft = OrderDraft(
        key,
        paper.number,
        paper.at,
        homeward.status,
        homeward.currency,
        total,
        tuple(drafted),
        paper.at if is_paid else None,
        parts[0].method if parts else "",
        titles,
        parts if len(parts) > 1 else (),
        buyer or replace(homeward.billing, id=homeward.author),
        mail=homeward.mail,
    )
    return FromPos(draft, lines, {name: amount for name, amount in paper.payments.items() if amount > 0})


def with_fees(draft: OrderDraft, made: Made, read: Callable[[str], Paper | None]) -> Made:
    """With the goods of a part of a piece that the shop keeps as a fee: only the order that was made can say, so it is
    `read` where there are such goods."""
    broken = [line.line for line in draft.lines if line.held % 1]
    shown = read(made.ref) if broken else None
    goods = {line.id for line in shown.lines if line.kind is LineKind.ITEM} if shown is not None else set()
    return replace(made, fees=frozenset(name for name in broken if made.lines.get(name) not in goods))


def _line(number: str, line: PosPaperLine, ref: str, homeward: Homeward) -> DraftLine:
    portion = line.portion
    taxes = tuple(TaxShare(homeward.taxes[name], amount) for name, amount in portion.taxes.items() if amount)
    classes = {homeward.classes.get(tax.rate, "") for tax in taxes}
    tax_class = classes.pop() if len(classes) == 1 else ""
    kind = LineKind.ITEM if line.item else LineKind.FEE
    held = portion.quantity if ref else ZERO
    return DraftLine(
        number, line.name or line.sku, portion.quantity or Decimal(1), portion.net, taxes, kind, ref, tax_class,
        held=held,
    )  # fmt: skip


def _parts(paper: PosPaper, total: Decimal, homeward: Homeward) -> tuple[Part, ...]:
    """How it was paid, the largest first. In an exchange the goods that came back paid the rest."""
    paid = sorted(((amount, name) for name, amount in paper.payments.items() if amount > 0), reverse=True)
    parts = [Part(homeward.payments.get(name, ""), amount) for amount, name in paid]
    rest = total - sum((part.amount for part in parts), ZERO)
    if rest > 0 and paper.returned:
        parts.append(Part("", plain(rest)))
    return tuple(parts)


def _unknown_tax(paper: PosPaper, line: PosPaperLine, tax: str) -> Parked:
    return Parked(
        "unmapped_tax",
        f"Document {paper.number} of the POS: the tax {tax} of “{line.name}” is no tax rate of the shop.",
        f"Set <number of the rate> = {tax} under [taxes]. Of several rates that it may be, the first that stands there "
        "is taken.",
    )
