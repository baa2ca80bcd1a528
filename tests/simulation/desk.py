"""The person at the desk: answers what Tillbridge asks, undoes what a run did, plans, and says `tillbridge sync`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.simulation.arrivals import kept_back
from tillbridge.decisions import Decisions
from tillbridge.errors import BridgeError
from tillbridge.ports import DECISION, DONE, PLAN, RECONCILE, UNDO
from tillbridge.recovering import REPLAYED
from tillbridge.undo import Undo

if TYPE_CHECKING:
    from tests.simulation.world import World

MUST_BE_ANSWERED = frozenset({"write", "run", "brake", "restored", "unexplained"})
"""What keeps things from being written. The rest may be left standing."""

UNTRUE = frozenset({"by-hand"})
"""Nobody here tells a till by hand what it would not take from us."""

UNDOABLE = frozenset({RECONCILE, DECISION, UNDO})


class Desk:
    """Decides by the dice, except where only the truth will do."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._left: set[str] = set()

    def answer(self, *, at_rest: bool) -> bool:
        """Answer everything that is asked; whether anything was. What became of a write can be looked up only when
        nothing is on its way any more; what may be left standing is left standing half of the time, and then for
        good."""
        answered = False
        for row in self._asked():
            if row["kind"] not in MUST_BE_ANSWERED and (row["id"] in self._left or self.world.dice.random() < 0.5):
                self._left.add(row["id"])
                continue
            if row["kind"] == "write" and not at_rest:
                continue
            choice = self._choice(row)
            if choice and self._tried(partial(self._decisions().decide, row["id"], choice)):
                answered = True
                self.world.met[f"decided:{row['kind']}"] += 1
                self.world.log("decided", f"{row['id']} {choice}")
        return answered

    def undo(self) -> None:
        """Undo one of the runs that did something, if that can be."""
        if not self.world.daemons:
            return
        with self.world.connection.read() as db:
            runs = db.rows(
                "SELECT id, kind, scope FROM run WHERE state = ? AND (id IN (SELECT run FROM entry) OR id IN"
                " (SELECT run FROM ruling)) ORDER BY id",
                (DONE,),
            )
        numbers = [number for number, kind, scope in runs if kind in UNDOABLE and not scope.startswith("order ")]
        if numbers:
            number = self.world.dice.choice(numbers)
            if self._tried(partial(Undo(self.world.daemon.books, void), number)):
                self.world.met["undone"] += 1
                self.world.log("undone", f"run {number}")

    def plan(self) -> None:
        """`tillbridge reconcile --dry-run`"""
        if self.world.daemons:
            self.world.daemon.reconcile.begin(kind=PLAN)

    def _asked(self) -> list[dict[str, Any]]:
        if not self.world.daemons:
            return []
        rows = self._decisions().listed()["rows"]
        assert isinstance(rows, list)
        return rows

    def _decisions(self) -> Decisions:
        books = self.world.daemon.books
        return Decisions(books, books, void)

    def _choice(self, row: dict[str, Any]) -> str:
        """The answer, "" where there is none yet."""
        choices = [choice["choice"] for choice in row["choices"] if choice["choice"] not in UNTRUE]
        match row["kind"]:
            case "write":
                return "done" if self._took_effect(row["id"].partition(":")[2]) else "not-done"
            case "run":
                return "go-on"
            case "restored" if row["id"].endswith(":books") and not self.world.daemon.books.noted(REPLAYED):
                return ""
            case "deleted" if row["order"] in kept_back(self.world):
                return "sold"  # the goods lie at the till, which has told so: nothing has to be given back
        return str(self.world.dice.choice(choices))

    def _took_effect(self, message: str) -> bool:
        """What a person sees who looks at the till."""
        with self.world.connection.read() as db:
            rows = db.rows(
                "SELECT attempt_key FROM account JOIN message ON message.key = 'due:' || account.side || ':' || link"
                " WHERE message.id = ? AND attempt_key IS NOT NULL",
                (int(message),),
            )
        return any(self.world.pos.took_effect(key) for (key,) in rows)

    @staticmethod
    def _tried(do: Callable[[], object]) -> bool:
        """Whether it went through: somebody may have been quicker, or it cannot be done now."""
        try:
            do()
        except BridgeError:
            return False
        return True


def void() -> None:
    """Nobody sleeps here who would have to be woken."""
