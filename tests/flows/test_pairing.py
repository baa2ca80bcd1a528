"""Who comes with the code is let in once; the books' own shop may come back; another may not."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Barrier, BrokenBarrierError

import pytest

from tests.fakes import VirtualClock
from tillbridge.core import pairing as agreed
from tillbridge.core.pairing import Code, Paired
from tillbridge.errors import Malformed
from tillbridge.pairing import NoPairing, OtherShop, Pairing, new_code

BODY = {
    "site": "6f1c",
    "address": "https://shop.example",
    "rest_url": "https://shop.example/wp-json/",
    "door": "d" * 32,
    "rest": {"key": "ck_" + "a" * 40, "secret": "cs_" + "b" * 40},
}
HELLO = {"site": "6f1c", "nonce": "0" * 32}


@dataclass
class MemoryVault:
    """`ports.Vault` in memory."""

    kept: Paired | None = None
    waiting: Code | None = None

    def paired(self) -> Paired | None:
        return self.kept

    def keep(self, paired: Paired) -> None:
        self.kept = paired

    def forget(self) -> None:
        self.kept = None

    def code(self) -> Code | None:
        return self.waiting

    def expect(self, code: Code) -> None:
        self.waiting = code

    def use_code(self) -> None:
        self.waiting = None


@dataclass
class Desk:
    """A pairing with everything around it."""

    owner: str = ""
    vault: MemoryVault = field(default_factory=MemoryVault)
    clock: VirtualClock = field(default_factory=VirtualClock)
    renewals: int = 0

    def __post_init__(self) -> None:
        self.secrets = iter(f"secret-{number}" for number in range(9))
        self.pairing = Pairing(self.vault, self.clock, lambda: next(self.secrets), lambda: self.owner, self._renewed)

    def _renewed(self) -> None:
        self.renewals += 1

    def invite(self) -> str:
        """Print a code; its key."""
        return agreed.key_of(new_code(self.vault, self.clock, 7, "127.0.0.1:8642"))


@pytest.fixture
def desk() -> Desk:
    return Desk()


def body(**changes: object) -> bytes:
    return json.dumps({**BODY, **changes}).encode()


def test_both_prove_that_they_know_the_code_and_agree_on_a_secret(desk: Desk) -> None:
    key = desk.invite()
    said = desk.pairing.hello(json.dumps(HELLO).encode())
    assert said["proof"] == agreed.hello_proof(key, "0" * 32, "6f1c")
    answer = desk.pairing.pair(body())
    assert answer == {"secret": "secret-0", "proof": agreed.secret_proof(key, "6f1c", "secret-0")}
    assert desk.vault.kept is not None
    assert (desk.vault.kept.secret, desk.vault.kept.address) == ("secret-0", "https://shop.example")
    assert desk.renewals == 1


def test_a_code_serves_once(desk: Desk) -> None:
    desk.invite()
    desk.pairing.pair(body())
    assert desk.pairing.key() is None
    with pytest.raises(NoPairing, match="`tillbridge init` prints a new one"):
        desk.pairing.pair(body())
    assert desk.renewals == 1


def test_a_code_is_good_for_an_hour(desk: Desk) -> None:
    desk.invite()
    desk.clock.advance(3599)
    assert desk.pairing.key() is not None
    desk.clock.advance(1)
    assert desk.pairing.key() is None


def test_a_new_code_makes_the_one_before_it_void(desk: Desk) -> None:
    desk.invite()
    first = desk.pairing.key()
    new_code(desk.vault, desk.clock, 8, "127.0.0.1:8642")
    assert desk.pairing.key() != first


@pytest.mark.parametrize("verb", ["hello", "pair"])
def test_books_of_one_shop_are_not_opened_to_another_and_the_code_is_not_used_up(verb: str) -> None:
    desk = Desk(owner="its-own-shop")
    desk.invite()
    with pytest.raises(OtherShop, match=r"its-own-shop.*\[daemon\] database"):
        getattr(desk.pairing, verb)(body(nonce="0" * 32))
    assert desk.pairing.key() is not None
    assert desk.vault.kept is None


def test_the_books_own_shop_may_come_back() -> None:
    desk = Desk(owner="6f1c")
    desk.invite()
    desk.pairing.pair(body())
    assert desk.vault.kept is not None


def test_what_cannot_be_read_uses_no_code_up(desk: Desk) -> None:
    desk.invite()
    for wrong in (b"", b"[]", body(door="x"), b'{"site": "6f1c"}'):
        with pytest.raises(Malformed):
            desk.pairing.pair(wrong)
    assert desk.pairing.key() is not None


@pytest.mark.parametrize("nonce", [None, 7, "short", "0" * 65, "-" * 32])
def test_a_nonce_is_letters_and_digits(desk: Desk, nonce: object) -> None:
    desk.invite()
    with pytest.raises(Malformed, match="^nonce"):
        desk.pairing.hello(json.dumps({"site": "6f1c", "nonce": nonce}).encode())


def test_a_shop_that_moved_is_followed(desk: Desk) -> None:
    desk.invite()
    desk.pairing.pair(body())
    moved = {"address": "https://new.example", "rest_url": "https://new.example/?rest_route=/"}
    assert desk.pairing.moved(json.dumps(moved).encode()) == {"address": "https://new.example"}
    assert desk.vault.kept is not None
    assert (desk.vault.kept.url, desk.vault.kept.rest_prefix) == ("https://new.example", "/?rest_route=")
    assert desk.vault.kept.secret == "secret-0"
    assert desk.renewals == 2


def test_parting_forgets_the_secrets(desk: Desk) -> None:
    desk.invite()
    desk.pairing.pair(body())
    assert desk.pairing.disconnect() == {"site": "6f1c"}
    assert desk.vault.kept is None
    assert desk.renewals == 2


def test_a_shop_that_stands_in_the_settings_is_moved_and_removed_there(desk: Desk) -> None:
    with pytest.raises(NoPairing, match=r"\[store\] url"):
        desk.pairing.moved(body())
    with pytest.raises(NoPairing, match=r"settings \(\[store\]\)"):
        desk.pairing.disconnect()
    assert desk.renewals == 0


class BusyVault(MemoryVault):
    """Whoever looks for the code waits a moment for a second one who does."""

    def __init__(self) -> None:
        super().__init__()
        self.meeting = Barrier(2)

    def code(self) -> Code | None:
        found = self.waiting
        with suppress(BrokenBarrierError):
            self.meeting.wait(0.2)
        return found


def test_of_two_shops_that_bring_one_code_at_the_same_moment_one_is_let_in() -> None:
    desk = Desk(vault=BusyVault())
    desk.invite()

    def bring(site: str) -> bool:
        try:
            desk.pairing.pair(body(site=site))
        except NoPairing:
            return False
        return True

    with ThreadPoolExecutor(2) as shops:
        let_in = list(shops.map(bring, ["one", "two"]))
    assert sorted(let_in) == [False, True]
    assert desk.renewals == 1
