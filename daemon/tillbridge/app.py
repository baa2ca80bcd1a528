"""Where everything is put together: the only module that names concrete parts, reads the clock and draws dice."""

from __future__ import annotations

import hashlib
import logging
import os
import random
import secrets
import signal
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlsplit

from tillbridge.arriving import build_arriving, topics
from tillbridge.backlog import retry_refused
from tillbridge.buffers import idle
from tillbridge.core.events import Hinted
from tillbridge.core.marks import Mark
from tillbridge.core.stock import SideName
from tillbridge.db.archive import SqlArchive
from tillbridge.db.books import SqlBooks
from tillbridge.db.connect import Connection, open_database, open_for_reading
from tillbridge.db.exclusive import Exclusive
from tillbridge.db.mailbox import SqlMailbox
from tillbridge.engine import build_engine
from tillbridge.errors import SettingsError, StorageTrouble
from tillbridge.housekeeping import Housekeeping, Keep
from tillbridge.intake import Intake
from tillbridge.pairing import Pairing
from tillbridge.ports import Checkpoint, Clock, Desk
from tillbridge.reception import Parts, build_audits, build_desk, build_hints
from tillbridge.relay import Chance
from tillbridge.reopening import Reopening
from tillbridge.running import Bridge, Ending, FrontDoor
from tillbridge.schedule import Job, Schedule
from tillbridge.settings import Secret, Settings
from tillbridge.settings import UnixAddress as UnixSetting
from tillbridge.shop import NotPaired, Shop, shop_of
from tillbridge.sides.http import HttpExchange
from tillbridge.sides.till.side import TillSide
from tillbridge.sides.woocommerce.side import StoreSide
from tillbridge.sides.woocommerce.standard import StandardApi
from tillbridge.state import StateFolder
from tillbridge.steer import Steering
from tillbridge.telling import build_meeting, build_telling, of_people
from tillbridge.undo import Undo
from tillbridge.web import (
    Keys,
    Limits,
    Server,
    TcpAddress,
    UnixAddress,
    create_app,
    create_front_door,
    is_loopback,
    lane_of,
)

log = logging.getLogger(__name__)

SWEEP_EVERY = 15.0
"""Seconds between two looks at everything that waits: the net under every bell that might be missed."""

TIDY_EVERY = 3600.0
HINTS_EVERY = 300.0
RUNS_EVERY = 1.0
COMPARE_EVERY = 2.0
RECOVER_EVERY = 5.0
REFUSED_EVERY = 900.0
"""Seconds between two tries of orders that the POS refused: what it refused them for may be over."""

OPENING_EVERY = 15.0
"""Seconds between two questions whether a register is open again; none where nothing waits for that."""


