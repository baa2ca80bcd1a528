"""The options on paper: the settings file with every default in it, and the table of the README."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from tillbridge.settings.profiles import CELLS
from tillbridge.settings.rows import FreeSection, Option
from tillbridge.settings.table import ALL, FREE, OPTIONS, SECTIONS

HEAD = """\
# Tillbridge's settings: every option, what it means, and its default.
#
# Durations are written 5s, 10m, 2h or 7d, sizes 64KiB or 1MiB. A line that begins with # or ; is a remark.
# Secrets do not stand here, since this file is read, copied and backed up: write env:NAME for an environment
# variable or file:PATH for a file of its own (a path without / at its start begins at this file's folder).
# An option that a profile may set stands as a remark, such as #as = stock: take the # away to set it yourself.
"""


def render(values: Mapping[tuple[str, str], str] | None = None) -> str:
    """The whole of `settings.ini`: valid as soon as what is required is filled in. `values`, by (section, key), stand
    in it in place of the defaults."""
    filled = values or {}
    parts = [HEAD]
    for section in ALL:
        if section in FREE:
            parts.append(_free_section(section, FREE[section], filled))
            continue
        parts.append(f"\n# {SECTIONS[section].__doc__}\n[{section}]\n")
        parts.extend(
            _entry(option, filled.get((section, option.key))) for option in OPTIONS if option.section == section
        )
    return "".join(parts)


def table_markdown() -> str:
    """The options as a Markdown table, for the README between its markers."""
    rows = ["| Option | Default | Meaning |", "| --- | --- | --- |"]
    for section in ALL:
        if section in FREE:
            free = FREE[section]
            rows.append(_row(f"`[{section}] {free.placeholder}`", "–", free.meaning))
        for option in OPTIONS:
            if option.section == section:
                default = {None: "*required*", "": "–"}.get(option.default, f"`{option.default}`")
                rows.append(_row(f"`[{section}] {option.key}`", default, option.meaning))
    return "\n".join(rows) + "\n"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _free_section(section: str, free: FreeSection, filled: Mapping[tuple[str, str], str]) -> str:
    entries = [f"{key} = {text}\n" for (name, key), text in filled.items() if name == section]
    examples = ", ".join(f"`{example}`" for example in free.examples)
    allowed = (
        f"{free.meaning} Such as {examples}. Allowed before the =: {free.key.allowed}. Behind it: {free.value.allowed}."
    )
    return f"\n# {free.head}\n[{section}]\n\n{_remark(allowed)}\n{''.join(entries)}"


def _entry(option: Option, text: str | None) -> str:
    required = "Required. " if option.default is None else ""
    remark = _remark(f"{required}{option.meaning} Allowed: {option.kind.allowed}.")
    # With its default in the file, an option of a profile would be the owner's choice, and the profile say nothing.
    is_open = text is None and option.name in CELLS
    return f"\n{remark}\n" + f"{'#' if is_open else ''}{option.key} = {text or option.default or ''}".rstrip() + "\n"


def _remark(text: str) -> str:
    return textwrap.fill(
        text,
        width=116,
        initial_indent="# ",
        subsequent_indent="# ",
        break_long_words=False,
        break_on_hyphens=False,
    )
