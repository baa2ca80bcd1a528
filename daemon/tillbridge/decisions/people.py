"""Questions about who somebody is: several customers of the POS have that e-mail address or phone number."""

from __future__ import annotations

from tillbridge.decisions.asked import MOST, Asked, Choice, Deciding
from tillbridge.ports import Pending
from tillbridge.ports.persons import NEW, NOBODY, Question


class People:
    """By ids alone: what is known of these people stands at the two sides, and nowhere here."""

    name = "person"

    def rows(self, pending: Pending) -> list[Asked]:
        return [_asked(question) for question in pending.person_questions(MOST)]

    def find(self, pending: Pending, subject: str) -> Asked | None:
        question = pending.person_question(subject)
        return None if question is None or question.answer else _asked(question)

    def decide(self, deciding: Deciding, subject: str, choice: str) -> None:
        deciding.unit.answer_person(subject, choice)
        kind, _, ref = subject.partition(":")
        if kind == "customer":
            deciding.unit.stir_people([f"order:{ref}"])
        deciding.say(f"{subject} is {choice if choice in (NEW, NOBODY) else f'customer {choice} of the POS'}")
        deciding.cannot_be_undone("who a customer is was said once; link others at the POS by hand")


def _asked(question: Question) -> Asked:
    kind, _, ref = question.subject.partition(":")
    who = f"customer {ref} of the shop" if kind == "customer" else f"the guest who made order {ref}"
    there = ", ".join(question.candidates)
    choices = (
        *(Choice(one, f"it is customer {one} of the POS") for one in question.candidates),
        Choice(NEW, "none of them: a new customer is made there"),
        Choice(NOBODY, "the POS is told of no customer"),
    )
    words = f"{who} may be any of the customers {there} of the POS: e-mail address and phone number do not say which"
    return Asked("person", question.subject, words, choices, order=ref if kind == "order" else "")
