"""The desks of the flows as a profile sets them: its settings, read as the daemon reads them, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from pathlib import Path

from tests.flows.paper_desk import PaperDesk
from tests.flows.people_desk import PeopleDesk
from tests.flows.return_desk import ReturnDesk
from tests.flows.world import POS, World
from tillbridge import settings
from tillbridge.arriving import homeward_of
from tillbridge.core.order_policy import OrderPolicy
from tillbridge.core.pos_papers import PosTerms
from tillbridge.engine import people_rules, rules_of
from tillbridge.settings import Settings, order_policy

REQUIRED = {("pos", "url"): "http://127.0.0.1:9000", ("pos", "token"): "env:TILL"}
MAPPED = {
    ("payments", "bacs"): "transfer", ("payments", "cod"): "cash", ("taxes", "standard"): "VAT",
    ("orders", "default_tax"): "Other", ("people", "default_group"): "Web",
}  # fmt: skip
"""What an owner has to name whatever the profile: payment types, taxes, a group."""


def read(profile: str) -> Settings:
    return settings.read(None, {"TILL": "till-token-value"}, {**REQUIRED, **MAPPED, ("sync", "profile"): profile})


def policy_of(profile: str) -> OrderPolicy:
    return order_policy(read(profile), UTC, currency="EUR")


def paper_desk(folder: Path, profile: str) -> PaperDesk:
    """Orders of cups of which both sides have ten, at a POS that takes documents."""
    desk = PaperDesk(World(folder), policy_of(profile))
    desk.rules = rules_of(read(profile))
    desk.wake(policy_of(profile))
    return desk


def people_desk(folder: Path, profile: str) -> PeopleDesk:
    """The same with customers, at a POS that has groups of them."""
    chosen = people_rules(read(profile))
    desk = PeopleDesk(World(folder), chosen, groups=True)
    desk.rules = replace(rules_of(read(profile)), orders=desk.rules.orders, send_on=desk.rules.send_on)
    desk.world.put_together(desk.world.sql, rules=desk.rules)
    return desk


def return_desk(folder: Path, profile: str) -> ReturnDesk:
    """What the till tells, kept in the shop."""
    return ReturnDesk(World(folder), homeward_of(read(profile), PosTerms("EUR", ("cash", "transfer"))))


def heard(desk: PaperDesk) -> tuple[list[str], list[Decimal]]:
    """What the POS was told: documents by kind, and stock."""
    return desk.kinds, desk.stock(POS)
