"""The options on paper: the settings file with every default in it, and the table of the README."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from tillbridge.settings.table import OPTIONS, SECTIONS, Option

HEAD = """\
# Tillbridge's settings: every option, what it means, and its default.
#
# Durations are written 5s, 10m, 2h or 7d, sizes 64KiB or 1MiB. A line that begins with # or ; is a remark.
# Secrets do not stand here, since this file is read, copied and backed up: write env:NAME for an environment
# variable or file:PATH for a file of its own (a path without / at its start begins at this file's folder).
"""


def render(values: Mapping[tuple[str, str], str] | None = None) -> str:
    """The whole of `settings.ini`: valid as soon as what is required is filled in. `values`, by (section, key), stand
    in it in place of the defaults."""
    filled = values or {}
    parts = [HEAD]
    for section, kind in SECTIONS.items():
        parts.append(f"\n# {kind.__doc__}\n[{section}]\n")
        parts.extend(
            _entry(option, filled.get((section, option.key), option.default or ""))
            for option in OPTIONS
            if option.section == section
        )
    return "".join(parts)


def table_markdown() -> str:
    """The options as a Markdown table, for the README between its markers."""
    rows = ["| Option | Default | Meaning |", "| --- | --- | --- |"]
    for option in OPTIONS:
        default = {None: "*required*", "": "–"}.get(option.default, f"`{option.default}`")
        cells = (f"`[{option.section}] {option.key}`", default, option.meaning)
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows) + "\n"


def _entry(option: Option, text: str) -> str:
    required = "Required. " if option.default is None else ""
    remark = textwrap.fill(
        f"{required}{option.meaning} Allowed: {option.kind.allowed}.",
        width=116,
        initial_indent="# ",
        subsequent_indent="# ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return f"\n{remark}\n{option.key} = {text}".rstrip() + "\n"
