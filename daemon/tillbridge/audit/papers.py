"""The documents of an order as the books know them: what the POS has, what is under way, and why there are none."""

from __future__ import annotations

from tillbridge.audit.rows import money
from tillbridge.core.documents import NAMES
from tillbridge.core.homeward import FROM_POS
from tillbridge.core.moments import moment
from tillbridge.core.stock import spell
from tillbridge.ports import Said, Story, Waiting
from tillbridge.ports.paperwork import STOCK_ONLY, Dossier

ALONE = {
    FROM_POS: "it was made from a sale at the POS, which has it already",
    "before_start": "it was made before orders were sent",
    "payment_ignored": "the settings leave out how it was paid",
    STOCK_ONLY: "it travels as stock only, because a person said so",
}
"""Why an order gets no document, in words."""


def documents(story: Story, order: str) -> Said | None:
    """All of it; None of an order of which no document ever was thought of."""
    dossier, message = story.dossier(order), story.paper_message(order)
    if dossier == Dossier(order) and message is None:
        return None
    taken = dossier.taken
    return {
        "words": words(story, dossier, message),
        "alone": dossier.alone,
        "total": money(taken.total),
        "payments": {name: money(amount) for name, amount in taken.payments.items()},
        "lines": [
            {
                "line": name,
                "item": line.item,
                "name": line.name,
                "quantity": spell(line.portion.quantity),
                "net": money(line.portion.net),
                "tax": money(line.portion.gross - line.portion.net),
                "stock": spell(line.stock),
            }
            for name, line in taken.lines.items()
        ],
        "filed_at": None if dossier.filed_at is None else moment(dossier.filed_at),
        "under_way": _under_way(dossier),
        "waiting": None if message is None or message.state == "done" else _waiting(message),
    }


def words(story: Story, dossier: Dossier, message: Waiting | None) -> str:
    """How it stands, in sentences."""
    said = [_had(dossier)]
    if dossier.filing is not None:
        kind = NAMES[type(dossier.filing.document)]
        said.append(f"a {kind} was sent at {moment(dossier.filing.since)}, and it is not certain yet what became of it")
    if dossier.alone:
        said.append(f"it gets no document: {ALONE.get(dossier.alone, dossier.alone)}")
        if dossier.alone != FROM_POS:
            said.append(f"`tillbridge decide order:{dossier.order} send` tells the POS of it all the same")
    elif (order := story.orders([dossier.order]).get(dossier.order)) is not None and not order.admitted:
        said.append("it is not sent before it has a status at which orders are sent")
    if message is not None and message.state == "parked":
        said.append(f"parked ({message.reason}): {message.sentence}")
    elif message is not None and message.state != "done":
        because = f": {message.sentence}" if message.sentence else ""
        said.append(f"{'given up after long' if message.state == 'dead' else 'its next document waits'}{because}")
    return "; ".join(said)


def _had(dossier: Dossier) -> str:
    if not dossier.taken.empty:
        return f"the POS has it at {money(dossier.taken.total)}"
    return "the POS has nothing of it any more" if dossier.filed_at is not None else "the POS has nothing of it"


def _under_way(dossier: Dossier) -> Said | None:
    filing = dossier.filing
    if filing is None:
        return None
    document = filing.document
    return {
        "kind": NAMES[type(document)],
        "key": filing.key,
        "total": money(document.total),
        "since": moment(filing.since),
    }


def _waiting(message: Waiting) -> Said:
    return {
        "id": message.id,
        "state": message.state,
        "reason": message.reason,
        "sentence": message.sentence,
        "due_at": moment(message.due_at),
    }
