"""How a list goes to the screen or to another program: as a table, JSON, CSV, YAML, or its length.

Others have a hand in what is listed (a SKU, an answer of the POS). None of it may steer the terminal.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping, Sequence

from tillbridge.log import printable

FORMATS = ("table", "json", "csv", "yaml", "count")
WHOLE = ("table", "json", "yaml")
"""For an answer that is no list."""

WIDEST = 60
"""Characters of a table's cell, but for the last column, which may be a sentence."""

Row = Mapping[str, object]


def show(form: str, whole: Mapping[str, object], rows: Sequence[Row], columns: Sequence[str]) -> None:
    """Print `rows` with these columns; `whole` is the answer that they belong to, for formats that hold everything."""
    match form:
        case "csv":
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
        case "count":
            print(len(rows))
        case "table":
            _table(rows, columns)
        case _:
            show_whole(form, whole)


def show_whole(form: str, whole: Mapping[str, object]) -> None:
    """Print everything, as JSON or YAML."""
    if form == "yaml":
        import yaml  # here, since the daemon needs none of it

        print(yaml.safe_dump(json.loads(json.dumps(whole)), sort_keys=False), end="")
    else:
        print(json.dumps(whole))


def tell(line: str) -> None:
    """Print a line that others may have had a hand in."""
    print(printable(line))


def _table(rows: Sequence[Row], columns: Sequence[str]) -> None:
    if not rows:
        return
    cells = [list(columns), *([_cell(row.get(name)) for name in columns] for row in rows)]
    short = [[_cut(cell) for cell in line[:-1]] + line[-1:] for line in cells]
    widths = [max(len(line[at]) for line in short) for at in range(len(columns) - 1)]
    for line in short:
        padded = [cell.ljust(width) for cell, width in zip(line, widths, strict=False)]
        print("  ".join([*padded, line[-1]]).rstrip())


def _cut(cell: str) -> str:
    return cell if len(cell) <= WIDEST else cell[: WIDEST - 1] + "…"


def _cell(value: object) -> str:
    """Unknown is shown as such, never as nothing."""
    return "?" if value is None else printable(str(value))
