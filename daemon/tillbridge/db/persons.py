"""Customers in the books: links and digests, and what a person is to say about them."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from tillbridge.core import agreeing
from tillbridge.core.agreeing import Agreed
from tillbridge.core.stock import SideName
from tillbridge.db.queue import QueueRows, chunks, marks
from tillbridge.ports import Message
from tillbridge.ports.persons import AMBIGUOUS, Acquaintance, customer

PERSON_KIND = "person.1"
"""The message of a customer who is to be looked at: its body says who, and nothing about them."""

PRIORITY = 28

_COLUMNS = "store_ref, pos_ref, agreed, erased"


class PersonRows(QueueRows):
    """Customers in a unit of work."""

    def acquaintance(self, ref: str) -> Acquaintance:
        return self._acquaintance("store_ref", ref) or Acquaintance(ref)

    def acquaintance_at(self, pos_ref: str) -> Acquaintance | None:
        return self._acquaintance("pos_ref", pos_ref)

    def _acquaintance(self, column: str, value: str) -> Acquaintance | None:
        rows = self._db.rows(f"SELECT {_COLUMNS} FROM person WHERE {column} = ?", (value,))
        if not rows:
            return None
        ref, pos_ref, agreed, erased = rows[0]
        return Acquaintance(ref, pos_ref or "", agreeing.decode(agreed), bool(erased))

    def linked_people(self, pos_refs: Collection[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for part in chunks(sorted(pos_refs)):
            found |= dict(
                self._db.rows(f"SELECT pos_ref, store_ref FROM person WHERE pos_ref IN ({marks(part)})", part)
            )
        return found

    def link_person(self, ref: str, pos_ref: str) -> None:
        self._db.run(
            "INSERT INTO person (store_ref, pos_ref, at) VALUES (?, ?, ?) ON CONFLICT (store_ref) DO UPDATE"
            " SET pos_ref = excluded.pos_ref, agreed = '', erased = 0, at = excluded.at",
            (ref, pos_ref, self.now),
        )
        self._answered(customer(ref))

    def agree_person(self, ref: str, agreed: Agreed) -> None:
        self._db.run("UPDATE person SET agreed = ? WHERE store_ref = ?", (agreeing.encode(agreed), ref))

    def unlink_person(self, ref: str) -> None:
        self._db.run("DELETE FROM person WHERE store_ref = ?", (ref,))
        self._answered(customer(ref))

    def forget_person(self, ref: str) -> None:
        self._db.run(
            "INSERT INTO person (store_ref, pos_ref, erased, at) VALUES (?, NULL, 1, ?) ON CONFLICT (store_ref)"
            " DO UPDATE SET pos_ref = NULL, agreed = '', erased = 1, at = excluded.at",
            (ref, self.now),
        )
        self._answered(customer(ref))

    def _answered(self, subject: str) -> None:
        self._db.run("DELETE FROM person_question WHERE subject = ?", (subject,))

    def ask_person(self, subject: str, candidates: Sequence[str]) -> str:
        asked = json.dumps(sorted(candidates))
        self._db.run(
            "INSERT INTO person_question (subject, candidates, at) VALUES (?, ?, ?) ON CONFLICT (subject) DO UPDATE SET"
            " answer = CASE WHEN candidates = excluded.candidates THEN answer ELSE '' END,"
            " candidates = excluded.candidates",
            (subject, asked, self.now),
        )
        ((answer,),) = self._db.rows("SELECT answer FROM person_question WHERE subject = ?", (subject,))
        return str(answer)

    def drop_question(self, subject: str) -> None:
        self._db.run("DELETE FROM person_question WHERE subject = ? AND answer = ''", (subject,))

    def answer_person(self, subject: str, answer: str) -> None:
        self._db.run("UPDATE person_question SET answer = ? WHERE subject = ?", (answer, subject))
        self.unpark_reason(AMBIGUOUS)

    def stir_people(self, bodies: Collection[str]) -> None:
        self._db.run_many(
            "INSERT INTO message (key, kind, lane, side, priority, body, state, due_at, attempts, failing_for, cause,"
            " reason, error, created_at) VALUES (?, ?, ?, ?, ?, ?, 'ready', ?, 0, 0, '', '', '', ?)"
            " ON CONFLICT (key) DO UPDATE SET state = 'ready', due_at = excluded.due_at, lease = NULL,"
            " lease_until = NULL, attempts = 0, failing_for = 0, reason = '', error = '', done_at = NULL,"
            " created_at = CASE WHEN state = 'ready' THEN created_at ELSE excluded.created_at END",
            [
                (f"person:{body}", PERSON_KIND, f"person:{body.partition(':')[2]}", str(SideName.POS), PRIORITY, body,
                 self.now, self.now)
                for body in sorted(bodies)
            ],
        )  # fmt: skip

    def claim_people(self, limit: int, lease_seconds: float) -> list[Message]:
        return self.claim(PERSON_KIND, SideName.POS, limit, lease_seconds)
