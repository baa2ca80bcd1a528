"""The till as the bridge sees it: count, watch, look, act over tillbridge-pos/1."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from tillbridge.core.actions import Action, AdjustStock, Loss, Outcome, Status, Trace
from tillbridge.core.difference import Returns
from tillbridge.core.events import Hinted
from tillbridge.core.paper import Person
from tillbridge.core.pos_papers import PosPaper, PosPerson, PosTerms
from tillbridge.core.stock import PRECISION, Item, Level, SideName
from tillbridge.errors import BadAnswer, SideTrouble
from tillbridge.ports import Abilities, Changes, Hop, Report
from tillbridge.sides.http import Exchange
from tillbridge.sides.signing import NONCE, SIGNATURE, TIMESTAMP, canonical, sign
from tillbridge.sides.till import hops, mapping, papers, place
from tillbridge.sides.till.acting import Acting
from tillbridge.sides.till.client import Declined, TillClient
from tillbridge.sides.till.mapping import Info
from tillbridge.sides.till.people import People
from tillbridge.sides.till.place import Place

PAGE = 1000
"""Rows asked for at once."""


class TillSide:
    """A POS that speaks tillbridge-pos/1. Stock goes to `sell_from`; only outlets in `counted` exist (None: all)."""

    name = SideName.POS
    abilities = Abilities(
        actions=frozenset({AdjustStock}) | papers.DOCUMENTS,
        precision=PRECISION,
        batch=100,
        parallel=4,
        key_memory=mapping.KEY_MEMORY,
        below_zero=True,
        open_lines=True,
        returns=Returns.AS_TOLD,
    )

    def __init__(
        self,
        exchange: Exchange,
        token: str,
        wall: Callable[[], datetime],
        sell_from: str | None = None,
        counted: Sequence[str] | None = None,
        tag: str = "",
        topics: frozenset[str] = frozenset(),
    ) -> None:
        """`tag` is what the keys begin with that this daemon makes: another shop's daemon may use the same till.
        `topics` (of `codec.POS_LOOK_TOPICS`) is what its feed tells beside stock."""
        self._client = TillClient(exchange, token, wall)
        self._people = People(self._client, tag)
        self._acting = Acting(self._client, self._people, self._outlet, self.abilities.batch)
        self._topics = topics
        self._wall = wall
        self._tag = tag
        self._sell_from = sell_from
        self._counted = None if counted is None else tuple(counted)

    def check(self) -> Report:
        """Everything that would keep us from working with this account. Never raises for what it finds."""
        try:
            about = mapping.info(self._client.info())
        except SideTrouble as error:
            return Report((hops.why_not(error),))
        return Report(tuple(self._problems(about)), _facts(about))

    def hops(self) -> tuple[Hop, ...]:
        """Reachable, its clock, its outlets."""
        try:
            about = mapping.info(self._client.info())
        except SideTrouble as error:
            return hops.unreached(error)
        return hops.of_info(about, list(self._outlet_problems(about)), self._wall())

    def levels(self) -> Iterator[Level]:
        """A full count of the counted outlets, streamed; unknown where unknown. Raises `SideTrouble`."""
        after: str | None = ""
        while after is not None:
            page = mapping.levels(self._client.levels(after, PAGE), self._counted)
            yield from page.rows
            after = _onward(after, page.next)

    def levels_of(self, ref: str) -> tuple[Level, ...]:
        """One item at its counted outlets. Ids are numbers at our till, so one small page will do; a POS that counts
        its pages otherwise is counted as a whole. Raises `SideTrouble`."""
        if ref.isascii() and ref.isdecimal() and int(ref) > 0:
            page = mapping.levels(self._client.levels(str(int(ref) - 1), 1), self._counted)
            found = tuple(level for level in page.rows if level.ref == ref)
            if found:
                return found
        return tuple(level for level in self.levels() if level.ref == ref)

    def catalogue(self) -> Iterator[Item]:
        """Every item, streamed. Raises `SideTrouble`."""
        after: str | None = ""
        while after is not None:
            page = mapping.items(self._client.items(after, PAGE))
            yield from page.rows
            after = _onward(after, page.next)

    def changes_since(self, cursor: str) -> Changes:
        """The next page of the feed; "" means from now on. Raises `SideTrouble`.

        After the POS's database went back so far that the cursor is none of its own, the page is empty, its mark says
        why, and its cursor is that of now.
        """
        read = place.decode(cursor)
        try:
            page = self._page(read.cursor)
        except Declined as no:
            if no.code != "cursor_unknown":
                raise
            return self._start_over(read, no.words)
        if not read.is_of(page.mark):
            return self._start_over(read, "it has another name now")
        if page.more and page.cursor == read.cursor:
            raise BadAnswer("the POS says that there is more and gives no way to get it")
        if page.cursor != read.cursor or read.mark is None:
            cursor = place.encode(Place(page.cursor, page.mark))
        return Changes(page.told, cursor, page.more, page.mark)

    def watermark(self) -> str:
        """The protocol knows keys, so nobody needs to look for traces."""
        return ""

    def lost(self, _ref: str, _outlet: str, /) -> tuple[Loss, ...]:
        """The protocol obliges a POS to add up what it is told."""
        return ()

    def find(self, trace: Trace) -> Outcome:
        """What a key left behind: `applied`, or `not_found`. Raises `SideTrouble`."""
        try:
            return mapping.found(self._client.key(mapping.marked(trace.key)), trace.key)
        except Declined as no:
            if no.status == 404 and no.code == "key_unknown":
                return Outcome(Status.NOT_FOUND, reason=no.code, sentence=no.words)
            raise

    def apply(self, actions: Sequence[Action]) -> list[Outcome]:
        """One outcome for each action, in order; never raises: trouble is an outcome."""
        return self._acting.apply(actions)

    def terms(self) -> PosTerms:
        """What documents may name here. Raises `SideTrouble`."""
        return papers.terms(self._client.info())

    def find_document(self, key: str, reference: str) -> Outcome:
        """What a document sent under `key` left behind. The protocol knows keys, so `reference` only has to fit. Raises
        `SideTrouble`."""
        found, _ = papers.papers(self._client.documents({"key": mapping.marked(key)}), "")
        for paper in found:
            if paper.reference == reference:
                return Outcome(Status.APPLIED, document=paper.number)
        return Outcome(Status.NOT_FOUND, reason="key_unknown", sentence="no document was recorded under this key")

    def document(self, number: str) -> PosPaper | None:
        """One document by its number, None where there is none. Raises `SideTrouble`."""
        try:
            return papers.paper(self._client.document(number), self._tag)
        except Declined as no:
            if no.status == 404:
                return None
            raise

    def documents_of(self, reference: str) -> tuple[PosPaper, ...]:
        """Everything of an order, oldest first. Raises `SideTrouble`."""
        return tuple(papers.papers(self._client.documents({"reference": reference}), self._tag)[0])

    def documents_between(self, begin: datetime, end: datetime) -> Iterator[PosPaper]:
        """What happened at the counter from `begin` (included) to `end` (not), streamed. Raises `SideTrouble`."""
        after: str | None = ""
        while after is not None:
            query = {"from": begin.isoformat(), "to": end.isoformat(), "after": after, "limit": str(PAGE)}
            found, following = papers.papers(self._client.documents(query), self._tag)
            yield from found
            after = _onward(after, following)

    def find_person(self, email: str, phone: str) -> tuple[PosPerson, ...]:
        """Whoever has that e-mail address or phone number. Raises `SideTrouble`."""
        return self._people.find(email, phone)

    def person(self, ref: str) -> PosPerson | None:
        """One customer, None where there is none. Raises `SideTrouble`."""
        return self._people.person(ref)

    def put_person(self, person: Person, ref: str = "", _group: str = "", /) -> Outcome:
        """Write a customer down; the till has no groups of them. Never raises."""
        return self._people.put(person, ref)

    def erase_person(self, ref: str) -> Outcome:
        """Make the POS forget a customer. Never raises."""
        return self._people.erase(ref)

    def enable_hints(self, url: str, secret: str) -> None:
        """Ask the POS to tell that address whenever something changed. Raises `SideTrouble`."""
        self._client.set_webhook(url, secret)

    def hints(self) -> str | None:
        """The address that the POS tells, None where it tells nobody. Raises `SideTrouble`."""
        try:
            answer = self._client.webhook()
        except Declined as no:
            if no.status == 404:
                return None
            raise
        return str(answer["url"]) if isinstance(answer, dict) and "url" in answer else None

    def is_hint(self, hint: Hinted, url: str, secret: str) -> bool:
        """Whether the till itself called `url`, at which it was told to say that it has news. Its age does not matter:
        a hint only says "look", and whoever repeats one costs us a look."""
        parts = urlsplit(url)
        target = canonical(parts.path or "/", parse_qsl(parts.query, keep_blank_values=True))
        stamp, nonce, given = (hint.headers.get(name.lower(), "") for name in (TIMESTAMP, NONCE, SIGNATURE))
        made = sign(secret.encode(), stamp, nonce, hint.method, target, hint.body)
        return hmac.compare_digest(made.encode(), given.encode("utf-8", "replace"))

    def disable_hints(self) -> None:
        """Ask the POS to tell nobody any more. Raises `SideTrouble`."""
        self._client.remove_webhook()

    def _page(self, cursor: str) -> mapping.Feed:
        return mapping.feed(self._client.changes(cursor, PAGE), self._counted, self._tag, self._topics)

    def _start_over(self, read: Place, words: str) -> Changes:
        """From now on, at a database that went back; where that is not proven, nobody may pass over what is untold."""
        now = self._page("")
        if now.mark is None or not read.is_ahead_of(now.mark):
            raise BadAnswer(f"the POS does not know how far we had read ({words}): was it restored?")
        return Changes((), place.encode(Place(now.cursor, now.mark)), more=False, mark=now.mark)

    def _outlet(self, named: str) -> str:
        """Where something happens: as the action says, else where the shop sells from, else at the only outlet."""
        if named:
            return named
        if self._sell_from is None:
            outlets = mapping.info(self._client.info()).outlets
            if len(outlets) == 1:
                self._sell_from = outlets[0]
        return self._sell_from or ""

    def _problems(self, about: Info) -> Iterator[str]:
        if about.protocol != mapping.PROTOCOL:
            ours = mapping.PROTOCOL
            yield f"the POS speaks {about.protocol!r}, Tillbridge speaks {ours!r}. Update the older of the two"
            return
        yield from self._outlet_problems(about)
        if about.precision > PRECISION:
            yield f"the POS keeps {about.precision} decimals, Tillbridge {PRECISION}. Set the POS to {PRECISION}"
        if about.key_memory < mapping.KEY_MEMORY:
            kept, wanted = about.key_memory / 86400, mapping.KEY_MEMORY / 86400
            yield f"the POS forgets keys after {kept:g} days, the protocol asks for {wanted:g}. Tell its vendor"
        if about.time is None:
            yield "the POS does not say what time it is. Update the POS"
        elif abs(skew := (about.time - self._wall()).total_seconds()) > hops.CLOCK_TOLERANCE:
            word = "ahead" if skew > 0 else "behind"
            yield f"the clock of the POS is {abs(skew):.0f} s {word} of ours. Let both computers set theirs by NTP"

    def _named(self) -> list[str]:
        """Every outlet that the settings name."""
        return sorted({*(self._counted or ()), *filter(None, [self._sell_from])})

    def _outlet_problems(self, about: Info) -> Iterator[str]:
        known = ", ".join(about.outlets) or "none"
        for outlet in self._named():
            if outlet not in about.outlets:
                yield f"the POS has no outlet {outlet!r}, it has: {known}. Correct [pos] outlets and sell_from"
        if self._sell_from is None and len(about.outlets) != 1:
            yield f"the POS has these outlets: {known}. Name the one that sells for the web in [pos] sell_from"
        if self._sell_from and self._counted is not None and self._sell_from not in self._counted:
            yield f"[pos] sell_from is {self._sell_from!r}, which is not counted. Add it to [pos] outlets"


def _facts(about: Info) -> dict[str, str]:
    return {
        "name": about.name,
        "protocol": about.protocol,
        "currency": about.currency,
        "outlets": ", ".join(about.outlets),
        "decimals": str(about.precision),
        "payment types": ", ".join(about.payment_types) or "none that it tells",
        "taxes": ", ".join(about.taxes) or "it takes any name",
        "restored backup": "noticed" if about.mark else "not noticed, since the POS does not name its database",
    }


def _onward(after: str, following: str | None) -> str | None:
    if following == after:
        raise BadAnswer("the POS gives the same page again and again")
    return following
