"""Pairing with the shop, as the daemon sees it: who comes with the code is let in, once; a shop that moved is followed;
a shop that takes its leave is forgotten.

After each of these the daemon begins anew with what was agreed: `renew` is called, and whoever runs the daemon stops
and starts it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from tillbridge import __version__
from tillbridge.core import pairing
from tillbridge.core.pairing import Code
from tillbridge.errors import Malformed
from tillbridge.intake import read_object, show
from tillbridge.ports import Clock, Vault

CODE_GOOD_FOR = timedelta(hours=1)

log = logging.getLogger(__name__)


class NoPairing(Malformed):
    """Nobody waits for a shop here."""


class OtherShop(Malformed):
    """The books of this daemon belong to another shop."""


class Pairing:
    """`books_of` says whose books these are: the shop's id, "" while they are empty."""

    def __init__(
        self,
        vault: Vault,
        clock: Clock,
        new_secret: Callable[[], str],
        books_of: Callable[[], str],
        renew: Callable[[], None],
    ) -> None:
        self._vault = vault
        self._clock = clock
        self._new_secret = new_secret
        self._books_of = books_of
        self._renew = renew
        self._one_by_one = threading.Lock()

    def key(self) -> bytes | None:
        """The key of the code that waits now, None where none does or it has run out."""
        code = self._vault.code()
        return None if code is None or code.expires_at <= self._clock.wall().timestamp() else code.key.encode()

    def hello(self, body: bytes) -> dict[str, object]:
        """Prove that this is the daemon which printed the code."""
        asked = read_object(body)
        site, nonce = pairing.read_site(asked), asked.get("nonce")
        if not isinstance(nonce, str) or not 16 <= len(nonce) <= 64 or not nonce.isalnum():
            raise Malformed(f"nonce: found {show(nonce)}, allowed are 16 to 64 letters and digits")
        self._may_be(site)
        return {"daemon": __version__, "proof": pairing.hello_proof(self._known_key(), nonce, site)}

    def pair(self, body: bytes) -> dict[str, object]:
        """Agree on a secret. The code is used up, whether or not the shop hears the answer."""
        proposal = pairing.read_proposal(read_object(body))
        self._may_be(proposal.site)
        secret = self._new_secret()
        at = self._clock.wall().isoformat(timespec="seconds")
        with self._one_by_one:  # Two shops may bring the same code at once: it is good for one.
            key = self._known_key()
            self._vault.use_code()
        self._vault.keep(pairing.agree(proposal, secret, self._vault.paired(), at))
        log.warning("paired with the shop %s (%s)", proposal.address, proposal.site)
        self._renew()
        return {"secret": secret, "proof": pairing.secret_proof(key, proposal.site, secret)}

    def moved(self, body: bytes) -> dict[str, object]:
        """A person says that the shop has moved to another address."""
        asked = read_object(body)
        address = pairing.read_address(asked)
        url, prefix = pairing.read_rest_url(asked)
        paired = self._vault.paired()
        if paired is None:
            raise NoPairing(
                "the shop's address stands in the settings here ([store] url): mend it there, then restart the daemon"
            )
        self._vault.keep(replace(paired, address=address, url=url, rest_prefix=prefix))
        log.warning("the shop moved from %s to %s", paired.address, address)
        self._renew()
        return {"address": address}

    def disconnect(self) -> dict[str, object]:
        """A person parts shop and daemon. The books stay: the same shop may come back."""
        paired = self._vault.paired()
        if paired is None:
            raise NoPairing("this daemon was not paired: the shop stands in its settings ([store]); remove it there")
        self._vault.forget()
        log.warning("parted from the shop %s (%s)", paired.address, paired.site)
        self._renew()
        return {"site": paired.site}

    def _known_key(self) -> str:
        key = self.key()
        if key is None:
            raise NoPairing("no code waits here: `tillbridge init` prints a new one")
        return key.decode()

    def _may_be(self, site: str) -> None:
        owner = self._books_of()
        if owner not in ("", site):
            raise OtherShop(
                f"the books of this daemon belong to another shop ({owner}): name another [daemon] database in its"
                " settings to begin anew with this one"
            )


def new_code(vault: Vault, clock: Clock, number: int, listener: str) -> str:
    """Make a code that is good for an hour; the one before it is void. `number`: 125 random bits."""
    code = pairing.spell_code(number, listener)
    until = clock.wall() + CODE_GOOD_FOR
    vault.expect(Code(pairing.key_of(code), until.timestamp()))
    return code
