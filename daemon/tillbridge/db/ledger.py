"""Ledger and journal: links, the accounts of both sides, and the entry that explains every change of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from tillbridge.core import codec
from tillbridge.core.accounts import Account, Attempt, Entry, opened
from tillbridge.core.events import LookAt
from tillbridge.core.links import Ended, Held, Pair
from tillbridge.core.stock import Link, SideName, plain, spell
from tillbridge.core.targets import Shelf, shelf
from tillbridge.core.terms import Fall, Terms
from tillbridge.db.connect import Connection
from tillbridge.db.queue import chunks, marks
from tillbridge.ports import Known
from tillbridge.ports.books import NO_TERMS

_LINK = (
    "id, sku, store_ref, pos_ref, shift, free, held, uncounted, positions, admitted, buffer, backorders, fall_before,"
    " fall_amount"
)
_NEXT = "(SELECT COALESCE(MAX(id), 0) + 1 FROM (SELECT id FROM link UNION ALL SELECT id FROM retired))"
"""A number that no link had before: the journal of one that ended goes by it still."""
_ACCOUNT = (
    "link, side, outlet, opening, born, written, contains, touched, read_at,"
    " attempt_key, attempt_amount, attempt_since, attempt_tried, attempt_doubt, attempt_mark,"
    " attempt_order"
)


_SIDES = {str(side): side for side in SideName}
"""Looked up for every account that is read: calling the enumeration takes ten times as long."""


class LedgerRows:
    """The ledger's half of a unit of work."""

    def __init__(self, connection: Connection, now: float) -> None:
        self._db = connection
        self.now = now

    def shelves(self, side: SideName, refs: Sequence[str]) -> dict[str, Shelf]:
        column = "store_ref" if side is SideName.STORE else "pos_ref"
        links: list[tuple[Link, Terms]] = []
        for part in chunks(list(dict.fromkeys(refs))):
            links += map(
                _link_and_terms, self._db.rows(f"SELECT {_LINK} FROM link WHERE {column} IN ({marks(part)})", part)
            )
        return {found.link.ref(side): found for found in self._with_accounts(links)}

    def shelves_by_link(self, links: Sequence[int]) -> dict[int, Shelf]:
        found: list[tuple[Link, Terms]] = []
        for part in chunks(links):
            found += map(_link_and_terms, self._db.rows(f"SELECT {_LINK} FROM link WHERE id IN ({marks(part)})", part))
        return {one.link.id: one for one in self._with_accounts(found)}

    def shelves_by_sku(self, sku: str) -> list[Shelf]:
        rows = self._db.rows(f"SELECT {_LINK} FROM link WHERE sku = ? ORDER BY id", (sku,))
        return self._with_accounts([_link_and_terms(row) for row in rows])

    def shelves_after(self, link: int, limit: int) -> list[Shelf]:
        rows = self._db.rows(f"SELECT {_LINK} FROM link WHERE id > ? ORDER BY id LIMIT ?", (link, limit))
        return self._with_accounts([_link_and_terms(row) for row in rows])

    def _with_accounts(self, links: Sequence[tuple[Link, Terms]]) -> list[Shelf]:
        accounts: defaultdict[int, list[Account]] = defaultdict(list)
        for part in chunks([link.id for link, _ in links]):
            for row in self._db.rows(
                f"SELECT {_ACCOUNT} FROM account WHERE link IN ({marks(part)}) ORDER BY link, side, outlet", part
            ):
                accounts[row[0]].append(_account(row))
        return [shelf(link, accounts[link.id], terms) for link, terms in links]

    def post(self, entries: Sequence[tuple[Account, Entry]]) -> None:
        self._db.run_many(
            "INSERT INTO entry (link, side, outlet, kind, amount, source, cause, document, line, effect, run, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    account.link, str(account.side), account.outlet, str(entry.kind), spell(entry.amount), entry.source,
                    entry.cause, entry.document, entry.line, str(entry.effect), entry.run, self.now,
                )
                for account, entry in entries
            ],
        )  # fmt: skip
        last = {(account.link, account.side, account.outlet): account for account, _ in entries}
        self.save(list(last.values()))

    def save(self, changed: Sequence[Account]) -> None:
        self._db.run_many(
            f"INSERT INTO account ({_ACCOUNT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (link, side, outlet) DO UPDATE SET"
            " born = excluded.born, written = excluded.written, contains = excluded.contains,"
            " touched = excluded.touched, read_at = excluded.read_at,"
            " attempt_key = excluded.attempt_key, attempt_amount = excluded.attempt_amount,"
            " attempt_since = excluded.attempt_since, attempt_tried = excluded.attempt_tried,"
            " attempt_doubt = excluded.attempt_doubt, attempt_mark = excluded.attempt_mark,"
            " attempt_order = excluded.attempt_order",
            [_account_row(account, self.now) for account in changed],
        )

    def posted(self, sources: Sequence[str]) -> set[str]:
        found: set[str] = set()
        for part in chunks(sources):
            rows = self._db.rows(f"SELECT DISTINCT source FROM entry WHERE source IN ({marks(part)})", part)
            found.update(row[0] for row in rows)
        return found

    def open_link(
        self,
        pair: Pair,
        offset: Decimal,
        openings: Mapping[tuple[SideName, str], Decimal],
        contains: int,
        terms: Terms = NO_TERMS,
    ) -> Link:
        self._db.run(
            "INSERT INTO link (id, sku, store_ref, pos_ref, shift, free, held, uncounted, positions, admitted, buffer,"
            " backorders, fall_before, fall_amount, made_at)"
            f" VALUES ({_NEXT}, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (pair.sku, pair.store_ref, pair.pos_ref, spell(offset), *_terms_row(terms), self.now),
        )
        link, _ = _link_and_terms(self._db.rows(f"SELECT {_LINK} FROM link WHERE store_ref = ?", (pair.store_ref,))[0])
        self.post([opened(link.id, side, outlet, level, contains) for (side, outlet), level in openings.items()])
        return link

    def retire(self, ended: Sequence[Ended]) -> None:
        for one in ended:
            link = one.link
            self._db.run(
                "INSERT INTO retired (id, sku, store_ref, pos_ref, shift, at, words) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (link.id, link.sku, link.store_ref, link.pos_ref, spell(link.offset), one.at, one.words),
            )
            self._db.run("DELETE FROM link WHERE id = ?", (link.id,))
            for table in ("line", "alert", "sighting"):
                self._db.run(f"DELETE FROM {table} WHERE link = ?", (link.id,))
            self._db.run(
                "DELETE FROM finding WHERE link = ? AND run IN (SELECT id FROM run WHERE finished IS NULL)", (link.id,)
            )
            self._db.run("UPDATE account SET attempt_key = NULL WHERE link = ?", (link.id,))
            self._db.run(
                "UPDATE message SET state = 'done', done_at = ?, lease = NULL, lease_until = NULL, error = ''"
                " WHERE key IN (?, ?)",
                (self.now, *(f"due:{side}:{link.id}" for side in SideName)),
            )

    def told_deleted(self, refs: Sequence[str]) -> set[str]:
        rows = self._db.rows("SELECT name FROM note WHERE name LIKE 'deleted:store:%'")
        found = {str(row[0]).removeprefix("deleted:store:") for row in rows}
        bodies = self._db.rows("SELECT body FROM message WHERE side = '' AND body LIKE '%\"product.deleted\"%'")
        events = [codec.decode(codec.STORE_KIND, str(row[0])) for row in bodies]
        told = {one.ref for one in events if isinstance(one, LookAt) and one.topic == codec.PRODUCT_DELETED}
        for ref in sorted(told.intersection(refs) - found):
            self.note(f"deleted:store:{ref}", "told")
        return (found | told).intersection(refs)

    def save_links(self, shelves: Sequence[Shelf]) -> None:
        self._db.run_many(
            "UPDATE link SET shift = ?, free = ?, held = ?, uncounted = ?, positions = ?, admitted = ?, buffer = ?,"
            " backorders = ?, fall_before = ?, fall_amount = ? WHERE id = ?",
            [(spell(one.link.offset), *_terms_row(one.terms), one.link.id) for one in shelves],
        )

    def rename(self, skus: Mapping[str, str]) -> int:
        rows = self._db.rows("SELECT id, store_ref, sku FROM link")
        changed = [(skus[ref], link) for link, ref, sku in rows if skus.get(ref, sku) != sku]
        self._db.run_many("UPDATE link SET sku = ? WHERE id = ?", changed)
        return len(changed)

    def count_links(self) -> int:
        return int(self._db.rows("SELECT COUNT(*) FROM link")[0][0])

    def linked_refs(self) -> dict[SideName, list[str]]:
        rows = self._db.rows("SELECT store_ref, pos_ref FROM link")
        return {SideName.STORE: [row[0] for row in rows], SideName.POS: [row[1] for row in rows]}

    def drop(self, side: SideName, refs: Mapping[str, int]) -> None:
        self._db.run_many(
            "INSERT INTO dropped (side, ref, message) VALUES (?, ?, ?)"
            " ON CONFLICT (side, ref) DO UPDATE SET message = excluded.message",
            [(str(side), ref, message) for ref, message in refs.items()],
        )

    def dropped_since(self, side: SideName, mark: int) -> set[str]:
        return {
            row[0] for row in self._db.rows("SELECT ref FROM dropped WHERE side = ? AND message > ?", (str(side), mark))
        }

    def hold(self, held: Sequence[Held]) -> None:
        self._db.run("DELETE FROM held")
        self._db.run_many(
            "INSERT INTO held (side, ref, sku, name, reason, sentence) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (side, ref) DO NOTHING",
            [(str(one.side), one.ref, one.sku, one.name, one.reason, one.sentence) for one in held],
        )

    def held_of_refs(self, side: SideName, refs: Sequence[str]) -> set[str]:
        found: set[str] = set()
        for part in chunks(refs):
            rows = self._db.rows(f"SELECT ref FROM held WHERE side = ? AND ref IN ({marks(part)})", [str(side), *part])
            found.update(row[0] for row in rows)
        return found

    def cursor(self, side: SideName) -> str:
        rows = self._db.rows("SELECT value FROM feed_cursor WHERE side = ?", (str(side),))
        return str(rows[0][0]) if rows else ""

    def move_cursor(self, side: SideName, cursor: str) -> None:
        self._db.run(
            "INSERT INTO feed_cursor (side, value, at) VALUES (?, ?, ?)"
            " ON CONFLICT (side) DO UPDATE SET value = excluded.value, at = excluded.at",
            (str(side), cursor, self.now),
        )

    def paused(self) -> set[SideName]:
        names = {row[0] for row in self._db.rows("SELECT name FROM note WHERE name LIKE 'paused:%'")}
        return {side for side in SideName if f"paused:{side}" in names}

    def pause(self, sides: Sequence[SideName], why: str = "") -> None:
        for side in sides:
            if not self.noted(f"paused:{side}"):
                self.note(f"paused:{side}", why or PAUSED)

    def resume(self, sides: Sequence[SideName]) -> None:
        for side in sides:
            self._db.run("DELETE FROM note WHERE name = ?", (f"paused:{side}",))

    def note(self, name: str, value: str) -> None:
        self._db.run(
            "INSERT INTO note (name, value, at) VALUES (?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at",
            (name, value, self.now),
        )

    def noted(self, name: str) -> str:
        rows = self._db.rows("SELECT value FROM note WHERE name = ?", (name,))
        return str(rows[0][0]) if rows else ""


