"""What waits for a person's word, and the word."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from tillbridge.cli.asking import ask, order, settings_of
from tillbridge.cli.exits import FOUND, WELL
from tillbridge.cli.listing import show, show_whole, tell
from tillbridge.cli.words import Verbs, takes_list_format
from tillbridge.errors import Malformed

COLUMNS = ("id", "kind", "sku", "order", "run", "amount", "choices", "words")


def add(verbs: Verbs) -> None:
    decide = verbs.add("decide", _decide, "List what waits for your word; or give it: `tillbridge decide ID CHOICE`.")
    decide.add_argument("id", metavar="ID", nargs="?")
    decide.add_argument("choice", metavar="CHOICE", nargs="?")
    decide.add_argument("--words", default="", help="why, for whoever looks later")
    takes_list_format(decide)


def _decide(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    if arguments.choice is not None:
        body: dict[str, object] = {"id": arguments.id, "choice": arguments.choice, "words": arguments.words}
        return _done(order(settings, "decide", body), arguments.format)
    found = ask(settings, "decisions")
    rows = [row for row in found["rows"] if arguments.id in (None, row["id"])]
    if arguments.id is not None and not rows:
        raise Malformed(f"nothing waits for your word under {arguments.id!r}; `tillbridge decide` lists what does")
    total = found["total"] if arguments.id is None else len(rows)
    return _list({"rows": rows, "total": total}, arguments.format)


def _list(found: Mapping[str, Any], form: str) -> int:
    rows: Sequence[Mapping[str, Any]] = found["rows"]
    if form == "table":
        for row in rows:
            _tell(row)
        print(f"{found['total']} waiting for your word")
    elif form == "count":
        print(found["total"])  # of each kind a thousand are listed, and all are counted
    else:
        show(form, found, [_flat(row) for row in rows], COLUMNS)
    return FOUND if rows else WELL


def _tell(row: Mapping[str, Any]) -> None:
    tell(f"{row['id']}: {row['words']}")
    for choice in row["choices"]:
        tell(f"    {choice['choice']:<9} {choice['words']}")


def _flat(row: Mapping[str, Any]) -> Mapping[str, Any]:
    choices = " ".join(choice["choice"] for choice in row["choices"])
    return {**row, "choices": choices, "run": row["run"] or "", "amount": row["amount"] or ""}


def _done(found: Mapping[str, Any], form: str) -> int:
    if form == "table":
        for row in found["rows"]:
            tell(f"{row['sku']}: {row['words']}" if row["sku"] else row["words"])
        print(f"run {found['run']}")
    elif form in ("json", "yaml"):
        show_whole(form, found)
    else:
        show(form, found, found["rows"], ("sku", "words"))
    return WELL
