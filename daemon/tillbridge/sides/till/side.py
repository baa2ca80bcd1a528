"""The till as the bridge sees it: count, watch, look, act over tillbridge-pos/1."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from tillbridge.core import trouble
from tillbridge.core.actions import Action, AdjustStock, Loss, Outcome, Status, Trace
from tillbridge.core.events import Hinted
from tillbridge.core.stock import PRECISION, Item, Level, SideName
from tillbridge.errors import BadAnswer, SideTrouble
from tillbridge.ports import Abilities, Changes, Hop, Report
from tillbridge.sides.http import Exchange
from tillbridge.sides.signing import NONCE, SIGNATURE, TIMESTAMP, canonical, sign
from tillbridge.sides.till import hops, mapping, place
from tillbridge.sides.till.client import Declined, TillClient
from tillbridge.sides.till.mapping import Info
from tillbridge.sides.till.place import Place

PAGE = 1000
"""Rows asked for at once."""


class TillSide:
    """A POS that speaks tillbridge-pos/1. Stock goes to `sell_from`; only outlets in `counted` exist (None: all)."""

    name = SideName.POS
    abilities = Abilities(
        actions=frozenset({AdjustStock}),
        precision=PRECISION,
        batch=100,
        parallel=4,
        key_memory=mapping.KEY_MEMORY,
        below_zero=True,
    )

    def __init__(
        self,
        exchange: Exchange,
        token: str,
        wall: Callable[[], datetime],
        sell_from: str | None = None,
        counted: Sequence[str] | None = None,
        tag: str = "",
    ) -> None:
        """`tag` is what the keys begin with that this daemon makes: another shop's daemon may use the same till."""
        self._client = TillClient(exchange, token, wall)
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
        settled: dict[int, Outcome] = {}
        rows: list[tuple[int, AdjustStock, str]] = []
        try:
            for at, action in enumerate(actions):
                if isinstance(action, AdjustStock):
                    rows.append((at, action, self._outlet(action)))
                else:
                    settled[at] = Outcome(Status.INVALID, reason="unsupported", sentence="this POS cannot void a key")
        except SideTrouble as error:
            return [trouble.of_unsent(error)] * len(actions)
        for start in range(0, len(rows), self.abilities.batch):
            batch = rows[start : start + self.abilities.batch]
            outcomes, goes_on = self._adjust(batch)
            settled |= {at: outcome for (at, _, _), outcome in zip(batch, outcomes, strict=True)}
            if not goes_on:
                later = rows[start + self.abilities.batch :]
                settled |= dict.fromkeys((at for at, _, _ in later), trouble.never_sent(outcomes[0]))
                break
        return [settled[at] for at in range(len(actions))]

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
        return mapping.feed(self._client.changes(cursor, PAGE), self._counted, self._tag)

    def _start_over(self, read: Place, words: str) -> Changes:
        """From now on, at a database that went back; where that is not proven, nobody may pass over what is untold."""
        now = self._page("")
        if now.mark is None or not read.is_ahead_of(now.mark):
            raise BadAnswer(f"the POS does not know how far we had read ({words}): was it restored?")
        return Changes((), place.encode(Place(now.cursor, now.mark)), more=False, mark=now.mark)

    def _adjust(self, batch: Sequence[tuple[int, AdjustStock, str]]) -> tuple[list[Outcome], bool]:
        """One call, and whether it makes sense to make the next one."""
        actions = [action for _, action, _ in batch]
        try:
            body = self._client.adjust([mapping.adjustment(action, outlet) for _, action, outlet in batch])
        except Declined as no:
            refused = Outcome(Status.INVALID, reason=no.code or f"http_{no.status}", sentence=no.words)
            return [refused] * len(batch), True
        except SideTrouble as error:
            return [trouble.of_call(error)] * len(batch), False
        return mapping.outcomes(body, actions), True

    def _outlet(self, action: AdjustStock) -> str:
        """Where stock is moved: as the action says, else where the shop sells from, else the only outlet there is."""
        if action.outlet:
            return action.outlet
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
        "restored backup": "noticed" if about.mark else "not noticed, since the POS does not name its database",
    }


def _onward(after: str, following: str | None) -> str | None:
    if following == after:
        raise BadAnswer("the POS gives the same page again and again")
    return following