def known_levels(db: Connection, side: SideName, refs: Sequence[str]) -> dict[tuple[str, str], Known]:
    """What is known of many levels, without putting shelves together."""
    column = "store_ref" if side is SideName.STORE else "pos_ref"
    found: dict[tuple[str, str], Known] = {}
    for part in chunks(refs):
        rows = db.rows(
            f"SELECT link.{column}, outlet, link.id, opening, born, written, touched, attempt_key, backorders FROM link"
            f" JOIN account ON account.link = link.id AND account.side = ? WHERE link.{column} IN ({marks(part)})",
            [str(side), *part],
        )
        for ref, outlet, link, opening, born, written, touched, key, backorders in rows:
            sums = Decimal(opening) + Decimal(born) + Decimal(written)
            found[ref, outlet] = Known(link, plain(sums), touched if key is None else None, bool(backorders))
    return found


PAUSED = "yes"
"""The note of a side that a person paused; any other is the reason why we did."""


def _link_and_terms(row: tuple[Any, ...]) -> tuple[Link, Terms]:
    number, sku, store_ref, pos_ref, shift, *sums, backorders, before, amount = row
    free, held, uncounted, positions, admitted, buffer = map(Decimal, sums)
    fall = None if before is None else Fall(Decimal(before), Decimal(amount))
    terms = Terms(free, held, uncounted, positions, admitted, buffer, bool(backorders), fall)
    return Link(number, sku, store_ref, pos_ref, Decimal(shift)), terms


