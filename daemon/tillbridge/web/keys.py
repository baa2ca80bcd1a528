"""Who may knock: the secrets that the shop, the till and the monitoring share with this daemon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


def _nobody() -> bytes | None:
    return None


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets of the listener, as bytes; never shown by `repr`.

    `store` and `pos` hold one secret each, or two while a secret is being replaced. Empty means that nobody gets in by
    that door. The same goes for `metrics`, the bearer token of the monitoring.
    """

    store: tuple[bytes, ...] = field(repr=False)
    pos: tuple[bytes, ...] = field(default=(), repr=False)
    metrics: bytes = field(default=b"", repr=False)
    pairing: Callable[[], bytes | None] = field(default=_nobody, repr=False)

    def __post_init__(self) -> None:
        # An empty HMAC key would let everybody sign; a forgotten setting must not open the door.
        if not all(self.store) or not all(self.pos):
            raise ValueError("a secret of the listener is empty")
