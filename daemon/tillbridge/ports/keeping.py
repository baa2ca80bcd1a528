"""What keeps things for the daemon besides the books: the mailbox of the listener, the archive, the vault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tillbridge.core.events import Told
from tillbridge.core.marks import Mark
from tillbridge.core.pairing import Code, Paired

PUSHED = "pushed"
"""The note that says when the shop last pushed events; the mailbox writes it in the commit that stores them."""


LINES_KEPT_SINCE = "lines_kept_since"
"""The note of the time (steady seconds) before which lines of finished orders were tidied away."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one signed request brought, with its nonce and the time (steady seconds) when that may be forgotten."""

    told: Sequence[Told]
    nonce: str
    nonce_until: float
    mark: Mark | None = None
    """How far the shop's database had come when it told this."""


class Mailbox(Protocol):
    """Where the listener puts what it was told, before it answers."""

    def deliver(self, parcels: Sequence[Parcel]) -> None:
        """Return only when all of them are on disk, in one commit. Events whose key is known are passed over.

        Raises `StorageTrouble` where they cannot be made durable: then nothing of this call is stored.
        """

    def nonces(self) -> dict[str, float]:
        """The nonces that must still be refused, with their `nonce_until`: read once at start."""


class Archive(Protocol):
    """The old part of the books. Each call works in small transactions, so that it never holds the listener up."""

    def forget_done(self, before: float) -> int:
        """Delete messages settled before that time; how many."""

    def forget_nonces(self, before: float) -> int: ...

    def fold_journal(self, before: float) -> int:
        """Replace each account's entries older than that by one carried sum of each kind; how many went. The entries
        of an account still sum to what is known. What a run entered that is still kept stays as it is."""

    def forget_runs(self, before: float) -> int:
        """Delete runs that ended before that time, with their findings and rulings; how many. One that waits for a
        person, or of which something is still kept off sale or left standing, stays."""

    def forget_arrivals(self, before: float) -> int:
        """Delete what the shop made of documents of the POS from before that time, once nothing of it can come back
        late; how many."""

    def forget_lines(self, before: float) -> int:
        """Delete the lines of finished orders of which nothing was told since that time; how many. What they held is in
        the sums of their items, and stays there."""


class Vault(Protocol):
    """Where the pairing with the shop is kept, readable by the daemon's own user only. All raise `StorageTrouble`."""

    def paired(self) -> Paired | None:
        """What was agreed with the shop, None where nothing is."""

    def keep(self, paired: Paired) -> None: ...
    def forget(self) -> None: ...
    def code(self) -> Code | None:
        """The code that waits, None where none does."""

    def expect(self, code: Code) -> None: ...
    def use_code(self) -> None: ...
