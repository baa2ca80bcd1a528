"""Looking at the database as the doctor does: is there room, and does the disk still take what we write?"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tillbridge.ports import Books, Hop, HopState

NAME = "database"
LEAST_FREE = 200 * 1024 * 1024
"""Bytes. A busy shop's books grow by some megabytes a day; below this a person has a few days to make room."""

_MIB = 1024 * 1024


def examine(path: Path, books: Books) -> list[Hop]:
    """Write something small, durably, and see how much room there is. Raises `StorageTrouble` where the database
    refuses."""
    with books.writing() as unit:
        unit.note("examined", "")
    return [_room(path, books.summary().bytes, "; it takes what is written")]


def look(path: Path) -> list[Hop]:
    """The same for books that this program only reads: another one, the daemon, writes them."""
    if not path.is_file():
        return [Hop(NAME, HopState.UNKNOWN, f"there is no file {path} yet", "Start the daemon: `tillbridge run`.")]
    if not os.access(path, os.W_OK):
        fix = "Run this as the daemon's user, or let that user write it."
        return [Hop(NAME, HopState.PROBLEM, f"{path} cannot be written by this user", fix)]
    return [_room(path, path.stat().st_size, "")]


def _room(path: Path, size: int, besides: str) -> Hop:
    free = shutil.disk_usage(path.parent).free
    detail = f"{path}, {size / _MIB:.1f} MiB; {free / _MIB:.0f} MiB of the disk are free"
    if free < LEAST_FREE:
        return Hop(NAME, HopState.PROBLEM, detail, "Make room on that disk: a full one stops everything.")
    return Hop(NAME, HopState.WELL, f"{detail}{besides}")
