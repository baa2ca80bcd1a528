"""Data and accounts, before anything moves: what both sides report, what is held out, and the policy in force."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType

from tillbridge.abreast import abreast
from tillbridge.backlog import held
from tillbridge.core.account import StoreAccount, pos_misfits, store_misfits
from tillbridge.core.links import Held
from tillbridge.core.order_policy import OrderPolicy
from tillbridge.core.pos_papers import PosTerms
from tillbridge.core.stock import SideName
from tillbridge.errors import SideTrouble, Unsupported
from tillbridge.ports import Clock, Report, Said, Side

PATIENCE = 8.0
"""Seconds for both sides, which are asked at the same time."""

CURRENCY = "currency"
"""The fact of a side's report that says what its prices are in."""

LATE = "it did not say within {:g} s how it is. See what keeps it busy, then run check again"

Found = Report | StoreAccount | PosTerms


@dataclass(frozen=True, slots=True)
class Money:
    """What is looked at where orders become sales: by which policy, and how both sides say what they take money by.
    Both raise `SideTrouble`, `Unsupported`."""

    policy: OrderPolicy
    store: Callable[[], StoreAccount]
    pos: Callable[[], PosTerms]


def inspect(
    sides: Mapping[SideName, Side],
    held_out: Sequence[Held],
    policy: Sequence[Mapping[str, str]],
    clock: Clock,
    patience: float = PATIENCE,
    buffers: tuple[Sequence[str], Sequence[str]] = ((), ()),
    problems: Sequence[str] = (),
    money: Money | None = None,
) -> Said:
    """`policy`: every setting's name, value and source, with no secret in it. `buffers`: what is wrong with those
    that are set by SKU, and what is to be remarked; it is told with the shop. `problems`: what is wrong with the
    settings by themselves. `money`: None where orders are no sales, and nobody minds."""
    late = Report((LATE.format(patience),))
    questions: list[Callable[[], Found]] = [side.check for side in sides.values()]
    if money is not None:
        questions += [partial(_account, money.store), partial(_account, money.pos)]
    found = [late if one is None else one for one in abreast(questions, clock, patience)]
    reports = {name: one for name, one in zip(sides, found, strict=False) if isinstance(one, Report)}
    if money is not None:
        reports = _compared(reports, found[-2], found[-1], money.policy)
    remarks = {"buffers": "; ".join(buffers[1])} if buffers[1] else {}
    reports[SideName.STORE] = _with(reports[SideName.STORE], buffers[0], remarks)
    return {
        "well": not problems and not any(report.problems for report in reports.values()),
        "problems": list(problems),
        "sides": {str(name): _shown(report) for name, report in reports.items()},
        "held_out": [held(one) for one in held_out],
        "policy": [dict(one) for one in policy],
    }


def _account(ask: Callable[[], Found]) -> Found:
    """What a side takes money by, or why that cannot be seen."""
    try:
        return ask()
    except (SideTrouble, Unsupported) as error:
        return Report((f"By what it takes money cannot be read, so that nothing is compared: {error}",))


def _compared(
    reports: Mapping[SideName, Report], store: Found, pos: Found, policy: OrderPolicy
) -> dict[SideName, Report]:
    """The reports, and in them what of the two accounts does not go together. A side that cannot be reached has said so
    already, and a second time helps nobody."""
    of_store, of_pos = reports[SideName.STORE], reports[SideName.POS]
    shop = store if isinstance(store, StoreAccount) else StoreAccount()
    till = pos if isinstance(pos, PosTerms) else PosTerms(of_pos.facts.get(CURRENCY, ""), ())
    shop = replace(shop, currency=shop.currency or of_store.facts.get(CURRENCY, ""))
    unread = {
        name: one.problems if isinstance(one, Report) and not reports[name].problems else ()
        for name, one in ((SideName.STORE, store), (SideName.POS, pos))
    }
    return {
        SideName.STORE: _with(of_store, (*unread[SideName.STORE], *store_misfits(policy, shop, till))),
        SideName.POS: _with(of_pos, (*unread[SideName.POS], *pos_misfits(policy, till))),
    }


def _with(report: Report, problems: Sequence[str], facts: Mapping[str, str] = MappingProxyType({})) -> Report:
    return Report((*report.problems, *problems), {**report.facts, **facts})


def _shown(report: Report) -> dict[str, object]:
    return {"problems": list(report.problems), "facts": dict(report.facts)}
