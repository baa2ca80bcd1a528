"""Questions about a linked item: a fall that is kept off sale, and a difference that was left standing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tillbridge.core import rulings
from tillbridge.core.stock import ZERO, SideName, spell
from tillbridge.core.targets import Shelf
from tillbridge.decisions.asked import MOST, Asked, Choice, Deciding, subjects, the_one
from tillbridge.ports import Pending
from tillbridge.retiring import GO_ON, KEEP, note_of
from tillbridge.undo import PUT_BACK, SOLD

AT_ONCE = 5000
"""Items that one word may decide about together."""

LEAVE = "leave"


class HeldFalls:
    """A level in the shop fell, and nobody said why: it is kept off sale until a person says whether it was sold."""

    name = "held"

    def rows(self, pending: Pending) -> list[Asked]:
        return _asked(_held, _shelves(pending, pending.links_held(MOST)))

    def find(self, pending: Pending, subject: str) -> Asked | None:
        shelf = self._of(pending, subject)
        return None if shelf is None else _held(shelf, subject)

    def decide(self, deciding: Deciding, subject: str, choice: str) -> None:
        shelf = self._of(deciding.unit, subject)
        if shelf is None:
            return
        if choice == "sold":
            deciding.rule(shelf, rulings.sold(shelf), SOLD)
        else:
            deciding.rule(shelf, rulings.put_back(shelf), PUT_BACK)

    @staticmethod
    def _of(pending: Pending, subject: str) -> Shelf | None:
        return the_one(pending, subject, lambda shelf: shelf.terms.held != ZERO)


class Offsets:
    """The two sides of an item differ by so much since first contact, or since something was undone."""

    name = "offset"

    def rows(self, pending: Pending) -> list[Asked]:
        return _asked(_offset, _shelves(pending, pending.links_offset(MOST)))

    def find(self, pending: Pending, subject: str) -> Asked | None:
        shelf = self._of(pending, subject)
        return None if shelf is None else _offset(shelf, subject)

    def decide(self, deciding: Deciding, subject: str, choice: str) -> None:
        shelf = self._of(deciding.unit, subject)
        if shelf is not None:
            _settle(deciding, shelf, choice)

    @staticmethod
    def _of(pending: Pending, subject: str) -> Shelf | None:
        """Also one that may stay: a person may think better of it."""
        return the_one(pending, subject, lambda shelf: shelf.link.offset != ZERO)


class AllOffsets:
    """The same word for every item, where there are several: at first contact a shop has one answer for all."""

    name = "offsets"

    def rows(self, pending: Pending) -> list[Asked]:
        found = self.find(pending, "")
        return [] if found is None else [found]

    def find(self, pending: Pending, subject: str) -> Asked | None:
        links = pending.links_offset(AT_ONCE) if not subject else []
        if len(links) < 2:
            return None
        first = "first " if len(links) == AT_ONCE else ""
        return Asked(self.name, "", f"the {first}{len(links)} items whose sides differ, one word for all", _FOR_ALL)

    def decide(self, deciding: Deciding, _: str, choice: str) -> None:
        for shelf in _shelves(deciding.unit, deciding.unit.links_offset(AT_ONCE)):
            _settle(deciding, shelf, choice)


class Vanished:
    """Too many linked items are gone from a side at once: their links stay until a person says that it is so."""

    name = "vanished"

    def rows(self, pending: Pending) -> list[Asked]:
        found = {side: pending.noted(note_of(side)) for side in SideName}
        return [_vanished(side, int(count)) for side, count in found.items() if count.isdecimal()]

    def find(self, pending: Pending, subject: str) -> Asked | None:
        return next((one for one in self.rows(pending) if one.subject == subject), None)

    def decide(self, deciding: Deciding, subject: str, choice: str) -> None:
        name = note_of(SideName(subject))
        if choice == GO_ON:
            deciding.note(name, GO_ON)
            deciding.cannot_be_undone("what is made anew under the same SKU is linked by itself")
            deciding.say("their links end at the next look (`tillbridge sync` looks now)")
        else:
            deciding.note(name, f"{KEEP}{deciding.unit.noted(name)}")
            deciding.say("their links stay, and nobody asks again unless more are gone")


def left(link: int) -> str:
    """The note that says which offset of a link a person wants to leave standing."""
    return f"left:{link}"


def _settle(deciding: Deciding, shelf: Shelf, choice: str) -> None:
    if choice == LEAVE:
        deciding.note(left(shelf.link.id), spell(shelf.link.offset))
        deciding.say("the difference is left standing", shelf.link.sku)
        return
    deciding.rule(shelf, rulings.SETTLING[choice](shelf), choice)


def _shelves(pending: Pending, links: Sequence[int]) -> list[Shelf]:
    found = pending.shelves_by_link(links)
    return [found[link] for link in links]


def _asked(question: Callable[[Shelf, str], Asked], shelves: Sequence[Shelf]) -> list[Asked]:
    names = subjects([(shelf.link.id, shelf.link.sku) for shelf in shelves])
    return [question(shelf, names[shelf.link.id]) for shelf in shelves]


def _held(shelf: Shelf, subject: str) -> Asked:
    sku, held = shelf.link.sku, shelf.terms.held
    words = f"{spell(held)} of {sku!r} left the shop's level without a word, and are kept off sale"
    choices = (
        Choice("sold", f"somebody sold them: {rulings.follows(shelf, rulings.sold(shelf))}"),
        Choice("put-back", f"nobody did: {rulings.follows(shelf, rulings.put_back(shelf))}"),
    )
    return Asked("held", subject, words, choices, sku=sku, amount=held)


def _offset(shelf: Shelf, subject: str) -> Asked:
    sku, offset = shelf.link.sku, shelf.link.offset
    which = "more" if offset > 0 else "less"
    words = f"the shop may sell {spell(abs(offset))} of {sku!r} {which} than the POS has, and that is left standing"
    choices = tuple(
        Choice(name, f"{_MEANINGS[name]}: {rulings.follows(shelf, change(shelf))}")
        for name, change in rulings.SETTLING.items()
    )
    leave = Choice(LEAVE, f"{_MEANINGS[LEAVE]}: nothing is written, and nobody asks again")
    return Asked("offset", subject, words, (*choices, leave), sku=sku, amount=offset)


def _vanished(side: SideName, count: int) -> Asked:
    where = "shop" if side is SideName.STORE else "POS"
    choices = (
        Choice(GO_ON, "they were deleted for good: their links end, and what has their SKU now is linked anew"),
        Choice("keep", "they will be back: their links stay"),
    )
    return Asked("vanished", str(side), f"{count} linked items are gone from the {where} at once", choices)


_MEANINGS = {
    "pos": "the POS is right",
    "store": "the shop is right",
    "smaller": "the smaller of the two is right",
    LEAVE: "both may stay as they are",
}
_FOR_ALL = tuple(Choice(name, f"{meaning}, for each of them") for name, meaning in _MEANINGS.items())
