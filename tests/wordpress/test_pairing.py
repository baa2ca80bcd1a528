"""A shop is paired with the daemon that printed the code and with nobody else; what comes to nothing leaves nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from tests.ports import free_port
from tests.wordpress.pairing import PairingDaemon, accounts, connection, do, pair, traces
from tests.wordpress.rig import Died, Site

HELLO, AGREE = "/v1/pair/hello", "/v1/pair"


@pytest.fixture
def daemon() -> Iterator[PairingDaemon]:
    with PairingDaemon() as listening:
        yield listening


@pytest.fixture(autouse=True)
def unpaired(site: Site) -> Iterator[None]:
    """A shop that was never paired."""
    site.act(("update_option", ["tillbridge_connection", ""]), ("delete_option", ["tillbridge_site"]))
    yield
    do(site, "forget")
    site.call("delete_option", "tillbridge_site")
    site.connect("")


def code_of(error: object) -> str:
    assert isinstance(error, dict), error
    return str(error["error"])


def test_both_sides_know_each_other_afterwards(site: Site, daemon: PairingDaemon) -> None:
    assert pair(site, daemon.print_code()) is True
    stored = connection(site)
    (told,) = daemon.bodies(AGREE)
    assert (stored["secret"], stored["listener"]) == (daemon.secret, daemon.listener)
    assert stored["site"] == told["site"] == site.call("get_option", "tillbridge_site")
    assert len(stored["site"]) == 32
    assert (told["address"], told["rest_url"]) == (site.url, f"{site.url}/wp-json/")
    assert stored["door"] == told["door"]
    assert accounts(site) == [["tillbridge", "1", "read_write"]]
    hashed = site.call("wc_api_hash", told["rest"]["key"])
    secrets = site.sql("SELECT consumer_key, consumer_secret FROM wp_woocommerce_api_keys")
    assert secrets == [[hashed, told["rest"]["secret"]]]
    roles = site.sql(
        f"SELECT meta_value FROM wp_usermeta WHERE user_id = {stored['user_id']} AND meta_key LIKE '%capabilities'"
    )
    assert roles == [['a:1:{s:12:"shop_manager";b:1;}']]
    assert [path for path, _ in daemon.heard][-2:] == ["/v1/control/status", "/v1/control/doctor"]


def test_the_secret_is_kept_where_the_page_of_all_options_is_not_needed_for_it(
    site: Site, daemon: PairingDaemon
) -> None:
    """The one option that every request needs comes with all others; it costs no query of its own."""
    pair(site, daemon.print_code())
    assert site.sql("SELECT autoload FROM wp_options WHERE option_name = 'tillbridge_connection'") == [["yes"]]
    assert site.visit()[1]["ours"] == []


def test_a_stranger_on_the_port_learns_nothing_and_leaves_nothing(site: Site, daemon: PairingDaemon) -> None:
    code, before = daemon.print_code(), traces(site)
    daemon.rude = (200, {"proof": "0" * 64, "secret": "0" * 64})
    assert code_of(pair(site, code)) == "tillbridge_stranger"
    ((path, _),) = daemon.received
    assert path == HELLO
    assert set(daemon.bodies(HELLO)[0]) == {"nonce", "site"}
    assert (traces(site), connection(site)) == (before, "")


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, {}, "tillbridge_stranger"),
        (404, {"error": "nothing here"}, "tillbridge_stranger"),
        (404, {"code": "no_pairing", "message": "no code waits"}, "tillbridge_no_pairing"),
        (401, {"code": "bad_signature", "message": "no"}, "tillbridge_wrong_code"),
        (409, {"code": "other_shop", "message": "the books belong to another"}, "tillbridge_other_shop"),
    ],
)
def test_a_refusal_leaves_nothing(
    site: Site, daemon: PairingDaemon, status: int, body: Mapping[str, object], expected: str
) -> None:
    code, before = daemon.print_code(), traces(site)
    daemon.rude = (status, body)
    assert code_of(pair(site, code)) == expected
    assert (traces(site), connection(site)) == (before, "")


@pytest.mark.parametrize("path", [HELLO, AGREE])
def test_a_wrong_proof_leaves_nothing(site: Site, daemon: PairingDaemon, path: str) -> None:
    code, before = daemon.print_code(), traces(site)
    daemon.changes[path] = {"proof": "0" * 64}
    assert code_of(pair(site, code)) == "tillbridge_stranger"
    assert (traces(site), connection(site)) == (before, "")
    assert len(daemon.bodies(AGREE)) == (1 if path == AGREE else 0)


@pytest.mark.parametrize("secret", ["", "short", "g" * 64, None, 7])
def test_a_secret_that_is_none_leaves_nothing(site: Site, daemon: PairingDaemon, secret: object) -> None:
    code, before = daemon.print_code(), traces(site)
    daemon.changes[AGREE] = {"secret": secret}
    assert code_of(pair(site, code)) == "tillbridge_stranger"
    assert (traces(site), connection(site)) == (before, "")


@pytest.mark.parametrize("path", [HELLO, AGREE])
def test_a_daemon_that_dies_in_between_leaves_nothing(site: Site, daemon: PairingDaemon, path: str) -> None:
    code, before = daemon.print_code(), traces(site)
    daemon.breaks_off_at = path
    assert code_of(pair(site, code)) == "tillbridge_unreachable"
    assert (traces(site), connection(site)) == (before, "")


def test_nobody_on_the_port_leaves_nothing(site: Site, daemon: PairingDaemon) -> None:
    code, before = daemon.print_code(), traces(site)
    words = code.split("@")[0]
    assert code_of(pair(site, f"{words}@127.0.0.1:{free_port()}")) == "tillbridge_unreachable"
    assert (traces(site), connection(site)) == (before, "")


@pytest.mark.parametrize(
    "place", ["192.0.2.1:8642", "example.com:8642", "127.0.0.1.example.com:80", "[2001:db8::1]:80"]
)
def test_a_code_that_leads_to_another_machine_is_not_followed(site: Site, daemon: PairingDaemon, place: str) -> None:
    words, before = daemon.print_code().split("@")[0], traces(site)
    assert code_of(pair(site, f"{words}@{place}")) == "tillbridge_bad_code"
    assert (traces(site), connection(site)) == (before, "")


def test_a_code_may_be_typed_as_people_type(site: Site, daemon: PairingDaemon) -> None:
    words, place = daemon.print_code().split("@")
    assert pair(site, f" {words.lower().replace('-', ' ').replace('0', 'o').replace('1', 'l')}@{place}\n") is True


def test_a_code_serves_once_and_the_first_pairing_stands(site: Site, daemon: PairingDaemon) -> None:
    code = daemon.print_code()
    assert pair(site, code) is True
    before, stored = traces(site), connection(site)
    assert code_of(pair(site, code)) == "tillbridge_no_pairing"
    assert (traces(site), connection(site)) == (before, stored)


def test_pairing_again_replaces_the_key_and_keeps_the_user_and_the_shops_id(site: Site, daemon: PairingDaemon) -> None:
    pair(site, daemon.print_code())
    first, keys = connection(site), site.sql("SELECT consumer_key FROM wp_woocommerce_api_keys")
    assert pair(site, daemon.print_code()) is True
    second = connection(site)
    assert (first["site"], first["user_id"]) == (second["site"], second["user_id"])
    assert accounts(site) == [["tillbridge", "1", "read_write"]]
    assert site.sql("SELECT consumer_key FROM wp_woocommerce_api_keys") != keys


def test_php_that_dies_before_it_stored_the_connection_does_no_harm(site: Site, daemon: PairingDaemon) -> None:
    """A user and a key without a connection are left, and the next pairing takes them over."""
    dies = {"query": "/^UPDATE `wp_options` SET `option_value` = .*tillbridge_connection/s", "do": "kill"}
    calls = [("Tillbridge\\load_controls", []), ("Tillbridge\\Pairing::connect", [daemon.print_code()])]
    with pytest.raises(Died):
        site.act(*calls, trouble=[dies])
    assert connection(site) == ""
    assert pair(site, daemon.print_code()) is True
    assert accounts(site) == [["tillbridge", "1", "read_write"]]


def test_a_user_of_that_name_who_is_somebody_else_stays_who_he_is(site: Site, daemon: PairingDaemon) -> None:
    somebody = site.call("wp_insert_user", {"user_login": "tillbridge", "user_pass": "x", "role": "customer"})
    assert pair(site, daemon.print_code()) is True
    assert connection(site)["user_id"] != somebody
    do(site, "forget")
    assert accounts(site) == [["tillbridge", "0", "NULL"]]
    site.sql(f"DELETE FROM wp_users WHERE ID = {somebody}; DELETE FROM wp_usermeta WHERE user_id = {somebody}")


def test_disconnecting_takes_the_credentials_away_after_the_daemon_heard(site: Site, daemon: PairingDaemon) -> None:
    pair(site, daemon.print_code())
    own = site.call("get_option", "tillbridge_site")
    daemon.rude = (503, {"code": "later", "message": "not now"})
    assert code_of(do(site, "disconnect")) == "tillbridge_later"
    assert connection(site)["secret"] == daemon.secret
    daemon.rude = None
    assert do(site, "disconnect") is True
    assert (connection(site), accounts(site)) == ("", [])
    assert site.call("get_option", "tillbridge_site") == own


def test_a_table_without_transactions_is_refused_before_anybody_is_called(site: Site, daemon: PairingDaemon) -> None:
    code = daemon.print_code()
    site.sql("ALTER TABLE wp_tillbridge_keys ENGINE=MyISAM")
    try:
        assert code_of(pair(site, code)) == "tillbridge_no_innodb"
    finally:
        site.sql("ALTER TABLE wp_tillbridge_keys ENGINE=InnoDB")
    assert daemon.received == []
