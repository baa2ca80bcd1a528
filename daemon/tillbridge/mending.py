"""What a run does with the differences that it saw twice: judge them, hold them where they are too many, enter them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tillbridge import alerts, braking, retold
from tillbridge.alerts import Telling
from tillbridge.booking import make_due
from tillbridge.core import accounts, findings, targets
from tillbridge.core.actions import Loss
from tillbridge.core.brakes import Held
from tillbridge.core.findings import Believe, Finding, Limits, Seen, Verdict
from tillbridge.core.stock import LARGEST, SideName, spell
from tillbridge.core.targets import Shelf
from tillbridge.core.terms import Authority
from tillbridge.counting import Reading, shelf_account
from tillbridge.ports import Books, Feed, Run, Side, Unit

REPORTED = "unexplained"
"""The kind of the alert that tells of a difference on which nothing is done without a person."""

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding with the reading that it rests on."""

    finding: Finding
    reading: Reading


class Mending:
    """Judges and enters."""

    def __init__(self, books: Books, sides: Mapping[SideName, Side], authority: Authority, limits: Limits) -> None:
        self._books = books
        self._sides = sides
        self._authority = authority
        self._limits = limits

    def judge(self, ripe: Sequence[Reading], believe: Mapping[SideName, Believe]) -> list[Judged]:
        """Each by itself. `believe`: the sides of which a person said, after a restore, whose word counts. Raises
        `SideTrouble` where a history cannot be read."""
        judged: list[Judged] = []
        accepted = self._accepted()
        for reading in ripe:
            word = believe.get(reading.seen.side)
            if word is not None:
                judged.append(Judged(findings.believed(reading.seen, word), reading))
                continue
            losses = self._losses(reading)
            is_accepted = accepted.get(note_of(reading.seen)) == spell(reading.seen.amount)
            limits = replace(self._limits, report=False, max_drop=LARGEST) if is_accepted else self._limits
            judged.append(Judged(findings.judge(reading.seen, self._whose(reading), losses, limits), reading))
        return judged

    def _whose(self, reading: Reading) -> Authority:
        """Whose word counts for this reading. A side that tells only levels cannot say what was a sale, and a count of
        it is a look at its feed: there every change passes."""
        tells_levels = self._sides[reading.seen.side].abilities.feed is Feed.LEVELS
        return Authority.BOTH if tells_levels else self._authority

    def _losses(self, reading: Reading) -> tuple[Loss, ...]:
        """Writes of ours that the side lost, and that no run has entered yet."""
        side = self._sides[reading.seen.side]
        if not side.abilities.history:
            return ()
        found = side.lost(reading.ref, reading.seen.outlet)
        with self._books.writing() as unit:
            known = unit.posted([f"lost:{loss.id}" for loss in found])
        return tuple(loss for loss in found if f"lost:{loss.id}" not in known)

    def _accepted(self) -> dict[str, str]:
        """The differences of which a person said that they count, by their notes."""
        with self._books.writing() as unit:
            return unit.noted_under(_ACCEPTED)

    def why_held(self, judged: Sequence[Judged], run: Run) -> str:
        """Why a run must not go on by itself, "" where it may."""
        if run.facts.get("allowed") is True:
            return ""
        with self._books.writing() as unit:
            braked = [side for side in SideName if braking.is_on(unit, side)]
        for side in braked:
            if any(one.finding.seen.side is side for one in judged):
                return f"the brake of the {side} is on"
        acted = [one.finding.seen for one in judged if one.finding.verdict is not Verdict.REPORTED]
        if not acted:
            return ""
        with self._books.writing() as unit:
            before = [
                Seen(row.link, row.side, row.outlet, row.level, row.known)
                for row in unit.found_by(run.id)
                if row.verdict != Verdict.REPORTED
            ]
        links = run.facts.get("links")
        return findings.too_many([*before, *acted], links if isinstance(links, int) else 0, self._limits)

    def plan(self, run: Run, judged: Sequence[Judged]) -> None:
        """Keep what would be done, and do nothing."""
        for part in _parts(judged):
            with self._books.writing() as unit:
                shelves = unit.shelves_by_link([one.finding.seen.link for one in part])
                rows = []
                for one in part:
                    shelf = shelves.get(one.finding.seen.link)
                    if shelf is None:
                        continue  # its link ended meanwhile
                    after, _ = self._entered(run, shelf, one)
                    rows.append((one.finding, self._words(one.finding, shelf, after)))
                unit.findings(run.id, rows)

    def enter(self, run: Run, judged: Sequence[Judged]) -> tuple[frozenset[SideName], int]:
        """Enter what still holds; to which sides something is to be written, and how many findings are settled."""
        due: set[SideName] = set()
        settled = 0
        for part in _parts(judged):
            with self._books.writing() as unit:
                touched, done = self._enter(unit, run, part)
                due |= make_due(unit, touched)
                settled += done
        return frozenset(due), settled

    def _enter(self, unit: Unit, run: Run, part: Sequence[Judged]) -> tuple[list[Shelf], int]:
        current = unit.shelves_by_link([one.finding.seen.link for one in part])
        touched: dict[int, Shelf] = {}
        rows: list[tuple[Finding, str]] = []
        told: defaultdict[str, dict[int, Telling]] = defaultdict(dict)
        entered: list[Seen] = []
        taken_over: list[int] = []
        done = 0
        for one in part:
            seen = one.finding.seen
            if seen.link not in current:
                done += 1  # its link ended meanwhile
                continue
            shelf = current[seen.link]
            if not self._still_holds(shelf, one):
                continue
            done += 1
            after, entries = self._entered(run, shelf, one)
            rows.append((one.finding, self._words(one.finding, shelf, after)))
            if one.finding.verdict is Verdict.REPORTED:
                told[alert_of(seen)][seen.link] = Telling(abs(seen.amount), self._report(shelf, one.finding))
                continue
            unit.post(entries)
            entered.append(seen)
            taken_over += [one.reading.contains] if seen.side is SideName.STORE else []
            current[seen.link] = touched[seen.link] = after
        _settled(unit, entered)
        if taken_over:
            retold.remember(unit, min(taken_over))
        for kind, tellings in told.items():
            alerts.tell_all(unit, kind, tellings)
        unit.save_links(list(touched.values()))
        unit.findings(run.id, rows)
        alerts.watch(unit, list(touched.values()))
        return list(touched.values()), done

    def _still_holds(self, shelf: Shelf, one: Judged) -> bool:
        """Nothing moved there since the level was read; what the run itself entered at another account of the same link
        does not count."""
        seen = one.finding.seen
        account = shelf_account(shelf.of(seen.side), seen.outlet)
        lag = self._sides[seen.side].abilities.lag
        return (
            account is not None and account.known == seen.known and accounts.is_quiet(account, one.reading.begun - lag)
        )

    def _entered(
        self, run: Run, shelf: Shelf, one: Judged
    ) -> tuple[Shelf, list[tuple[accounts.Account, accounts.Entry]]]:
        if one.finding.verdict is Verdict.REPORTED:
            return shelf, []
        return findings.enter(shelf, one.finding, run.id, one.reading.contains)

    def _words(self, finding: Finding, before: Shelf, after: Shelf) -> str:
        """What was found, and what follows from it on both sides."""
        writes = []
        for side in SideName:
            more = targets.target(side, after) - targets.known(side, after)
            if more and more != targets.target(side, before) - targets.known(side, before):
                writes.append(f"the {side} then gets {more:+f}")
        follows = "; ".join(writes) or "nothing is written"
        return f"{_WORDS[finding.verdict]}; {follows}"

    def _report(self, shelf: Shelf, finding: Finding) -> str:
        seen = finding.seen
        return (
            f"{shelf.link.sku!r} shows {spell(seen.level)} at the {seen.side}, known is {spell(seen.known)}: nothing is"
            " done without you (`tillbridge decide`)"
        )


