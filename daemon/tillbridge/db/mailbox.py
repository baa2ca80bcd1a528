"""Where events become durable before the shop is answered: everyone who waits shares one commit.

The requests of the listener only append to a list and wait; one thread takes the whole list, stores it in one
transaction and lets them go. While it waits for the disk the next ones gather, so the commit rate adapts to the load
by itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tillbridge.core.events import Told
from tillbridge.db.connect import Connection
from tillbridge.db.queue import add_events
from tillbridge.errors import StorageTrouble
from tillbridge.ports import Checkpoint, Clock


@dataclass(slots=True)
class _Parcel:
    told: Sequence[Told]
    nonce: str
    nonce_until: float
    stored: threading.Event = field(default_factory=threading.Event)
    trouble: StorageTrouble | None = None


class GroupCommit:
    """`ports.Mailbox` on a database. `delivered` is called after each commit that stored something new."""

    def __init__(
        self, connection: Connection, clock: Clock, delivered: Callable[[], None], checkpoint: Checkpoint
    ) -> None:
        self._db = connection
        self._clock = clock
        self._delivered = delivered
        self._checkpoint = checkpoint
        self._waiting: list[_Parcel] = []
        self._condition = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="mailbox", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Store what waits, then end."""
        with self._condition:
            self._stopped = True
            self._condition.notify()
        self._thread.join()

    def nonces(self) -> dict[str, float]:
        with self._db.read() as db:
            return {row[0]: float(row[1]) for row in db.rows("SELECT value, until FROM nonce")}

    def deliver(self, told: Sequence[Told], nonce: str, nonce_until: float) -> None:
        parcel = _Parcel(told, nonce, nonce_until)
        with self._condition:
            if self._stopped:
                raise StorageTrouble("the daemon is stopping: send it again later")
            self._waiting.append(parcel)
            self._condition.notify()
        parcel.stored.wait()
        if parcel.trouble is not None:
            raise parcel.trouble

    def _run(self) -> None:
        while True:
            with self._condition:
                while not self._waiting and not self._stopped:
                    self._condition.wait()
                parcels, self._waiting = self._waiting, []
            if not parcels:
                self._db.forget_thread()
                return
            self._store(parcels)

    def _store(self, parcels: Sequence[_Parcel]) -> None:
        try:
            self._checkpoint("intake.received")
            new = store(self._db, self._clock, parcels)
            self._checkpoint("intake.stored")
        except StorageTrouble as trouble:
            self._release(parcels, trouble)
        except (
            Exception
        ) as error:  # a waiting request must be answered whatever happened: unanswered is worse than refused
            self._release(parcels, StorageTrouble(f"the events could not be stored: {error!r}"))
        else:
            self._release(parcels, None)
            if new:
                self._delivered()

    def _release(self, parcels: Sequence[_Parcel], trouble: StorageTrouble | None) -> None:
        for parcel in parcels:
            parcel.trouble = trouble
            parcel.stored.set()


def store(connection: Connection, clock: Clock, parcels: Sequence[_Parcel]) -> int:
    """One commit for all of them; how many events were new."""
    with connection.write() as db:
        db.run_many(
            "INSERT INTO nonce (value, until) VALUES (?, ?) ON CONFLICT (value) DO NOTHING",
            [(parcel.nonce, parcel.nonce_until) for parcel in parcels],
        )
        return add_events(db, [one for parcel in parcels for one in parcel.told], clock.now())


class DirectMailbox:
    """`ports.Mailbox` without a thread of its own, for one caller at a time (the simulation)."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._db = connection
        self._clock = clock

    def nonces(self) -> dict[str, float]:
        return {}

    def deliver(self, told: Sequence[Told], nonce: str, nonce_until: float) -> None:
        store(self._db, self._clock, [_Parcel(told, nonce, nonce_until)])
