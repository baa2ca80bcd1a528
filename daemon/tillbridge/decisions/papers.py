"""Questions about orders that the POS was not told of: what keeps them, and what may be done instead."""

from __future__ import annotations

from dataclasses import replace

from tillbridge import crossing
from tillbridge.core.homeward import FROM_POS
from tillbridge.core.positions import Order
from tillbridge.decisions.asked import MOST, Asked, Choice, Deciding
from tillbridge.ports import Pending, Waiting
from tillbridge.ports.paperwork import OUR_REASONS, STOCK_ONLY, Dossier, by_hand, send_anyway, without_customer

RETRY, WITHOUT_CUSTOMER, AS_STOCK, BY_HAND = "retry", "without-customer", "stock-only", "by-hand"

SEND = "send"
"""Never asked, always allowed: whom the settings leave out, a person may send later."""

ABOUT_PEOPLE = (
    "customer",
    "person",
    "address",
    "postcode",
    "zip",
    "street",
    "city",
    "country",
    "mail",
    "phone",
    "name",
)
"""Words by which a POS says that it was the customer whom it did not take."""


class ParkedOrders:
    """They are tried again by themselves once what they are parked for is mended; a person may say more."""

    name = "order"

    def rows(self, pending: Pending) -> list[Asked]:
        return [_asked(pending.dossier(_order(one)), one) for one in pending.parked_papers(MOST)]

    def find(self, pending: Pending, subject: str) -> Asked | None:
        message = pending.paper_message(subject)
        if message is None or message.state != "parked":
            return _to_be_sent(pending, subject, message)
        return _asked(pending.dossier(subject), message)

    def decide(self, deciding: Deciding, subject: str, choice: str) -> None:
        unit = deciding.unit
        if choice == SEND:
            _send(deciding, subject)
            return
        message = unit.paper_message(subject)
        assert message is not None
        if choice == AS_STOCK:
            order = unit.orders([subject]).get(subject, Order(subject))
            crossing.leave_alone(unit, unit.dossier(subject), order, unit.lines_of_orders([subject]), STOCK_ONLY)
            unit.discard(message.id, "a person chose that it travels as stock only")
            deciding.cannot_be_undone("what its lines hold has crossed to the POS as stock")
            deciding.say(f"the POS gets no document of order {subject}: what it takes crosses as stock")
            return
        if choice == WITHOUT_CUSTOMER:
            deciding.note(without_customer(subject), "yes")
            deciding.say(f"the POS is told of order {subject} without its customer")
        elif choice == BY_HAND:
            deciding.note(by_hand(subject), repr(unit.dossier(subject).stirred_at))
            deciding.cannot_be_undone("what was done at the POS by hand is entered as what it was to be told")
            deciding.say(f"what the POS was to be told of order {subject} was done there by hand")
        else:
            deciding.say(f"order {subject} is tried again now")
        unit.unpark(message.id)


def _to_be_sent(pending: Pending, order: str, message: Waiting | None) -> Asked | None:
    """An order that nothing is asked about: left alone, sent with lines left out, or given up."""
    known, dossier = pending.orders([order]).get(order), pending.dossier(order)
    was_looked_at = message is not None or dossier != Dossier(order)
    if known is None or not known.admitted or known.gone or not was_looked_at or dossier.alone == FROM_POS:
        return None
    words = "tell the POS of it as the order and the settings are now, also where the settings leave it out"
    return Asked("order", order, f"order {order}", (Choice(SEND, words),), order=order)


def _send(deciding: Deciding, subject: str) -> None:
    unit = deciding.unit
    deciding.note(send_anyway(subject), "yes")
    unit.save_dossier(replace(unit.dossier(subject), alone=""))
    unit.save_orders([replace(unit.orders([subject])[subject], alone=False)])
    unit.stir_papers([subject])
    deciding.cannot_be_undone("the POS is told of the order")
    deciding.say(f"the POS is told of order {subject} as it is now; what is missing for that is listed by `queue`")


def _order(message: Waiting) -> str:
    return message.key.removeprefix("paper:")


def _asked(dossier: Dossier, message: Waiting) -> Asked:
    choices = [Choice(RETRY, "it is mended: try it again now")]
    if dossier.taken.empty and dossier.filing is None:
        if _is_about_a_person(message):
            choices.append(Choice(WITHOUT_CUSTOMER, "tell the POS of it without its customer"))
        choices.append(Choice(AS_STOCK, "tell the POS nothing of it: what it takes crosses as stock"))
    elif dossier.filing is None and message.reason not in OUR_REASONS:
        words = "somebody did at the POS by hand, goods and money, what it was told: it is entered as done"
        choices.append(Choice(BY_HAND, words))
    words = f"order {dossier.order} is parked ({message.reason}): {message.sentence}"
    return Asked("order", dossier.order, words, tuple(choices), order=dossier.order)


def _is_about_a_person(message: Waiting) -> bool:
    """Whether the POS refused it because of who bought it, as far as its words tell."""
    said = f"{message.reason} {message.sentence}".casefold()
    return message.reason not in OUR_REASONS and any(word in said for word in ABOUT_PEOPLE)
