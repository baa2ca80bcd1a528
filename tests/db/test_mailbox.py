"""What the shop is told to be stored is stored, and what is handed in together shares a commit."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.builders import database, sale_in_store
from tests.fakes import START, VirtualClock
from tillbridge.core.events import Told
from tillbridge.db.books import SqlBooks
from tillbridge.db.connect import Connection
from tillbridge.db.mailbox import SqlMailbox
from tillbridge.errors import StorageTrouble
from tillbridge.ports import Parcel


class Desk:
    """A mailbox, what it called back, and what became of what it took in."""

    def __init__(self, connection: Connection) -> None:
        self.rings = 0
        self.passed: list[str] = []
        self.at_point: Callable[[str], None] = lambda _: None
        self._connection = connection
        self.mailbox = SqlMailbox(connection, VirtualClock(), self._ring, self._pass)

    def _ring(self) -> None:
        self.rings += 1

    def _pass(self, point: str) -> None:
        self.passed.append(point)
        self.at_point(point)

    def stored(self) -> set[str]:
        """The keys of the events in the queue."""
        with SqlBooks(self._connection, VirtualClock(), "boot-1").writing() as unit:
            return {one.key for one in unit.claim_events(5000)}


def parcel(nonce: str, *told: Told) -> Parcel:
    """What one request brought."""
    return Parcel(told, nonce, START + 600)


@pytest.fixture
def desk(connection: Connection) -> Desk:
    """A mailbox on a fresh database."""
    return Desk(connection)


def test_what_was_delivered_is_stored_with_its_nonce(desk: Desk) -> None:
    desk.mailbox.deliver([parcel("n1", sale_in_store("a"), sale_in_store("b"))])
    assert desk.stored() == {"store:a", "store:b"}
    assert desk.mailbox.nonces() == {"n1": START + 600}
    assert (desk.rings, desk.passed) == (1, ["intake.received", "intake.stored"])


def test_what_is_handed_in_together_shares_a_commit(desk: Desk) -> None:
    desk.mailbox.deliver([parcel(f"n{number}", sale_in_store(str(number))) for number in range(50)])
    assert len(desk.stored()) == len(desk.mailbox.nonces()) == 50
    assert (desk.rings, len(desk.passed)) == (1, 2)


def test_a_repeated_delivery_is_stored_once_and_wakes_nobody(desk: Desk) -> None:
    for nonce in ("n1", "n2", "n1"):
        desk.mailbox.deliver([parcel(nonce, sale_in_store("a"))])
    desk.mailbox.deliver([parcel("n3")])
    assert desk.stored() == {"store:a"}
    assert set(desk.mailbox.nonces()) == {"n1", "n2", "n3"}
    assert desk.rings == 1


def test_the_same_event_in_two_parcels_of_one_commit_is_stored_once(desk: Desk) -> None:
    desk.mailbox.deliver([parcel("n1", sale_in_store("a")), parcel("n2", sale_in_store("a"), sale_in_store("b"))])
    assert desk.stored() == {"store:a", "store:b"}


def test_the_same_events_delivered_by_many_threads_are_stored_once(desk: Desk) -> None:
    told = [sale_in_store(str(number)) for number in range(50)]
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(desk.mailbox.deliver, [parcel(f"n{one}", *told)]) for one in range(32)]
        for one in waiting:
            one.result(20)
    assert len(desk.stored()) == 50
    assert len(desk.mailbox.nonces()) == 32
    assert desk.rings == 1


def test_a_full_disk_stores_neither_events_nor_nonces_of_the_commit(tmp_path: Path) -> None:
    desk = Desk(database(tmp_path, {"max_page_count": 70}))
    many = [sale_in_store(str(number)) for number in range(3000)]
    with pytest.raises(StorageTrouble, match="full"):
        desk.mailbox.deliver([parcel("n0", sale_in_store("few")), parcel("n1", *many)])
    assert (desk.stored(), desk.mailbox.nonces(), desk.rings) == (set(), {}, 0)
    desk.mailbox.deliver([parcel("n2", *many[:5])])
    assert (len(desk.stored()), set(desk.mailbox.nonces())) == (5, {"n2"})


def test_who_dies_before_the_commit_has_stored_nothing(desk: Desk) -> None:
    def die(point: str) -> None:
        if point == "intake.received":
            raise KeyboardInterrupt

    desk.at_point = die
    with pytest.raises(KeyboardInterrupt):
        desk.mailbox.deliver([parcel("n1", sale_in_store("a"))])
    assert (desk.stored(), desk.mailbox.nonces()) == (set(), {})


def test_who_dies_after_the_commit_has_stored_everything(desk: Desk) -> None:
    def die(point: str) -> None:
        if point == "intake.stored":
            raise KeyboardInterrupt

    desk.at_point = die
    with pytest.raises(KeyboardInterrupt):
        desk.mailbox.deliver([parcel("n1", sale_in_store("a"))])
    assert desk.stored() == {"store:a"}
    assert set(desk.mailbox.nonces()) == {"n1"}


def test_nonces_are_still_refused_after_a_restart(tmp_path: Path) -> None:
    Desk(database(tmp_path)).mailbox.deliver([parcel("n1")])
    assert Desk(database(tmp_path)).mailbox.nonces() == {"n1": START + 600}
