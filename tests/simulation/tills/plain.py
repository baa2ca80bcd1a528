"""What all tills on a `Line` share: they list, count page by page, tell changes, and act one call at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.simulation.tills.floor import Floor, pieces
from tests.simulation.tills.line import Line
from tillbridge.core import codec
from tillbridge.core.actions import Action, AdjustStock, Loss, Outcome, Status, Trace
from tillbridge.core.events import Cause, Movement, StockMoved, Told
from tillbridge.core.marks import Mark
from tillbridge.core.stock import Item, Level, SideName
from tillbridge.errors import BadAnswer, NotSent, SideTrouble, Throttled
from tillbridge.ports import Abilities, Changes, Hop, HopState, Report
from tillbridge.till.feed import Change, LevelRow
from tillbridge.till.papers import Author
from tillbridge.till.refusal import Refusal

COUNT_PAGE = 2
"""Items in a page of a count: so few that the world moves between two pages."""

FEED_PAGE = 5
"""Changes in a page of the feed."""


NUMBERED = "numbered"
"""What a database is called that has no name of its own."""


class PlainTill:
    """A POS without keys and without a history that one could search: nobody can say what became of a lost call.

    Its feed leaves out what we did ourselves, or marks it as ours, as `tells_ours` says. It numbers what it tells, so
    that an adapter can say how far it has come (`tells_how_far`): whoever falls back was restored.
    """

    name = SideName.POS
    abilities = Abilities(frozenset({AdjustStock}), batch=1, parallel=1)
    tells_ours = False
    tells_how_far = True

    def __init__(self, line: Line, floor: Floor) -> None:
        self._line = line
        self._floor = floor

    def check(self) -> Report:
        return Report()

    def hops(self) -> tuple[Hop, ...]:
        return (Hop("pos", HopState.WELL, "it is a model in process"),)

    def catalogue(self) -> Iterator[Item]:
        found = self._line.read(lambda: self._floor.book.catalogue.items(0, 5000))
        return iter([Item(str(one.id), one.card.sku, one.card.name, one.card.tracked) for one in found])

    def levels(self) -> Iterator[Level]:
        """A full count in small pages; whatever happens between two of them is seen in the later one."""
        after: int | None = 0
        while after is not None:
            rows, after = self._count_page(after, COUNT_PAGE)
            yield from rows

    def levels_of(self, ref: str) -> tuple[Level, ...]:
        rows, _ = self._count_page(int(ref) - 1, 1)
        return tuple(level for level in rows if level.ref == ref)

    def _count_page(self, after: int, limit: int) -> tuple[list[Level], int | None]:
        page = self._line.read(lambda: self._floor.book.feed.levels(after, limit))
        return [level_of(row) for row in page.levels], page.next

    def changes_since(self, cursor: str) -> Changes:
        return self._line.read(lambda: self._changes(cursor))

    def _changes(self, cursor: str) -> Changes:
        head = self._floor.head()
        mark = Mark(NUMBERED, head) if self.tells_how_far else None
        if cursor == "" or (mark is not None and int(cursor) > head):
            return Changes((), str(head), more=False, mark=mark)
        try:
            page = self._floor.book.feed.changes(int(cursor), FEED_PAGE)
        except Refusal as no:
            raise BadAnswer(f"the POS does not know how far we had read ({no.message}): was it restored?") from no
        told = [_told(one) for one in page.changes if one.movements and (self.tells_ours or not _is_ours(one))]
        return Changes(tuple(told), str(page.cursor), page.more, mark)

    def watermark(self) -> str:
        return ""

    def find(self, trace: Trace) -> Outcome:
        return uncertain("this POS cannot be asked what became of a call")

    def lost(self, _ref: str, _outlet: str, /) -> tuple[Loss, ...]:
        return ()

    def apply(self, actions: Sequence[Action]) -> list[Outcome]:
        """One call for each action; where one goes wrong, the later ones are not sent."""
        outcomes: list[Outcome] = []
        for action in actions:
            try:
                outcomes.append(self._act(action))
            except SideTrouble as error:
                outcomes.append(_outcome(error))
                unsent = Outcome(Status.UNREACHABLE, reason="unreachable", sentence=f"not sent: {error}")
                return outcomes + [unsent] * (len(actions) - len(outcomes))
        return outcomes

    def _act(self, action: Action) -> Outcome:
        if not isinstance(action, AdjustStock):
            return unsupported(action)
        return self._line.write(lambda: self._floor.adjust(action)).outcome


def uncertain(sentence: str) -> Outcome:
    return Outcome(Status.UNCERTAIN, reason="uncertain", sentence=sentence)


def unsupported(action: Action) -> Outcome:
    return Outcome(Status.INVALID, reason="unsupported", sentence=f"this POS knows no {type(action).__name__}")


def level_of(row: LevelRow) -> Level:
    quantity = None if row.level is None else pieces(row.level)
    return Level(str(row.item), row.sku, row.name, row.outlet, quantity)


def _outcome(error: SideTrouble) -> Outcome:
    """A call that went wrong as a whole: only one that never left had certainly no effect."""
    if isinstance(error, NotSent):
        return Outcome(Status.UNREACHABLE, reason="unreachable", sentence=str(error))
    if isinstance(error, Throttled):
        return Outcome(Status.THROTTLED, reason="throttled", sentence=str(error), retry_after=error.retry_after)
    return uncertain(str(error))


def _is_ours(change: Change) -> bool:
    return change.author == Author.API


def _told(change: Change) -> Told:
    moves = tuple(
        Movement(str(move.item), move.outlet, pieces(move.delta), pieces(move.before), move.sku)
        for move in change.movements
    )
    cause = Cause(change.kind, change.document)
    return codec.encode_moved(StockMoved(SideName.POS, change.id, change.at, moves, cause, ours=_is_ours(change)))
