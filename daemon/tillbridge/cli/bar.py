"""A bar that shows how far something has come, on a terminal only: it spoils no output and no log."""

from __future__ import annotations

from typing import TextIO

from tillbridge.log import printable

WIDTH = 30
WIDEST = 78
"""Characters of a line: one that wraps could not be drawn over."""


class Bar:
    """Drawn over itself on `stream`, if that is a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_seen = stream.isatty()

    def draw(self, percent: int, words: str) -> None:
        """So many percent, and what is done just now."""
        if not self._is_seen:
            return
        sure = max(0, min(percent, 100))
        done = WIDTH * sure // 100
        line = f"[{'#' * done}{'.' * (WIDTH - done)}] {sure:3} % {printable(words)}"
        self._stream.write(f"\r\x1b[K{line[:WIDEST]}")
        self._stream.flush()

    def clear(self) -> None:
        """It is over: nothing of the bar stays."""
        if self._is_seen:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