def _terms_row(terms: Terms) -> tuple[Any, ...]:
    sums = (terms.free, terms.held, terms.uncounted, terms.positions, terms.admitted, terms.buffer)
    fall = terms.last_fall
    falls = (None, None) if fall is None else (spell(fall.before), spell(fall.amount))
    return (*map(spell, sums), int(terms.backorders), *falls)


def _account(row: tuple[Any, ...]) -> Account:
    link, side, outlet, opening, born, written, contains, touched, read_at, *attempt = row
    key, amount, since, tried, doubt, mark, order = attempt
    under_way = None if key is None else Attempt(key, Decimal(amount), since, tried, doubt, mark, order)
    sums = (Decimal(opening), Decimal(born), Decimal(written))
    return Account(link, _SIDES[side], outlet, *sums, under_way, contains, touched, read_at)


def _account_row(account: Account, now: float) -> tuple[Any, ...]:
    sums = (spell(account.opening), spell(account.born), spell(account.written), account.contains, now, account.read_at)
    where = (account.link, str(account.side), account.outlet)
    under_way = account.unsettled
    if under_way is None:
        return (*where, *sums, None, None, None, None, None, "", "")
    tries = (under_way.since, under_way.tried, under_way.doubt, under_way.mark, under_way.order)
    return (*where, *sums, under_way.key, spell(under_way.amount), *tries)
