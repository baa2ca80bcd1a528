"""A formula's figures come to its result, and the last ones are the targets."""

from __future__ import annotations

import ast
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import POS, STORE, account, shelf
from tillbridge.core import targets
from tillbridge.core.formulas import formulas
from tillbridge.core.targets import Shelf
from tillbridge.core.terms import Terms

AMOUNTS = st.decimals(min_value=-50, max_value=50, places=3)
NEVER_NEGATIVE = st.decimals(min_value=0, max_value=50, places=3)


def value_of(figures: str) -> Decimal:
    """What the figures come to, as a person with a calculator finds it."""
    return calculated(ast.parse(figures, mode="eval").body, figures)


def calculated(node: ast.expr, text: str) -> Decimal:
    match node:
        case ast.BinOp(left, operation, right):
            first, second = calculated(left, text), calculated(right, text)
            return first + second if isinstance(operation, ast.Add) else first - second
        case ast.UnaryOp(_, operand):
            return -calculated(operand, text)
        case ast.Call(ast.Name(name), arguments):
            found = [calculated(one, text) for one in arguments]
            return min(found) if name == "min" else max(found)
        case _:
            return Decimal(ast.get_source_segment(text, node) or "")


@st.composite
def shelves(draw: st.DrawFn) -> Shelf:
    """A link with two outlets and everything that can weigh on it."""
    amounts = [draw(AMOUNTS) for _ in range(8)]
    spelled = list(map(str, amounts))
    found = shelf(
        account(STORE, spelled[0], spelled[1]),
        account(POS, spelled[2], spelled[3]),
        account(POS, spelled[4], spelled[5], outlet="annex"),
        offset=spelled[6],
    )
    terms = Terms(
        amounts[7], draw(NEVER_NEGATIVE), draw(AMOUNTS), draw(AMOUNTS), draw(AMOUNTS), draw(NEVER_NEGATIVE),
        draw(st.booleans()),
    )  # fmt: skip
    return replace(found, terms=terms)


@given(shelves())
def test_the_figures_come_to_the_result_and_the_result_is_the_target(found: Shelf) -> None:
    steps = formulas(found)
    assert [value_of(step.figures) for step in steps] == [step.result for step in steps]
    results = {step.name: step.result for step in steps}
    assert results["common"] == targets.common(found)
    assert results["store target"] == targets.target(STORE, found)
    assert results["pos target"] == targets.target(POS, found)


@pytest.mark.parametrize(
    ("backorders", "figures"), [(False, "min(8, max(0, 8 - 1))"), (True, "8 - 1")], ids=["kept back", "backorders"]
)
def test_the_figures_are_those_that_a_person_knows(backorders: bool, figures: str) -> None:
    found = replace(
        shelf(account(STORE, "10"), account(POS, "12", "-3")),
        terms=Terms(positions=Decimal(1), buffer=Decimal(1), backorders=backorders),
    )
    assert [step.figures for step in formulas(found)] == ["12 + (-3) - 0 + 0", "9 - 1 - 0 + 0", figures, "9 - 0"]
