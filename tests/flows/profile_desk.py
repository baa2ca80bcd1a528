"""The desks of the flows as a profile sets them: its settings, read as the daemon reads them, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from tests.flows.paper_desk import PaperDesk
from tests.flows.people_desk import PeopleDesk
from tests.flows.return_desk import ReturnDesk
from tests.flows.world import POS, World
from tillbridge import settings
from tillbridge.arriving import homeward_of
from tillbridge.core.pos_papers import PosTerms
from tillbridge.engine import people_rules, rules_of
from tillbridge.settings import Settings, order_policy

REQUIRED = {("pos", "url"): "http://127.0.0.1:9000", ("pos", "token"): "env:TILL"}
MAPPED = {
    ("payments", "bacs"): "transfer", ("payments", "cod"): "cash", ("taxes", "standard"): "VAT",
    ("orders", "default_tax"): "Other", ("people", "default_group"): "Web",
}  # fmt: skip
"""What an owner has to name whatever the profile: payment types, taxes, a group."""


AS_SALES = {("orders", "as"): "sale"}
TRAVELLING = {("sync", "customers"): "to-pos"}
KEPT = {("orders", "pos_sales"): "orders"}
"""What an owner changes by hand, so that a cell shows which the profile itself leaves without effect."""

Places = Mapping[tuple[str, str], str]


def read(profile: str, by_hand: Places = MappingProxyType({})) -> Settings:
    places = {**REQUIRED, **MAPPED, ("sync", "profile"): profile, **by_hand}
    return settings.read(None, {"TILL": "till-token-value"}, places)


def paper_desk(folder: Path, profile: str, by_hand: Places = MappingProxyType({})) -> PaperDesk:
    """Orders of cups of which both sides have ten, at a POS that takes documents."""
    chosen = read(profile, by_hand)
    policy = order_policy(chosen, UTC, currency="EUR")
    desk = PaperDesk(World(folder), policy)
    desk.rules = rules_of(chosen)
    desk.wake(policy)
    return desk


def people_desk(folder: Path, profile: str, by_hand: Places = MappingProxyType({})) -> PeopleDesk:
    """The same with customers, at a POS that has groups of them."""
    chosen = people_rules(read(profile, by_hand))
    desk = PeopleDesk(World(folder), chosen, groups=True)
    desk.rules = replace(rules_of(read(profile, by_hand)), orders=desk.rules.orders, send_on=desk.rules.send_on)
    desk.world.put_together(desk.world.sql, rules=desk.rules)
    return desk


def return_desk(folder: Path, profile: str, by_hand: Places = MappingProxyType({})) -> ReturnDesk:
    """What the till tells, kept in the shop."""
    return ReturnDesk(World(folder), homeward_of(read(profile, by_hand), PosTerms("EUR", ("cash", "transfer"))))


def heard(desk: PaperDesk) -> tuple[list[str], list[Decimal]]:
    """What the POS was told: documents by kind, and stock."""
    return desk.kinds, desk.stock(POS)
