"""Customers in the books: links, questions, and one message for each who stirred."""

from __future__ import annotations

import pytest

from tillbridge.core.agreeing import Agreed
from tillbridge.db.books import SqlBooks
from tillbridge.ports.persons import Acquaintance, Question

AGREED = Agreed("k", {"city": "1"}, {"city": "2"})


def test_a_link_and_what_was_agreed_are_kept_until_it_ends(books: SqlBooks) -> None:
    with books.writing() as unit:
        assert unit.acquaintance("4") == Acquaintance("4")
        unit.link_person("4", "7")
        unit.agree_person("4", AGREED)
    with books.writing() as unit:
        assert unit.acquaintance("4") == unit.acquaintance_at("7") == Acquaintance("4", "7", AGREED)
        assert unit.linked_people(["7", "8"]) == {"7": "4"}
        unit.link_person("4", "8")
        assert unit.acquaintance("4") == Acquaintance("4", "8")
        unit.unlink_person("4")
        assert (unit.acquaintance("4"), unit.acquaintance_at("8")) == (Acquaintance("4"), None)


def test_two_customers_are_never_one_at_the_pos(books: SqlBooks) -> None:
    with books.writing() as unit:
        unit.link_person("4", "7")
    with pytest.raises(Exception, match="UNIQUE"), books.writing() as unit:
        unit.link_person("5", "7")


def test_whoever_is_forgotten_leaves_a_number(books: SqlBooks) -> None:
    with books.writing() as unit:
        unit.link_person("4", "7")
        unit.agree_person("4", AGREED)
        for ref in ("4", "5"):
            unit.forget_person(ref)
        assert [unit.acquaintance(ref) for ref in ("4", "5")] == [Acquaintance(ref, erased=True) for ref in ("4", "5")]
        unit.link_person("4", "8")
        assert unit.acquaintance("4") == Acquaintance("4", "8")


def test_an_answer_stands_as_long_as_the_same_people_are_in_question(books: SqlBooks) -> None:
    with books.writing() as unit:
        assert unit.ask_person("customer:4", ["8", "7"]) == ""
        assert unit.person_questions(10) == [Question("customer:4", ("7", "8"))]
        unit.answer_person("customer:4", "new")
        unit.drop_question("customer:4")
        assert unit.ask_person("customer:4", ["7", "8"]) == "new"
        assert unit.person_questions(10) == []
        assert unit.ask_person("customer:4", ["7", "9"]) == ""
        unit.link_person("4", "7")
        assert unit.person_question("customer:4") is None
        unit.ask_person("order:1", ["7", "9"])
        unit.drop_question("order:1")
        assert unit.person_questions(10) == []


def test_one_message_stands_for_a_customer_however_often_they_stir(books: SqlBooks) -> None:
    with books.writing() as unit:
        unit.stir_people(["store:4", "pos:7"])
        unit.stir_people(["store:4"])
        claimed = unit.claim_people(10, 60)
        assert [message.body for message in claimed] == ["pos:7", "store:4"]
        unit.stir_people(["store:4"])
        assert unit.held_of(claimed) == {claimed[0].id}, "who stirs while they are looked at is looked at again"
        assert [message.body for message in unit.claim_people(10, 60)] == ["store:4"]


def test_two_reasons_to_look_at_one_customer_follow_each_other(books: SqlBooks) -> None:
    with books.writing() as unit:
        unit.stir_people(["order:4", "store:4"])
        (first,) = unit.claim_people(10, 60)
        unit.done([first])
        (second,) = unit.claim_people(10, 60)
        assert (first.body, second.body) == ("order:4", "store:4")