class SystemClock:
    """`ports.Clock` on this machine. This is the one place where the package asks for the time."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def now(self) -> float:
        return self._offset + time.monotonic()

    def wall(self) -> datetime:
        return datetime.now(UTC)


def crash_point(environ: Mapping[str, str]) -> Checkpoint:
    """`TILLBRIDGE_CRASH_AT=name[:n]` kills this process at the n-th pass of a named point, as a power cut would. For
    tests."""
    wanted = environ.get("TILLBRIDGE_CRASH_AT", "")
    if not wanted:
        return lambda _: None
    name, _, number = wanted.partition(":")
    left = [int(number or 1)]
    lock = threading.Lock()

    def check(point: str) -> None:
        if point != name:
            return
        with lock:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return check


def state_of(settings: Settings) -> StateFolder:
    """Where the pairing is kept."""
    return StateFolder(settings.daemon.state_dir or settings.daemon.database.parent)


def find_shop(settings: Settings) -> Shop:
    """The shop that this daemon serves. Raises `NotPaired`, and `StorageTrouble` where the pairing cannot be read."""
    return shop_of(settings, state_of(settings).paired())


def known_secrets(settings: Settings) -> list[str]:
    """Everything that must not be seen, as far as this user may read it."""
    found = settings.secrets()
    with suppress(NotPaired, StorageTrouble):
        found += find_shop(settings).secrets()
    return [one.reveal() for one in found]


def build_sides(
    settings: Settings, shop: Shop, clock: Clock, books: Callable[[], Mark | None] = lambda: None
) -> tuple[StoreSide, TillSide]:
    """The two sides that the settings name. `books` says how far our own have come."""
    connect_to = None if settings.store.connect_to is None else str(settings.store.connect_to)
    exchange = HttpExchange(shop.url, connect_to, total_seconds=settings.store.timeout)
    store = StoreSide(
        exchange,
        shop.secret.reveal(),
        lambda: secrets.token_hex(16),
        clock.wall,
        site=shop.site,
        prefix=shop.prefix,
        standard=_standard(shop, exchange, clock),
        books=books,
    )
    pos = TillSide(
        HttpExchange(settings.pos.url, total_seconds=settings.pos.timeout),
        settings.pos.token.reveal(),
        clock.wall,
        settings.pos.sell_from or None,
        settings.pos.outlets or None,
        key_tag(shop),
        topics(settings) | of_people(settings),
    )
    return store, pos


def _standard(shop: Shop, exchange: HttpExchange, clock: Clock) -> StandardApi | None:
    if shop.rest is None:
        return None
    key, secret = shop.rest.key.reveal(), shop.rest.secret.reveal()
    return StandardApi(exchange, shop.url, shop.prefix, key, secret, clock.wall)


def build(settings: Settings, environ: Mapping[str, str], ending: Ending) -> Bridge | FrontDoor:
    """Put a daemon together. Raises `AlreadyRunning`, `StorageTrouble`, `SettingsError`; nothing is started yet."""
    lock, clock = Exclusive(str(settings.daemon.database)), SystemClock()
    try:
        connection = open_database(f"sqlite:///{settings.daemon.database}")
        books = SqlBooks(connection, clock, secrets.token_hex(8))
        pairing = Pairing(
            state_of(settings), clock, lambda: secrets.token_hex(32), partial(_owner_of, books), ending.renew
        )
        try:
            shop = find_shop(settings)
        except NotPaired:
            return _front_door(settings, lock, pairing, clock)
        return _build(settings, shop, lock, (connection, books), pairing, clock, crash_point(environ))
    except BaseException:
        lock.release()
        raise


def _front_door(settings: Settings, lock: Exclusive, pairing: Pairing, clock: Clock) -> FrontDoor:
    limits = Limits(body=settings.listener.max_body, signed=settings.listener.max_requests_per_second)
    app = create_front_door(pairing, limits, clock)
    server = Server(app, listener_address(settings), limits.body, clock, settings.listener.threads)
    return FrontDoor(lock, server)


def _build(
    settings: Settings,
    shop: Shop,
    lock: Exclusive,
    storage: tuple[Connection, SqlBooks],
    pairing: Pairing,
    clock: Clock,
    checkpoint: Checkpoint,
) -> Bridge:
    connection, books = storage
    books.take_over()
    _belong_together(books, settings, shop)
    store, pos = build_sides(settings, shop, clock, books.mark)
    tag = key_tag(shop)
    chance = Chance(lambda: tag + secrets.token_hex(12), random.SystemRandom().random)
    is_from_pos = _hint_check(pos, shop, settings.pos.webhook_secret)
    telling = build_telling(settings, shop, books, (store, pos), clock)
    arriving = build_arriving(settings, shop, (store, pos), clock, telling)
    meeting = build_meeting(shop, (store, pos))
    engine = build_engine(
        settings, books, (store, pos), clock, chance, checkpoint, is_from_pos, telling, arriving, meeting
    )
    for words in idle(books, books.held(), settings.stock.buffers)[0]:
        log.warning("%s", words)
    work, linking, reconcile = engine.work, engine.linking, engine.reconcile
    mailbox = SqlMailbox(connection, clock, work.ring_events, checkpoint)
    stale_after = 3 * max(settings.pos.poll_every, settings.store.pull_every)
    steering = Steering(books, work, clock, linking.wanted, stale_after)
    intake = Intake(
        mailbox, shop.site, settings.listener.max_events, shop.address, lambda: work.ring_feed(SideName.STORE)
    )
    hints = build_hints(settings, shop, pos, books, lambda: hints_url(settings, shop, server.address))
    undo = Undo(books, work.ring_all_writers)
    audits = build_audits(settings, shop.site, books, (store, pos), telling, connection.forget_thread)
    parts = Parts(
        settings, shop, connection, books, store, pos, work, steering, clock, reconcile, undo, audits,
        lambda: server.address,
    )  # fmt: skip
    server = _server(parts, intake, pairing, build_desk(parts, hints))
    jobs = [
        Job("poll", settings.pos.poll_every, lambda: work.ring_feed(SideName.POS)),
        Job("pull", settings.store.pull_every, lambda: work.ring_feed(SideName.STORE)),
        Job("sweep", SWEEP_EVERY, work.ring_all_writers),
        Job("link", settings.safety.link_every, linking.wanted),
        Job("link-when-stirred", 1.0, linking.run_if_wanted),
        Job("reconcile", settings.stock.reconcile_every, reconcile.on_schedule),
        Job("look-again", RUNS_EVERY, engine.look_again),
        Job("compare", COMPARE_EVERY, engine.comparing),
        Job("recover", RECOVER_EVERY, engine.recovering),
        Job("runs", RUNS_EVERY, reconcile.advance),
        Job("undo", RUNS_EVERY, undo.go_on),
        Job("audit", RUNS_EVERY, audits.go_on),
        Job("refused", REFUSED_EVERY, partial(retry_refused, books)),
        Job("opening", OPENING_EVERY, Reopening(books, pos, work.may_speak, work.ring_all_writers)),
        Job("tidy", TIDY_EVERY, _housekeeping(settings, connection, clock)),
        Job("hints", HINTS_EVERY, hints.keep),
    ]
    writers = {side.name: min(side.abilities.parallel, settings.daemon.workers) for side in (store, pos)}
    return Bridge(clock, lock, work, Schedule(jobs, clock.wall), server, steering, writers)


def key_tag(shop: Shop) -> str:
    """What the keys of this shop's writes begin with: two shops may share a till, and each is the other's customer."""
    return hashlib.sha256(shop.site.encode()).hexdigest()[:8]


def _owner_of(books: SqlBooks) -> str:
    """The shop whose books these are, "" while nothing is linked."""
    with books.writing() as unit:
        return unit.noted("site") if unit.linked_refs()[SideName.STORE] else ""


def _belong_together(books: SqlBooks, settings: Settings, shop: Shop) -> None:
    """The books are those of one shop and of certain outlets: with others, old accounts would meet strangers."""
    wanted = {"site": shop.site, "outlets": ",".join(sorted(settings.pos.outlets)) or "all"}
    with books.writing() as unit:
        if not unit.linked_refs()[SideName.STORE]:
            for name, value in wanted.items():
                unit.note(name, value)
            return
        noted = {name: unit.noted(name) for name in wanted}
    keys = {"site": "store.site", "outlets": "pos.outlets"}
    problems = [
        f"{keys[name]}: found {value!r}, but the books at {settings.daemon.database} were opened with {noted[name]!r},"
        " allowed: the same, or another [daemon] database to begin anew"
        for name, value in wanted.items()
        if noted[name] != value
    ]
    if problems:
        raise SettingsError(problems)


def _server(parts: Parts, intake: Intake, pairing: Pairing, desk: Desk) -> Server:
    settings, clock = parts.settings, parts.clock
    limits = Limits(body=settings.listener.max_body, signed=settings.listener.max_requests_per_second)
    app = create_app(intake, parts.steering, _keys(settings, parts.shop, pairing), limits, clock, pairing, desk)
    return Server(app, listener_address(settings), limits.body, clock, settings.listener.threads, lane_of(app))


def _housekeeping(settings: Settings, connection: Connection, clock: Clock) -> Housekeeping:
    keep = Keep(settings.queue.keep_done, settings.queue.keep_journal)
    return Housekeeping(SqlArchive(connection), clock, keep)


def hints_url(settings: Settings, shop: Shop, listener: str) -> str:
    """Where the POS says that it has news: the listener itself where it runs on this machine, else the shop's public
    address, which passes it on; "" where there is neither."""
    host = urlsplit(settings.pos.url).hostname or ""
    if listener.startswith("http") and is_loopback(host):
        return f"{listener}/v1/pos/hint"
    return shop.webhook_url


def _hint_check(pos: TillSide, shop: Shop, secret: Secret | None) -> Callable[[Hinted], bool]:
    """Whether what came in by the shop's public address is the POS's own."""
    return lambda hint: secret is not None and pos.is_hint(hint, shop.webhook_url, secret.reveal())


def _keys(settings: Settings, shop: Shop, pairing: Pairing) -> Keys:
    pos = [settings.pos.webhook_secret]
    token = settings.listener.metrics_token
    return Keys(
        tuple(one.reveal().encode() for one in shop.accepted),
        tuple(one.reveal().encode() for one in pos if one is not None),
        b"" if token is None else token.reveal().encode(),
        pairing.key,
    )


def open_books(settings: Settings, clock: Clock) -> SqlBooks:
    """The books of a daemon that may be running or not, for reading. Raises `StorageTrouble` where there are none."""
    return SqlBooks(open_for_reading(f"sqlite:///{settings.daemon.database}"), clock, secrets.token_hex(8))


def listener_address(settings: Settings) -> TcpAddress | UnixAddress:
    """Where the daemon listens, as the settings say."""
    where = settings.listener.listen
    return UnixAddress(str(where.path)) if isinstance(where, UnixSetting) else TcpAddress(where.host, where.port)
