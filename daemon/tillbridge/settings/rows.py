"""What a row of the table of options is: an option with its kind, default and meaning, or a section of free names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from tillbridge.settings.kinds import Kind

T = TypeVar("T")


def option(kind: Kind[T], default: str | None, meaning: str) -> T:
    """One row of the table. A `default` of None means that the owner must fill it in."""
    metadata = {"kind": kind, "default": default, "meaning": meaning}
    column: Any = field(metadata=metadata, kw_only=True)
    if default is not None:
        value = kind.read(default)
        # By a factory, since a plain default may be no mapping, not even one that cannot be changed.
        column = field(default_factory=lambda: value, metadata=metadata, kw_only=True)
    # The checker is told what an instance holds there, which is what every reader of the table wants to know.
    return cast(T, column)


@dataclass(frozen=True, slots=True)
class Given:
    """An option as it was given: the text (of a secret only the reference to it), and where that stood."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Option:
    """A row of the table: where it stands, what it may hold, its default (None: required), what it means."""

    section: str
    attribute: str
    kind: Kind[Any]
    default: str | None
    meaning: str

    @property
    def key(self) -> str:
        """As the owner writes it. A word that Python needs itself, such as `as`, has an underscore only in the code."""
        return self.attribute.removesuffix("_")

    @property
    def name(self) -> str:
        return f"{self.section}.{self.key}"


@dataclass(frozen=True, slots=True)
class FreeSection:
    """A section whose keys are the owner's: `key` and `value` read one entry, `head` says what the section is for,
    `placeholder` stands for a key where the section is listed, `examples` show how entries look."""

    key: Kind[str]
    value: Kind[str]
    head: str
    placeholder: str
    meaning: str
    examples: tuple[str, ...]
