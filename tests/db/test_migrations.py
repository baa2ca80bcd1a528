"""A database is brought to the schema of this version, whole or not at all."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import peewee
import pytest

from tests.builders import database, sale_in_store
from tests.fakes import VirtualClock
from tillbridge.db import migrations
from tillbridge.db.books import SqlBooks
from tillbridge.errors import StorageTrouble

KILLED = """
import os, sys
from tillbridge.db import migrations
from tillbridge.db.connect import open_database

def half(database):
    database.execute_sql("ALTER TABLE message ADD COLUMN colour TEXT")
    database.execute_sql("CREATE TABLE half (a TEXT)")
    os._exit(9)

migrations.STEPS = (*migrations.STEPS, half)
open_database("sqlite:///" + sys.argv[1])
"""


def shape(path: Path) -> tuple[list[tuple[str, str]], list[tuple[int]]]:
    """Every table and index with its SQL, and the schema's number."""
    with sqlite3.connect(path) as raw:
        objects = raw.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name").fetchall()
        version = raw.execute("SELECT version FROM schema_version").fetchall()
    raw.close()
    return objects, version


def later(database: peewee.Database) -> None:
    """A step that a later version might take."""
    database.execute_sql("ALTER TABLE link ADD COLUMN colour TEXT NOT NULL DEFAULT ''")
    database.execute_sql("CREATE TABLE swatch (colour TEXT PRIMARY KEY)")


def test_a_fresh_database_has_the_newest_schema(tmp_path: Path) -> None:
    database(tmp_path)
    objects, version = shape(tmp_path / "books.sqlite3")
    tables = {name for name, sql in objects if sql.startswith("CREATE TABLE")}
    assert version == [(len(migrations.STEPS),)]
    assert {"message", "link", "account", "entry", "dropped", "held", "feed_cursor", "nonce", "note"} <= tables


def test_opening_a_database_again_changes_nothing(tmp_path: Path) -> None:
    database(tmp_path)
    before = shape(tmp_path / "books.sqlite3")
    database(tmp_path)
    assert shape(tmp_path / "books.sqlite3") == before


def test_a_migrated_database_is_like_a_fresh_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, fresh = tmp_path / "old", tmp_path / "fresh"
    with SqlBooks(database(old), VirtualClock(), "boot-1").writing() as unit:
        unit.add([sale_in_store("a")])
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, later))
    migrated = SqlBooks(database(old), VirtualClock(), "boot-2")
    database(fresh)
    assert shape(old / "books.sqlite3") == shape(fresh / "books.sqlite3")
    with migrated.writing() as unit:
        assert [one.key for one in unit.claim_events(10)] == ["store:a"]


def test_a_database_of_a_newer_version_is_refused_untouched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as newer:
        newer.setattr(migrations, "STEPS", (*migrations.STEPS, later))
        database(tmp_path)
    before = shape(tmp_path / "books.sqlite3")
    with pytest.raises(StorageTrouble, match="install the newer version"):
        database(tmp_path)
    assert shape(tmp_path / "books.sqlite3") == before


def test_a_step_that_fails_leaves_the_old_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(database: peewee.Database) -> None:
        later(database)
        database.execute_sql("CREATE TABLE half (a TEXT)")
        raise RuntimeError("half-way")

    database(tmp_path)
    before = shape(tmp_path / "books.sqlite3")
    with monkeypatch.context() as broken:
        broken.setattr(migrations, "STEPS", (*migrations.STEPS, fails))
        with pytest.raises(RuntimeError, match="half-way"):
            database(tmp_path)
    assert shape(tmp_path / "books.sqlite3") == before


@pytest.mark.parametrize("existing", [True, False], ids=["an old database", "no database yet"])
def test_a_daemon_killed_in_the_middle_leaves_the_old_schema(tmp_path: Path, existing: bool) -> None:
    path = tmp_path / "books.sqlite3"
    if existing:
        database(tmp_path)
    before = shape(path) if existing else None
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
        timeout=60,
    )
    assert killed.returncode == 9
    if existing:
        assert shape(path) == before
    database(tmp_path)
    assert shape(path)[1] == [(len(migrations.STEPS),)]
    assert "half" not in dict(shape(path)[0])
