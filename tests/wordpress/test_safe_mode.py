"""A copy of the shop's database at another address neither speaks for the shop nor obeys its daemon."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contracts.shim_caller import Caller, change
from tests.wordpress.pairing import PairingDaemon, accounts, connection, do, pair
from tests.wordpress.rig import Site
from tests.wordpress.shim import RigShim

ELSEWHERE = "http://staging.example"


@pytest.fixture
def daemon() -> Iterator[PairingDaemon]:
    with PairingDaemon() as listening:
        yield listening


@pytest.fixture(autouse=True)
def paired(site: Site, daemon: PairingDaemon) -> Iterator[None]:
    """A shop that was paired where it is, and is left as it was."""
    site.act(("update_option", ["tillbridge_connection", ""]), ("delete_option", ["tillbridge_site"]))
    assert pair(site, daemon.print_code()) is True
    daemon.received.clear()
    yield
    replace(site, site.url)
    do(site, "forget")
    site.call("delete_option", "tillbridge_site")
    site.connect("")


@pytest.fixture
def caller(site: Site, daemon: PairingDaemon) -> Caller:
    """The daemon, with the secret of the pairing."""
    shim = RigShim(site)
    shim.secret = daemon.secret
    return Caller(shim)


def replace(site: Site, address: str) -> None:
    """What a search-and-replace over the database does with the shop's address: all of it."""
    old = site.sql("SELECT option_value FROM wp_options WHERE option_name = 'home'")[0][0]
    for table, column in (("options", "option_value"), ("posts", "guid"), ("posts", "post_content")):
        site.sql(f"UPDATE wp_{table} SET {column} = REPLACE({column}, '{old}', '{address}')")
    site.sql(f"UPDATE wp_tillbridge_outbox SET data = REPLACE(data, '{old}', '{address}')")


def test_a_copy_records_and_tells_nobody(site: Site, shim: RigShim, caller: Caller, daemon: PairingDaemon) -> None:
    product = shim.make_product("9")
    daemon.received.clear()
    replace(site, ELSEWHERE)
    shim.sell(product, 2)
    assert daemon.received == []
    rows = site.sql(f"SELECT delta FROM wp_tillbridge_outbox WHERE object_id = {product} AND topic = 'stock.changed'")
    assert rows[-1:] == [["-2"]]


def test_a_copy_gives_nothing_and_takes_nothing(site: Site, shim: RigShim, caller: Caller) -> None:
    product = shim.make_product("9")
    replace(site, ELSEWHERE)
    health = caller.get("/health")
    assert (health.status, health.json()["elsewhere"], health.json()["address"]) == (200, True, ELSEWHERE)
    refused = [
        caller.get("/outbox"),
        caller.get("/stock/levels"),
        caller.post("/outbox/ack", {"ids": []}),
        caller.post("/stock/apply", {"changes": [change(product, "-1")]}),
        caller.knock(connection(site)["door"], b"{}"),
    ]
    assert [(answer.status, answer.json()["code"]) for answer in refused] == [(409, "tillbridge_elsewhere")] * 5
    assert site.level(product) == 9


@pytest.mark.parametrize("same", ["https://127.0.0.1:{port}", "HTTP://127.0.0.1:{port}/"])
def test_the_same_address_with_tls_or_a_slash_is_the_same(site: Site, caller: Caller, same: str) -> None:
    site.sql(f"UPDATE wp_options SET option_value = '{same.format(port=site.port)}' WHERE option_name = 'home'")
    elsewhere = caller.get("/health").json()["elsewhere"]
    site.sql(f"UPDATE wp_options SET option_value = '{site.url}' WHERE option_name = 'home'")
    assert elsewhere is False


@pytest.mark.parametrize(
    "other", ["http://127.0.0.1:{port}/shop", "http://127.0.0.1", "http://127.0.0.1:{port}.example"]
)
def test_another_folder_port_or_host_is_another_address(site: Site, caller: Caller, other: str) -> None:
    site.sql(f"UPDATE wp_options SET option_value = '{other.format(port=site.port)}' WHERE option_name = 'home'")
    elsewhere = caller.get("/health").json()["elsewhere"]
    site.sql(f"UPDATE wp_options SET option_value = '{site.url}' WHERE option_name = 'home'")
    assert elsewhere is True


def test_a_copy_asks_the_daemon_for_nothing(site: Site, daemon: PairingDaemon) -> None:
    replace(site, ELSEWHERE)
    daemon.received.clear()
    found = do(site, "disconnect")
    assert isinstance(found, dict)
    assert found["error"] == "tillbridge_elsewhere"
    found = do(site, "connect", daemon.print_code())
    assert isinstance(found, dict)
    assert found["error"] == "tillbridge_elsewhere"
    assert daemon.received == []


def test_a_shop_that_moved_tells_the_daemon_and_speaks_again(
    site: Site, shim: RigShim, caller: Caller, daemon: PairingDaemon
) -> None:
    product = shim.make_product("9")
    replace(site, ELSEWHERE)
    shim.sell(product, 2)
    daemon.received.clear()
    assert do(site, "moved") is True
    assert daemon.bodies("/v1/control/site") == [{"address": ELSEWHERE, "rest_url": f"{ELSEWHERE}/wp-json/"}]
    told = {event["topic"]: event["data"] for event in caller.get("/outbox", limit=1000).json()["events"]}
    assert told["site.moved"]["address"] == ELSEWHERE
    assert [event["data"]["delta"] for event in caller.events(product)][-1:] == ["-2"]
    shim.sell(product, 1)
    assert daemon.bodies("/v1/events")[-1]["address"] == ELSEWHERE


def test_a_move_of_which_the_daemon_did_not_hear_is_none(site: Site, daemon: PairingDaemon) -> None:
    replace(site, ELSEWHERE)
    daemon.rude = (503, {"code": "later", "message": "not now"})
    before = connection(site)
    assert isinstance(do(site, "moved"), dict)
    assert connection(site) == before


def test_a_copy_forgets_credentials_and_events_of_the_shop_it_was(
    site: Site, shim: RigShim, caller: Caller, daemon: PairingDaemon
) -> None:
    product = shim.make_product("9")
    incarnation, own = caller.get("/health").json()["incarnation"], site.call("get_option", "tillbridge_site")
    replace(site, ELSEWHERE)
    shim.sell(product, 2)
    daemon.received.clear()
    assert do(site, "copy") is True
    assert daemon.received == []
    assert (connection(site), accounts(site)) == ("", [])
    assert site.call("get_option", "tillbridge_site") not in (own, "", False)
    assert site.call("get_option", "tillbridge_incarnation") != incarnation
    assert site.sql("SELECT COUNT(*) FROM wp_tillbridge_outbox UNION ALL SELECT COUNT(*) FROM wp_tillbridge_keys") == [
        ["0"],
        ["0"],
    ]
    assert daemon.secret not in str(site.sql("SELECT option_value FROM wp_options"))


def test_a_connection_in_a_file_is_copied_on_purpose(site: Site, caller: Caller) -> None:
    """wp-config.php does not come along with a database; who carries it over means it."""
    stored = connection(site)
    site.connect("", secret=stored["secret"])
    replace(site, ELSEWHERE)
    assert caller.get("/health").json()["elsewhere"] is False
