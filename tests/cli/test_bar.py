"""A bar is drawn over itself on a terminal, and nowhere else."""

from __future__ import annotations

import io

from tillbridge.cli.bar import WIDEST, Bar


class Terminal(io.StringIO):
    """A stream on which somebody looks."""

    def isatty(self) -> bool:
        return True


def shown(*steps: tuple[int, str]) -> list[str]:
    """The lines that were drawn, one over the other."""
    terminal = Terminal()
    bar = Bar(terminal)
    for percent, words in steps:
        bar.draw(percent, words)
    bar.clear()
    return terminal.getvalue().split("\r\x1b[K")[1:]


def test_a_bar_grows_and_leaves_nothing_behind() -> None:
    assert shown((0, "reads"), (50, "counts"), (100, "over")) == [
        f"[{'.' * 30}]   0 % reads", f"[{'#' * 15}{'.' * 15}]  50 % counts", f"[{'#' * 30}] 100 % over", "",
    ]  # fmt: skip


def test_a_bar_stays_on_its_line_whatever_it_is_told() -> None:
    long, odd = shown((150, "x" * 200), (-1, "a\n\x1b[2Jb"))[:2]
    assert len(long) == WIDEST
    assert odd.endswith(r"0 % a\n\x1b[2Jb")


def test_where_nobody_looks_nothing_is_drawn() -> None:
    stream = io.StringIO()
    bar = Bar(stream)
    bar.draw(50, "counts")
    bar.clear()
    assert stream.getvalue() == ""