_ACCEPTED = "accept:"


def note_of(seen: Seen) -> str:
    """The note of a difference that a person accepted: at one account, for that of the other side is another."""
    return f"{_ACCEPTED}{seen.link}:{seen.side}:{seen.outlet}"


def alert_of(seen: Seen) -> str:
    """The kind of the alert that tells of it, at that account."""
    return f"{REPORTED}:{seen.side}:{seen.outlet}"


def end_reported(unit: Unit, gone: Sequence[Seen]) -> None:
    """These differences are over: nobody is asked about them any more."""
    links: defaultdict[str, list[int]] = defaultdict(list)
    for seen in gone:
        links[alert_of(seen)].append(seen.link)
    for kind, ended in links.items():
        unit.end_alerts(kind, ended)


def _settled(unit: Unit, entered: Sequence[Seen]) -> None:
    """Entered, they are over; and what waited for a second look is contained in the level: it settles without
    effect."""
    if not entered:
        return
    unit.forget_sightings(entered)
    end_reported(unit, entered)
    noted = unit.noted_under(_ACCEPTED)
    for name in {note_of(seen) for seen in entered} & noted.keys():
        unit.note(name, "")
    unit.unpark_reason(str(Held.SECOND_LOOK))


def _parts(judged: Sequence[Judged]) -> list[Sequence[Judged]]:
    return [judged[at : at + _AT_ONCE] for at in range(0, len(judged), _AT_ONCE)]


_WORDS = {
    Verdict.BORN: "it happened there, and counts on both sides",
    Verdict.PUT_BACK: "it is put back there",
    Verdict.HELD: "kept off sale until a person says whether it was sold",
    Verdict.LOST_WRITE: "the side lost a write of ours, which is made again",
    Verdict.APART: "both sides keep what they show",
    Verdict.REPORTED: "told only: nothing is done without a person",
}
