"""A document under way: fixed before it is first sent, and the same until it is known what became of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from tillbridge.core.accounts import Account, Attempt
from tillbridge.core.document_codec import decode_document, encode_document
from tillbridge.core.documents import Document, RecordSale
from tillbridge.core.paper import Person
from tillbridge.core.stock import ZERO, SideName, spell
from tillbridge.errors import Malformed

Where = tuple[str, int]
"""A line of an order, and the link that holds its stock."""


@dataclass(frozen=True, slots=True)
class Filing:
    """A document and when it was sent, as an `accounts.Attempt` has it (steady seconds).

    `moves`: by how much it moves the POS's level of each link. `takes`: how much stock it takes for each line and link
    of the order. `rests`: what of each line's position documents cannot carry, by line and link, from the same reading
    of the order.
    """

    document: Document
    since: float
    tried: float | None
    doubt: float | None = None
    moves: Mapping[int, Decimal] = field(default_factory=dict)
    takes: Mapping[Where, Decimal] = field(default_factory=dict)
    rests: Mapping[Where, Decimal] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return self.document.key


def sent_to(document: Document, customer: Person | None) -> Document:
    """The document with the person in it, where it names one: who that is is never stored."""
    return replace(document, customer=customer) if isinstance(document, RecordSale) else document


def carrier(filing: Filing) -> Account:
    """The attempt of a document, which may move no stock at all, as an account has it."""
    attempt = Attempt(filing.key, ZERO, filing.since, filing.tried, filing.doubt)
    return Account(0, SideName.POS, filing.document.heading.outlet, ZERO, unsettled=attempt)


def encode(filing: Filing) -> str:
    """As text, to be stored; the times are stored beside it."""
    body = {
        "document": encode_document(filing.document),
        "moves": [[link, spell(amount)] for link, amount in filing.moves.items()],
        "takes": _spelled(filing.takes),
        "rests": _spelled(filing.rests),
    }
    return json.dumps(body, separators=(",", ":"))


def decode(text: str, since: float, tried: float | None, doubt: float | None) -> Filing:
    """What `encode` wrote. Raises `Malformed` for anything else."""
    try:
        body = json.loads(text)
        moves = {int(link): Decimal(amount) for link, amount in body["moves"]}
        takes, rests = (_read(body[name]) for name in ("takes", "rests"))
        return Filing(decode_document(body["document"]), since, tried, doubt, moves, takes, rests)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as problem:
        raise Malformed(f"a document under way: found {text[:80]!r}, allowed is what was stored") from problem


def _spelled(amounts: Mapping[Where, Decimal]) -> list[list[object]]:
    return [[line, link, spell(amount)] for (line, link), amount in amounts.items()]


def _read(rows: list[list[str]]) -> dict[Where, Decimal]:
    return {(str(line), int(link)): Decimal(amount) for line, link, amount in rows}
