"""What nobody will ask for again goes, and nothing else."""

from __future__ import annotations

from tests.builders import sale_in_store
from tests.flows.world import POS, STORE, World
from tillbridge.db.archive import SqlArchive
from tillbridge.db.mailbox import SqlMailbox
from tillbridge.housekeeping import Housekeeping, Keep
from tillbridge.ports import Parcel

DAY = 86_400.0


def test_old_things_go_and_young_ones_stay(world: World) -> None:
    tidy = Housekeeping(SqlArchive(world.connection), world.clock, Keep(done=8 * DAY, journal=30 * DAY))
    mailbox = SqlMailbox(world.connection, world.clock, lambda: None, lambda _: None)
    world.link_cup()
    for day in range(40):
        mailbox.deliver([Parcel((sale_in_store(str(day), "-0.125"),), f"nonce-{day}", world.clock.now() + 600)])
        world.book()
        world.relay.write(POS)
        world.clock.advance(DAY)
    assert tidy() == {"messages": 32, "nonces": 40, "runs": 0, "entries": 9 + 9, "lines": 0, "documents": 0}
    assert not any(tidy().values())
    assert (world.known(STORE), world.known(POS)) == ("5", "5")


def test_an_event_that_the_shop_may_repeat_is_still_known(world: World) -> None:
    tidy = Housekeeping(SqlArchive(world.connection), world.clock, Keep(done=8 * DAY, journal=0))
    world.link_cup()
    world.book(sale_in_store("a"), sale_in_store("b"))
    world.clock.advance(7 * DAY)
    tidy()
    world.book(sale_in_store("a"), sale_in_store("b"))
    assert world.known(STORE) == "8"
