"""Settings: every mistake is told at once, in words, and no secret is shown."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillbridge import settings
from tillbridge.errors import SettingsError
from tillbridge.settings import Secret, Settings, TcpAddress, UnixAddress

REQUIRED = {
    ("store", "url"): "https://shop.example/",
    ("store", "site"): "site-1",
    ("store", "secret"): "env:SHOP",
    ("pos", "url"): "http://127.0.0.1:9000",
    ("pos", "token"): "env:TILL",
}
ENVIRON = {"SHOP": "shop-secret-value", "TILL": "till-token-value"}


def read(**changes: str) -> Settings:
    """Settings with what is required, and `section__key="text"` on top."""
    places = {(section, key): text for name, text in changes.items() for section, key in [name.split("__")]}
    return settings.read(None, ENVIRON, {**REQUIRED, **places})


def problems(**changes: str) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        read(**changes)
    return raised.value.problems


def write(folder: Path, text: str) -> Path:
    path = folder / "settings.ini"
    path.write_text(text)
    return path


def file_problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        settings.read(write(folder, text), ENVIRON, REQUIRED)
    return raised.value.problems


def test_what_is_not_set_has_its_default() -> None:
    read_settings = read()
    assert read_settings.daemon.database == Path("/var/lib/tillbridge/tillbridge.sqlite3")
    assert read_settings.listener.listen == TcpAddress("127.0.0.1", 8642)
    assert read_settings.listener.behind_proxy is False
    assert read_settings.listener.max_body == 1024 * 1024
    assert read_settings.listener.metrics_token is None
    assert read_settings.store.url == "https://shop.example"
    assert read_settings.store.secret == Secret("shop-secret-value")
    assert read_settings.pos.outlets == ()
    assert read_settings.queue.give_up_after == 7 * 86400
    assert read_settings.log.level == "info"


def test_what_is_required_and_missing_is_listed_all_at_once() -> None:
    with pytest.raises(SettingsError) as raised:
        settings.read(None, {})
    assert [line.split(":")[0] for line in raised.value.problems] == ["pos.url", "pos.token"]


def test_the_shipped_file_needs_only_what_is_required(tmp_path: Path) -> None:
    path = write(tmp_path, settings.render())
    with pytest.raises(SettingsError) as raised:
        settings.read(path, {})
    assert len(raised.value.problems) == 2
    assert settings.read(path, ENVIRON, REQUIRED) == read()


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("daemon__workers", "0"),
        ("daemon__workers", "33"),
        ("daemon__workers", "many"),
        ("daemon__workers", "4.0"),
        ("daemon__workers", "4  # four"),
        ("daemon__workers", "٤"),
        ("daemon__workers", ""),
        ("daemon__database", "sqlite://relative.sqlite3"),
        ("daemon__database", "sqlite:///folder/"),
        ("daemon__database", "/var/lib/tillbridge.sqlite3"),
        ("daemon__database", "postgresql://db/tillbridge"),
        ("listener__listen", "8642"),
        ("listener__listen", "127.0.0.1:65536"),
        ("listener__listen", "unix:relative.sock"),
        ("listener__listen", "unix:/" + "x" * 107),
        ("listener__listen", "[::g]:80"),
        ("listener__behind_proxy", "true"),
        ("listener__max_body", "1MB"),
        ("listener__max_body", "1GiB"),
        ("store__url", "shop.example"),
        ("store__url", "ftp://shop.example"),
        ("store__url", "https://shop.example/?lang=de"),
        ("store__url", "https://shop.example:port"),
        ("store__url", "https://"),
        ("store__url", "https://shop.example/\x07"),
        ("store__connect_to", "127.0.0.1"),
        ("store__connect_to", "127.0.0.1:0"),
        ("store__site", "a b"),
        ("store__rest_prefix", "wp-json"),
        ("store__timeout", "20"),
        ("store__timeout", "-5s"),
        ("store__timeout", "0s"),
        ("store__timeout", "nan s"),
        ("pos__system", "lightspeed"),
        ("pos__outlets", "main,,annex"),
        ("pos__outlets", "main,main"),
        ("stock__authority", "nobody"),
        ("queue__keep_done", "7d"),
        ("log__level", "INFO"),
    ],
)
def test_a_value_that_is_not_allowed_is_named_with_what_is(place: str, text: str) -> None:
    (line,) = problems(**{place: text})
    section, key = place.split("__")
    assert re.fullmatch(rf"{section}\.{key}: found .*, allowed: .+", line)
    assert not text or repr(text) in line


@pytest.mark.parametrize(
    ("place", "text", "value"),
    [
        ("daemon__workers", "32", 32),
        ("listener__listen", "unix:/run/tillbridge/listener.sock", UnixAddress(Path("/run/tillbridge/listener.sock"))),
        ("listener__listen", "[::1]:0", TcpAddress("::1", 0)),
        ("listener__listen", "localhost:80", TcpAddress("localhost", 80)),
        ("listener__max_body", "64KiB", 65536),
        ("store__connect_to", "127.0.0.1:443", TcpAddress("127.0.0.1", 443)),
        ("store__timeout", "1.5s", 1.5),
        ("store__timeout", "0.5 m", 30.0),
        ("store__rest_prefix", "/?rest_route=", "/?rest_route="),
        ("store__rest_prefix", "/shop/wp-json", "/shop/wp-json"),
        ("pos__outlets", "main, annex", ("main", "annex")),
        ("queue__give_up_after", "48h", 172800.0),
    ],
)
def test_a_value_that_is_allowed_arrives_with_its_type(place: str, text: str, value: object) -> None:
    section, key = place.split("__")
    assert getattr(getattr(read(**{place: text}), section), key) == value


def test_what_comes_later_is_refused_in_words() -> None:
    assert "mariadb comes in a later version" in problems(daemon__database="mariadb://db/tillbridge")[0]


@pytest.mark.parametrize("listen", ["0.0.0.0:8642", "192.168.1.5:8642", "[::]:8642", "shop.local:8642"])
def test_an_address_for_other_machines_needs_a_proxy_before_it(listen: str) -> None:
    (line,) = problems(listener__listen=listen)
    assert line.startswith(f"listener.listen: found '{listen}', which other machines can reach")
    assert str(read(listener__listen=listen, listener__behind_proxy="yes").listener.listen) == listen


def test_web_orders_are_sold_from_an_outlet_that_counts() -> None:
    assert "one of pos.outlets (main, annex)" in problems(pos__outlets="main, annex", pos__sell_from="cellar")[0]
    assert read(pos__outlets="main, annex", pos__sell_from="annex").pos.sell_from == "annex"


def test_a_lease_outlives_every_call_that_is_made_under_it() -> None:
    lines = problems(queue__lease="20s", store__timeout="30s")
    assert [line.split(", or")[0] for line in lines] == [
        "queue.lease: found 20s, allowed: longer than store.timeout (30s)",
        "queue.lease: found 20s, allowed: longer than pos.timeout (20s)",
    ]


def test_every_mistake_of_a_file_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    text = "\n".join(
        [
            "stray = 1",
            "[listner]",
            "threads = 4",
            "[daemon]",
            "wokers = 4",
            "workers = 4",
            "workers = 5",
            "poll_every = 5s",
            "nonsense",
            "[log]",
            "level = loud",
        ]
    )
    lines = file_problems(tmp_path, text)
    assert lines[0] == "line 1: found 'stray', allowed: key = value below a [section], or # remark"
    assert lines[1].startswith("[listner]: found on line 2, allowed: did you mean [listener]? One of [daemon]")
    assert lines[2] == "daemon.workers: found a second time on line 7, allowed: once"
    assert lines[3] == "line 9: found 'nonsense', allowed: key = value below a [section], or # remark"
    assert lines[4].startswith("daemon.wokers: found an unknown option, allowed: did you mean workers? One of database")
    assert lines[5].startswith("daemon.poll_every: found an unknown option, allowed: did you mean poll_every in [pos]?")
    assert lines[6] == "log.level: found 'loud', allowed: debug or info or warning or error"
    assert len(lines) == 7


def test_remarks_blank_lines_windows_lines_and_a_byte_order_mark_are_welcome(tmp_path: Path) -> None:
    path = tmp_path / "settings.ini"
    path.write_bytes("\ufeff# ours\r\n\r\n[daemon]\r\n; four\r\n  workers = 7\r\n".encode())
    assert settings.read(path, ENVIRON, REQUIRED).daemon.workers == 7


def test_a_percent_sign_and_an_equals_sign_are_ordinary_letters(tmp_path: Path) -> None:
    text = "[daemon]\ndatabase = sqlite:///srv/100%/a=b\n"
    assert settings.read(write(tmp_path, text), ENVIRON, REQUIRED).daemon.database == Path("/srv/100%/a=b")


def test_a_file_in_another_encoding_is_refused_with_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "settings.ini"
    path.write_bytes("# Käse\n".encode("latin-1"))
    with pytest.raises(SettingsError, match=r"byte 4 is not UTF-8, allowed: a text file saved as UTF-8"):
        settings.read(path, {})


def test_a_file_that_cannot_be_read_is_named_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(
        SettingsError, match=r"absent\.ini': No such file or directory, allowed: a file that can be read"
    ):
        settings.read(tmp_path / "absent.ini", {})
    with pytest.raises(SettingsError, match="Is a directory"):
        settings.read(tmp_path, {})


def test_an_override_wins_over_the_file_and_an_unknown_one_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "[daemon]\nworkers = 2\n")
    assert settings.read(path, ENVIRON, {**REQUIRED, ("daemon", "workers"): "3"}).daemon.workers == 3
    with pytest.raises(SettingsError, match=r"daemon\.worker: found an unknown option"):
        settings.read(path, ENVIRON, {**REQUIRED, ("daemon", "worker"): "3"})


def test_a_secret_comes_from_a_variable_or_from_a_file_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "shop.secret").write_text("from the file\n")
    (tmp_path / "till.secret").write_bytes(b"spaces stay \r\n")
    path = write(tmp_path, "[store]\nsecret = file:shop.secret\n")
    read_settings = settings.read(
        path,
        ENVIRON,
        {place: text for place, text in REQUIRED.items() if place != ("store", "secret")}
        | {("pos", "token"): f"file:{tmp_path}/till.secret", ("listener", "metrics_token"): "env:TILL"},
    )
    assert read_settings.store.secret == Secret("from the file")
    assert read_settings.pos.token.reveal() == "spaces stay "
    assert [secret.reveal() for secret in read_settings.secrets()] == [
        "till-token-value",
        "from the file",
        "spaces stay ",
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("hunter2-in-plain-sight", "a secret does not stand here, since this file is read, copied and backed up"),
        ("env:UNSET", "this variable is not set"),
        ("env:", "a secret does not stand here"),
        ("env:EMPTY", "it is empty"),
        ("file:relative", "there is no settings file whose folder"),
        ("file:/nonexistent/secret", "/nonexistent/secret: No such file or directory"),
        ("file:/", "Is a directory"),
        ("file:/dev/null", "it is empty"),
        ("file:/dev/zero", "/dev/zero is larger than 4096 bytes"),
    ],
)
@pytest.mark.parametrize("place", [("store", "secret"), ("store", "previous_secret")])
def test_a_secret_that_cannot_be_had_is_refused_with_the_reason(place: tuple[str, str], text: str, reason: str) -> None:
    with pytest.raises(SettingsError) as raised:
        settings.read(None, {**ENVIRON, "EMPTY": ""}, {**REQUIRED, place: text})
    (line,) = raised.value.problems
    assert line.startswith(f"{'.'.join(place)}: found ")
    assert reason in line
    assert "hunter2" not in line


@pytest.mark.parametrize(
    "changes",
    [
        {"store__url": "https://owner:hunter2@shop.example"},
        {"pos__url": "owner:hunter2@till"},
        {"daemon__database": "postgresql://owner:hunter2@db/tillbridge"},
    ],
)
def test_a_password_in_an_address_is_refused_and_not_repeated(changes: dict[str, str]) -> None:
    (line,) = problems(**changes)
    assert "hunter2" not in line
    assert "found a value that is not shown" in line


def test_a_stray_line_with_a_secret_is_not_repeated(tmp_path: Path) -> None:
    assert "hunter2" not in "".join(file_problems(tmp_path, "secret: hunter2\n[store]\nsecret: hunter2\n"))


def test_a_secret_shows_itself_only_when_asked_to() -> None:
    secret = Secret("hunter2")
    assert "hunter2" not in f"{secret} {secret!r} {[secret]} {read()}"
    assert secret == Secret("hunter2")
    assert secret != Secret("hunter3")
    assert secret != "hunter2"
    assert len({secret, Secret("hunter2")}) == 1
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_the_named_file_goes_before_the_machines_and_that_before_the_folders(tmp_path: Path) -> None:
    system_wide = tmp_path / "etc.ini"
    with pytest.raises(
        SettingsError, match=r"found no file at .*etc\.ini and .*settings\.ini, allowed: .*--config FILE"
    ):
        settings.locate(None, tmp_path, system_wide)
    here = write(tmp_path, "")
    assert settings.locate(None, tmp_path, system_wide) == here
    system_wide.touch()
    assert settings.locate(None, tmp_path, system_wide) == system_wide
    assert settings.locate(Path("mine.ini"), tmp_path, system_wide) == tmp_path / "mine.ini"


def read_in_words(path: Path | None, overrides: dict[tuple[str, str], str]) -> bool:
    """Whether the settings were either taken or refused in words."""
    try:
        settings.read(path, ENVIRON, overrides)
    except SettingsError as error:
        return all(": found " in line and ", allowed: " in line for line in error.problems)
    return True


@given(st.binary(max_size=200))
def test_whatever_a_file_holds_it_is_read_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.ini"
    path.write_bytes(content)
    assert read_in_words(path, REQUIRED)


@given(st.sampled_from(settings.OPTIONS), st.text(max_size=40))
def test_whatever_an_option_holds_it_is_read_or_refused_in_words(option: settings.Option, text: str) -> None:
    assert read_in_words(None, {**REQUIRED, (option.section, option.key): text})
