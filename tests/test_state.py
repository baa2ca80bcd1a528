"""What the daemon keeps of its pairing: whole, for its user only, and never silently lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.flows.test_pairing import BODY
from tillbridge import settings
from tillbridge.core import pairing
from tillbridge.core.pairing import Code, Paired
from tillbridge.errors import SettingsError, StorageTrouble
from tillbridge.shop import NotPaired, shop_of
from tillbridge.state import StateFolder

POS = {("pos", "url"): "http://127.0.0.1:9000", ("pos", "token"): "env:TOKEN"}
ENVIRON = {"TOKEN": "t", "SECRET": "from-the-settings"}


def paired() -> Paired:
    return pairing.agree(pairing.read_proposal(dict(BODY)), "s3cret", None, "2026-11-28T10:00:00+00:00")


def test_a_pairing_is_kept_for_its_owner_only(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "new" / "state")
    assert state.paired() is None
    state.keep(paired())
    assert state.paired() == paired()
    assert {path.stat().st_mode & 0o777 for path in state.folder.iterdir()} == {0o600}
    assert [path.name for path in state.folder.iterdir()] == ["pairing.json"]
    state.forget()
    state.forget()
    assert state.paired() is None


def test_a_pairing_that_cannot_be_read_is_said_and_not_taken_for_none(tmp_path: Path) -> None:
    (tmp_path / "pairing.json").write_text("{")
    with pytest.raises(StorageTrouble, match="pair again"):
        StateFolder(tmp_path).paired()


def test_root_gives_away_the_file_that_it_wrote_and_no_other_that_lies_under_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid() == 0:
        os.chown(tmp_path, 65534, 65534)
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "fchown", lambda handle, user, _: given.append((os.fstat(handle).st_ino, user)))
    path = StateFolder(tmp_path).write("pos-token", "t")
    assert given == [(path.stat().st_ino, tmp_path.stat().st_uid)]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageTrouble, match=r"mend \[daemon\] state_dir"):
        StateFolder(tmp_path / "file").keep(paired())


def test_a_code_waits_until_it_is_used(tmp_path: Path) -> None:
    state = StateFolder(tmp_path)
    assert state.code() is None
    state.expect(Code("k", 7.5))
    assert state.code() == Code("k", 7.5)
    state.use_code()
    assert state.code() is None
    (tmp_path / "pairing-code.json").write_text('{"key": 7}')
    assert state.code() is None


def test_a_shop_stands_in_the_settings_with_all_it_takes_or_not_at_all() -> None:
    assert settings.read(None, ENVIRON, POS).store.secret is None
    with pytest.raises(SettingsError, match=r"store\.site, store\.secret: found nothing beside store\.url"):
        settings.read(None, ENVIRON, {**POS, ("store", "url"): "https://shop.example"})


def test_the_shop_is_the_one_of_the_settings_else_the_paired_one_else_none() -> None:
    bare = settings.read(None, ENVIRON, POS)
    with pytest.raises(NotPaired, match="tillbridge init"):
        shop_of(bare, None)
    shop = shop_of(bare, paired())
    assert (shop.url, shop.site, shop.secret.reveal()) == ("https://shop.example", "6f1c", "s3cret")
    assert shop.source == "pairing"
    assert shop.webhook_url == f"https://shop.example/wp-json/wc-tillbridge/v1/pos/{'d' * 32}"
    assert {one.reveal() for one in shop.secrets()} >= {"s3cret", "cs_" + "b" * 40, "d" * 32}
    own = {("store", "url"): "https://own.example", ("store", "site"): "own", ("store", "secret"): "env:SECRET"}
    mine = shop_of(settings.read(None, ENVIRON, {**POS, **own}), paired())
    assert (mine.url, mine.secret.reveal()) == ("https://own.example", "from-the-settings")
    assert (mine.address, mine.webhook_url) == ("", "")
