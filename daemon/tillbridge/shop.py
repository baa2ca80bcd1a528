"""Which shop this daemon serves: the one that stands in the settings, else the one that it was paired with."""

from __future__ import annotations

from dataclasses import dataclass

from tillbridge.core.pairing import Paired
from tillbridge.errors import BridgeError
from tillbridge.settings import Secret, Settings
from tillbridge.settings.table import Store


class NotPaired(BridgeError):
    """No shop stands in the settings, and none was paired yet."""

    def __init__(self) -> None:
        super().__init__(
            "this daemon knows no shop yet: `tillbridge init` prints a code, which `wp tillbridge connect CODE` or the"
            " page WooCommerce > Tillbridge takes while `tillbridge run` is running"
        )


@dataclass(frozen=True, slots=True)
class RestKey:
    """What opens wc/v3, WooCommerce's public API."""

    key: Secret
    secret: Secret


@dataclass(frozen=True, slots=True)
class Shop:
    """Where the shop is reached, and what both sign with.

    `address` is what it must call itself in every push ("": nobody agreed on one); `door` is the token of its public
    address for webhooks ("": it has none); `source` says where all this comes from.
    """

    url: str
    prefix: str
    site: str
    secret: Secret
    accepted: tuple[Secret, ...]
    address: str = ""
    door: str = ""
    rest: RestKey | None = None
    source: str = "settings"

    @property
    def webhook_url(self) -> str:
        """The public address that takes the POS's webhooks, "" where there is none."""
        return f"{self.url}{self.prefix}/wc-tillbridge/v1/pos/{self.door}" if self.door else ""

    def secrets(self) -> list[Secret]:
        """What must never appear in a log."""
        rest = [] if self.rest is None else [self.rest.key, self.rest.secret]
        return [*self.accepted, *rest, *([Secret(self.door)] if self.door else [])]


def shop_of(settings: Settings, paired: Paired | None) -> Shop:
    """Raises `NotPaired`. A shop in the settings wins."""
    if settings.store.secret is not None:
        return _of_settings(settings.store, settings.store.secret)
    if paired is None:
        raise NotPaired
    secrets = [paired.secret, *filter(None, [paired.previous_secret])]
    return Shop(
        url=paired.url,
        prefix=paired.rest_prefix,
        site=paired.site,
        secret=Secret(paired.secret),
        accepted=tuple(map(Secret, secrets)),
        address=paired.address,
        door=paired.door,
        rest=RestKey(Secret(paired.rest_key), Secret(paired.rest_secret)),
        source="pairing",
    )


def _of_settings(store: Store, secret: Secret) -> Shop:
    accepted = [secret, *filter(None, [store.previous_secret])]
    return Shop(store.url, store.rest_prefix, store.site, secret, tuple(accepted))
