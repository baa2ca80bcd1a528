"""What a person is to say about customers, as far as pictures of the books show it."""

from __future__ import annotations

import json

from tillbridge.db.connect import Connection
from tillbridge.ports.persons import Question


class QuestionRows:
    """Questions in a transaction or a picture."""

    _db: Connection

    def person_questions(self, limit: int) -> list[Question]:
        rows = self._db.rows(
            "SELECT subject, candidates, answer FROM person_question WHERE answer = '' ORDER BY subject LIMIT ?",
            (limit,),
        )
        return [_question(subject, candidates, answer) for subject, candidates, answer in rows]

    def person_question(self, subject: str) -> Question | None:
        rows = self._db.rows("SELECT subject, candidates, answer FROM person_question WHERE subject = ?", (subject,))
        return _question(*rows[0]) if rows else None


def _question(subject: str, candidates: str, answer: str) -> Question:
    return Question(subject, tuple(json.loads(candidates)), answer)
