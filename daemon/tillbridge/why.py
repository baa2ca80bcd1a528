"""Where every number of an item, or of an order, comes from.

The journal is shown with a running sum that ends at what is known, the terms with the rulings that moved them, both
targets with their figures put in. Nothing is asked of the sides: this is what the books say (`resync` looks there).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal

from tillbridge.audit import documents
from tillbridge.core import targets, terms
from tillbridge.core.accounts import Account, EntryKind
from tillbridge.core.explaining import SETTLED as FINISHED
from tillbridge.core.formulas import formulas
from tillbridge.core.links import Ended
from tillbridge.core.moments import moment
from tillbridge.core.positions import Line, Order
from tillbridge.core.stock import ZERO, SideName, plain, spell
from tillbridge.core.targets import Shelf
from tillbridge.ports import Alert, JournalLine, Listing, Outgoing, Ruling, Said, Sighting, Stories, Story
from tillbridge.ports.keeping import LINES_KEPT_SINCE
from tillbridge.resync import UnknownSku

LINES = 50
"""Lines of the journal for each account, where nobody says how many."""

MOST_LINES = 1000

Record = dict[str, object]


class Why:
    """Explains when called."""

    def __init__(self, stories: Stories, listing: Listing) -> None:
        self._stories = stories
        self._listing = listing

    def __call__(self, what: str, lines: int = LINES) -> Said:
        """Of an SKU, or of the number of an order or a document. Raises `UnknownSku`, `StorageTrouble`."""
        asked = what.strip()
        number = asked.removeprefix("#")
        with self._stories.reading() as story:
            links = [_item(story, shelf, min(lines, MOST_LINES)) for shelf in story.shelves_by_sku(asked)]
            ended = [_ended(one) for one in story.ended(asked)]
            order = _document(story, number, MOST_LINES)
            now, since = story.now, _kept_since(story)
        if not links and not ended and order is None:
            older = f"; finished orders older than {since} are no longer kept" if since else ""
            raise UnknownSku(self._why_unknown(asked) + older)
        return {"what": asked, "at": moment(now), "links": links, "order": order, "ended": ended}

    def _why_unknown(self, asked: str) -> str:
        held = next((one for one in self._listing.held() if one.sku == asked), None)
        if held is not None:
            return f"{asked!r} is held out of the sync ({held.reason}): {held.sentence}"
        return (
            f"no item is linked under the SKU {asked!r}, and nothing is known of an order of that number; `tillbridge"
            " sync` looks for new items"
        )


# --- an item


def _ended(one: Ended) -> Record:
    link = one.link
    refs: Record = {"link": link.id, "store_ref": link.store_ref, "pos_ref": link.pos_ref}
    return {**refs, "at": moment(one.at), "words": f"this link ended: {one.words}"}


def _item(story: Story, shelf: Shelf, lines: int) -> Record:
    link = shelf.link
    outgoing = {one.side: one for one in story.outgoing(link.id)}
    found = [_account(story, account, lines) for account in shelf.all()]
    return {
        "sku": link.sku,
        "link": link.id,
        "store_ref": link.store_ref,
        "pos_ref": link.pos_ref,
        "explained": all(one["explained"] for one, _ in found),
        "accounts": [one for one, _ in found],
        "terms": _terms(shelf),
        "formulas": [{**asdict(one), "result": spell(one.result)} for one in formulas(shelf)],
        "targets": [_target(side, shelf, outgoing.get(side), story.paused()) for side in SideName],
        "entries": [entry for _, entries in found for entry in entries],
        "rulings": [_ruling(one) for one in story.rulings_of_link(link.id, lines)],
        "orders": [*_older(story, shelf), *_orders(story, story.lines_of_link(link.id))],
        "sightings": [_sighting(one) for one in story.sightings_of(link.id)],
        "alerts": [alert(one) for one in story.alerts_of(link.id)],
    }


def _account(story: Story, account: Account, limit: int) -> tuple[Record, list[Record]]:
    """The account, and its journal with the running sum."""
    chapter = story.chapter(account, limit)
    place: Record = {"side": str(account.side), "outlet": account.outlet}
    entries: list[Record] = []
    total = chapter.earlier
    if chapter.earlier_lines:
        words = f"before that: {chapter.earlier_lines} lines"
        nothing = {"at": None, "kind": "", "cause": "", "document": "", "line": "", "run": None}
        entries.append({**place, **nothing, "amount": spell(total), "sum": spell(total), "words": words})
    for line in chapter.lines:
        total = plain(total + line.amount)
        entries.append({**place, **_entry(line), "sum": spell(total)})
    sums = {name: spell(getattr(account, name)) for name in ("opening", "born", "written", "known")}
    explained = total == account.known
    return {**place, **sums, "under_way": _under_way(account), "explained": explained}, entries


def _entry(line: JournalLine) -> Record:
    return {
        "at": moment(line.at),
        "amount": spell(line.amount),
        "kind": str(line.kind),
        "cause": line.cause,
        "document": line.document,
        "line": line.line,
        "run": line.run or None,
        "words": _WORDS.get(line.cause) or terms.words([line.effect]) or _KINDS[line.kind],
    }


def _under_way(account: Account) -> str:
    attempt = account.unsettled
    if attempt is None:
        return ""
    return (
        f"a change of {spell(attempt.amount)} was sent at {moment(attempt.since)}, and it is not certain yet what"
        f" became of it (key {attempt.key})"
    )


def _terms(shelf: Shelf) -> Record:
    found = shelf.terms
    names = ("free", "held", "uncounted", "positions", "admitted", "buffer")
    amounts: Record = {name: spell(getattr(found, name)) for name in names}
    return {**amounts, "offset": spell(shelf.link.offset), "backorders": found.backorders}


def _target(side: SideName, shelf: Shelf, outgoing: Outgoing | None, paused: set[SideName]) -> Record:
    target, known = targets.target(side, shelf), targets.known(side, shelf)
    next_write = targets.next_write(side, shelf)
    words = _next(side, shelf, next_write)
    if targets.busy(side, shelf) and side in paused:
        words += f"; writing to the {side} is paused"
    if outgoing is not None and outgoing.error:
        words += f"; {_STATES.get(outgoing.state, outgoing.state)} (message {outgoing.id}): {outgoing.error}"
    return {
        "side": str(side),
        "target": spell(target),
        "known": spell(known),
        "next_write": spell(next_write),
        "words": words,
    }


def _next(side: SideName, shelf: Shelf, amount: Decimal) -> str:
    if any(account.unsettled is not None for account in shelf.of(side)):
        return "nothing more is written before it is certain what became of the last write"
    return f"{amount:+f} is written next" if amount else "nothing is to be written: it shows what it should"


def _ruling(ruling: Ruling) -> Record:
    return {
        "at": moment(ruling.at),
        "run": ruling.run or None,
        "kind": ruling.kind,
        "document": ruling.document,
        "changes": {name: spell(amount) for name, amount in ruling.changes.items()},
        "words": ruling.words,
    }


def _orders(story: Story, lines: Sequence[Line]) -> list[Record]:
    """The lines that hold something, or held it before first contact."""
    holding = [line for line in lines if line.position or line.booked]
    orders = story.orders({line.order for line in holding})
    return [_line(line, orders.get(line.order, Order(line.order))) for line in holding]


def _older(story: Story, shelf: Shelf) -> list[Record]:
    """What finished orders hold whose lines are no longer kept: it is in the sums for good."""
    lines = story.lines_of_link(shelf.link.id)
    left = plain(shelf.terms.positions - sum((line.position for line in lines), ZERO))
    since = _kept_since(story)
    if not left or not since:
        return []
    return [_line(Line("", "", shelf.link.id, left), Order("", f"finished, and older than {since}", admitted=True))]


def _kept_since(story: Story) -> str:
    """From when on the lines of every order are kept, "" where nothing was tidied away yet."""
    noted = story.noted(LINES_KEPT_SINCE)
    return moment(float(noted)) if noted else ""


def _line(line: Line, order: Order) -> Record:
    return {
        "order": line.order,
        "line": line.line,
        "status": order.status,
        "admitted": order.admitted,
        "gone": order.gone,
        "position": spell(line.position),
        "booked": spell(line.booked),
    }


def _sighting(sighting: Sighting) -> Record:
    seen = sighting.seen
    return {
        "side": str(seen.side),
        "outlet": seen.outlet,
        "level": spell(seen.level),
        "difference": spell(seen.amount),
        "since": moment(sighting.since),
    }


def alert(one: Alert) -> Record:
    """An alert as JSON."""
    return {
        "kind": one.kind, "sku": one.sku, "amount": spell(one.amount), "words": one.words, "since": moment(one.at),
    }  # fmt: skip


# --- an order, or another document


def _document(story: Story, number: str, limit: int) -> Record | None:
    """What is known of an order, or of another document that moved stock; None where nothing is."""
    if not number:
        return None
    order = story.orders([number]).get(number)
    lines, journal = story.lines_of_orders([number]), story.about(number, limit)
    papers = documents(story, number)
    if order is None and not lines and not journal and papers is None:
        return None
    skus = story.skus({line.link for line in lines} | {one.link for one in journal})
    known = order or Order(number)
    return {
        "order": number,
        "status": known.status,
        "admitted": known.admitted,
        "gone": known.gone,
        "words": _order_words(story, order, number),
        "documents": papers,
        "lines": [{"sku": skus.get(line.link, ""), **_line(line, known)} for line in lines],
        "entries": [
            {"sku": skus.get(one.link, ""), "side": str(one.side), "outlet": one.outlet, **_entry(one)}
            for one in journal
        ],
    }


def _order_words(story: Story, order: Order | None, number: str) -> str:
    if order is None:
        return "a document that moved stock; it is no order of the shop that the books know"
    words = [_crossed(story, order)]
    if order.gone:
        words.append("deleted in the shop, and nothing was given back for it")
    since = _kept_since(story)
    if since and order.status in FINISHED and not story.lines_of_orders([number]):
        words.append(f"if it is older than {since}, its lines are no longer kept: what they held is in the sums")
    stirred = story.stirred_order(number)
    if stirred is not None:
        words.append("its lines are still to be compared with the shop's own record")
    return "; ".join(words)


def _crossed(story: Story, order: Order) -> str:
    if not order.admitted:
        return "not sent to the POS yet"
    if story.lines_of_orders([order.ref]) or (_kept_since(story) and order.status in FINISHED):
        return "sent: what its lines hold of linked products has crossed to the POS"
    return "it may cross to the POS, but no line of it holds a linked product: nothing of it has crossed"


_KINDS = {
    EntryKind.OPENING: "the level at first contact",
    EntryKind.BORN: "it happened there",
    EntryKind.WRITTEN: "we wrote it",
}
_WORDS = {
    "carried": "older lines, folded into one",
    "recognised": "a write of ours, recognised after a backup was put back",
}
_STATES = {"parked": "it waits for you", "dead": "it was given up after long", "ready": "it is tried again"}
