"""From the settings file to checked values, with every mistake told at once, so that a shop owner mends it in one go.

The file is read line by line here, and not by `configparser`, which stops at the first duplicate and lets an indented
line slip into the value above it.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tillbridge.errors import SettingsError
from tillbridge.settings.kinds import TcpAddress, Unfit, UnixAddress, is_loopback
from tillbridge.settings.profiles import values_of
from tillbridge.settings.rows import FreeSection, Given, Option
from tillbridge.settings.table import ALL, FREE, OPTIONS, SECTIONS, Settings

SYSTEM_WIDE = Path("/etc/tillbridge/settings.ini")

LARGEST_SECRET = 4096
"""Bytes. A larger file is not a secret but a mistaken path."""

Place = tuple[str, str]
"""Section and key."""

FILE, ENVIRONMENT, OVERRIDE, PROFILE = "settings file", "environment", "override", "profile"
"""Where a setting may come from besides its default. Of the file the line is told too, of a profile its name."""


def locate(explicit: Path | None, cwd: Path, system_wide: Path = SYSTEM_WIDE) -> Path:
    """The settings file to read: the one that was named, else the machine's, else the one of the folder.

    Raises `SettingsError` where there is none, with the places that were looked at.
    """
    if explicit is not None:
        return cwd / explicit
    places = (system_wide, cwd / "settings.ini")
    for place in places:
        if place.is_file():
            return place
    looked = " and ".join(str(place) for place in places)
    raise SettingsError([f"settings: found no file at {looked}, allowed: one of these, or --config FILE"])


def read(path: Path | None, environ: Mapping[str, str], overrides: Mapping[Place, str] | None = None) -> Settings:
    """Read and check everything. `overrides`, by (section, key), win over the file; without a file they are all. What
    neither names is as the profile says, and else at its default.

    Raises `SettingsError` with every problem found, each on its line: where, what was found, what is allowed.
    """
    problems: list[str] = []
    texts: dict[Place, str] = {}
    lines: dict[Place, int] = {}
    if path is not None:
        texts, lines = _read_file(path, problems)
    texts.update(overrides or {})
    problems.extend(_unknown(place) for place in texts if place not in _BY_PLACE and place[0] not in FREE)
    folder = None if path is None else path.absolute().parent
    profile = texts.get(("sync", "profile"), "")
    usual = values_of(profile)
    values: dict[Place, Any] = {}
    for place, option in _BY_PLACE.items():
        try:
            text = texts.get(place, usual.get(option.name, option.default))
            values[place] = _value(option, text, environ, folder)
        except Unfit as unfit:
            problems.append(str(unfit))
    free: dict[str, Any] = {section: _entries(section, texts, problems) for section in FREE}
    problems.extend(_contradictions(values))
    if problems:
        raise SettingsError(problems)
    sections: dict[str, Any] = {
        section: kind(**{option.attribute: values[place] for place, option in _BY_PLACE.items() if place[0] == section})
        for section, kind in SECTIONS.items()
    }
    sources = {place: OVERRIDE if place in (overrides or {}) else f"{FILE}, line {lines[place]}" for place in texts}
    by_profile = {name: Given(text, f"{PROFILE} {profile}") for name, text in usual.items()}
    return Settings(**sections, **free, given={**by_profile, **_given(texts, sources, by_profile)})


def _given(texts: Mapping[Place, str], sources: Mapping[Place, str], by_profile: Container[str]) -> dict[str, Given]:
    """What the owner said, and where. What a secret's text says is where the secret lies. An option that was left empty
    is at its default, where no profile says otherwise."""
    found = {}
    for place, text in texts.items():
        option = _BY_PLACE.get(place)
        if option is None:
            found[".".join(place)] = Given(text, sources[place])
        elif text or option.default or option.name in by_profile:
            is_variable = option.kind.secret and text.startswith("env:")
            found[option.name] = Given(text, ENVIRONMENT if is_variable else sources[place])
    return found


def _entries(section: str, texts: Mapping[Place, str], problems: list[str]) -> Mapping[str, str]:
    """A section whose keys are the owner's."""
    found = {}
    free: FreeSection = FREE[section]
    for (_, key), text in ((place, text) for place, text in texts.items() if place[0] == section):
        for kind, wrong in ((free.key, key), (free.value, text)):
            try:
                kind.read(wrong)
            except Unfit as unfit:
                problems.append(_entry_problem(section, key, wrong, kind.allowed, str(unfit)))
                break
        else:
            found[key] = text
    return MappingProxyType(found)


def _entry_problem(section: str, key: str, wrong: str, allowed: str, reason: str) -> str:
    found = "a value that is not shown" if "@" in wrong else repr(wrong) if wrong else "nothing"
    name = section if "@" in key else f"{section}.{key}"
    return f"{name}: found {found}{f' ({reason})' if reason else ''}, allowed: {allowed}"


_BY_PLACE: dict[Place, Option] = {(option.section, option.key): option for option in OPTIONS}


def _read_file(path: Path, problems: list[str]) -> tuple[dict[Place, str], dict[Place, int]]:
    """The texts of the file, and the line of each. A file that cannot be read ends everything: its options are not
    missing but unknown."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SettingsError([f"settings: found {str(path)!r}: {reason}, allowed: a file that can be read"]) from None
    except UnicodeDecodeError as error:
        raise SettingsError(
            [f"settings: found {str(path)!r}: byte {error.start + 1} is not UTF-8, allowed: a text file saved as UTF-8"]
        ) from None
    return _parse(text, problems)


def _parse(text: str, problems: list[str]) -> tuple[dict[Place, str], dict[Place, int]]:
    texts: dict[Place, str] = {}
    lines: dict[Place, int] = {}
    section: str | None = None
    listing: tuple[Place, int] | None = None
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        if line.startswith("[") and line.endswith("]"):
            section, listing = line[1:-1].strip(), None
            if section not in ALL:
                problems.append(f"[{section}]: found on line {number}, allowed: {_sections(section)}")
            continue
        if listing is not None and _indent(raw) > listing[1]:
            problems.extend(_go_on(texts, listing[0], line, number))
            continue
        key, equals, value = (part.strip() for part in line.partition("="))
        if section is None or not equals or not key:
            problems.append(f"line {number}: found {_shown(line)}, allowed: key = value below a [section], or # remark")
        elif (section, key) in texts:
            problems.append(f"{section}.{key}: found a second time on line {number}, allowed: once")
        elif section in ALL:
            texts[section, key], lines[section, key] = value, number
        place = (section or "", key)
        listing = (place, _indent(raw)) if place in _BY_PLACE and _BY_PLACE[place].kind.lines else None
    return texts, lines


def _indent(raw: str) -> int:
    """How far in a line begins."""
    return len(raw.expandtabs()) - len(raw.expandtabs().lstrip())


def _go_on(texts: dict[Place, str], place: Place, line: str, number: int) -> Iterator[str]:
    """Take a line as an entry of the option above it; an option of its own that slipped in there is told instead."""
    section, key = place
    slipped = line.partition("=")[0].strip()
    if (section, slipped) in _BY_PLACE:
        yield (
            f"{section}.{slipped}: found on line {number} among the entries of {key}, allowed: as far out as {key} "
            f'itself, or as "{slipped}" where it is a SKU'
        )
    else:
        texts[place] = ", ".join(filter(None, (texts[place].rstrip(","), line)))


def _shown(line: str) -> str:
    """A line that is no option, without what may be a secret in it."""
    return repr(line.partition("=")[0].partition(":")[0].strip()[:40])


def _sections(found: str) -> str:
    close = get_close_matches(found, ALL, n=1)
    return (f"did you mean [{close[0]}]? One of " if close else "") + " ".join(f"[{name}]" for name in ALL)


def _unknown(place: Place) -> str:
    section, key = place
    elsewhere = [f"{option.key} in [{option.section}]" for option in OPTIONS if option.key == key]
    names = [option.key for option in OPTIONS if option.section == section]
    close = get_close_matches(key, names, n=1) or elsewhere
    meant = f"did you mean {close[0]}? One of " if close else ""
    lists = [option.key for option in OPTIONS if option.section == section and option.kind.lines]
    entry = f"; an entry of {' or '.join(lists)} stands further in" if lists else ""
    return f"{section}.{key}: found an unknown option, allowed: {meant}{', '.join(names) or _sections(section)}{entry}"


def _value(option: Option, text: str | None, environ: Mapping[str, str], folder: Path | None) -> Any:
    """What the option holds. Raises `Unfit` with the whole sentence, in which no secret is shown."""
    if text is None or (not text and option.default is None):
        raise Unfit(f"{option.name}: found nothing, allowed: {option.kind.allowed}")
    try:
        return option.kind.read(_fetch(text, environ, folder) if option.kind.secret and text else text)
    except Unfit as unfit:
        found = unfit.found or ("a value that is not shown" if _confidential(option, text) else repr(text))
        reason = f" ({unfit})" if str(unfit) else ""
        raise Unfit(f"{option.name}: found {found}{reason}, allowed: {option.kind.allowed}") from None


def _confidential(option: Option, text: str) -> bool:
    """Whether the text may hold a secret: one written where only a reference belongs, or a password in an address."""
    return "@" in text or (option.kind.secret and not text.startswith(("env:", "file:")))


def _fetch(reference: str, environ: Mapping[str, str], folder: Path | None) -> str:
    """The secret that `env:NAME` or `file:PATH` refers to."""
    way, _, where = reference.partition(":")
    if way == "env" and where:
        if where not in environ:
            raise Unfit("this variable is not set")
        text = environ[where]
    elif way == "file" and where:
        text = _fetch_file(Path(where), folder)
    else:
        raise Unfit("a secret does not stand here, since this file is read, copied and backed up more widely")
    if not text:
        raise Unfit("it is empty")
    return text


def _fetch_file(path: Path, folder: Path | None) -> str:
    if not path.is_absolute():
        if folder is None:
            raise Unfit("there is no settings file whose folder this path could begin at")
        path = folder / path
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_SECRET + 1)
        text = content.decode()
    except OSError as error:
        raise Unfit(f"{path}: {error.strerror or type(error).__name__}") from None
    except UnicodeDecodeError:
        raise Unfit(f"{path} is not UTF-8 text") from None
    if len(content) > LARGEST_SECRET:
        raise Unfit(f"{path} is larger than {LARGEST_SECRET} bytes")
    return text.removesuffix("\n").removesuffix("\r")


def _contradictions(values: Mapping[Place, Any]) -> Iterator[str]:
    """What is wrong only together. An option that is wrong by itself is missing from `values`, and not judged again."""
    listen: TcpAddress | UnixAddress | None = values.get(("listener", "listen"))
    if listen is not None and not is_loopback(listen) and values.get(("listener", "behind_proxy")) is False:
        yield (
            f"listener.listen: found '{listen}', which other machines can reach, allowed: an address of this machine "
            "only, such as 127.0.0.1:8642, or behind_proxy = yes where a web server with TLS stands before it"
        )
    yield from _half_a_shop(values)
    outlets, sell_from = values.get(("pos", "outlets")), values.get(("pos", "sell_from"))
    if outlets and sell_from and sell_from not in outlets:
        yield f"pos.sell_from: found {sell_from!r}, allowed: one of pos.outlets ({', '.join(outlets)})"
    yield from _store_alone(values)
    lease = values.get(("queue", "lease"))
    for side in ("store", "pos"):
        timeout = values.get((side, "timeout"))
        if lease is not None and timeout is not None and lease <= timeout:
            yield (
                f"queue.lease: found {lease:g}s, allowed: longer than {side}.timeout ({timeout:g}s), or a second "
                "worker takes over what the first is still waiting for"
            )


def _store_alone(values: Mapping[Place, Any]) -> Iterator[str]:
    """Where only the shop's word counts, it offers all there is, and one outlet takes what it says."""
    if values.get(("stock", "authority")) != "store":
        return
    with_store = "with stock.authority = store, allowed:"
    if buffer := values.get(("stock", "buffer")):
        yield f"stock.buffer: found '{buffer}' {with_store} 0, since the shop's own stock is what counts there"
    if buffers := values.get(("stock", "buffers")):
        named = ", ".join(list(buffers)[:3]) + (", …" if len(buffers) > 3 else "")
        yield f"stock.buffers: found {named} {with_store} nothing, since the shop's own stock is what counts there"
    outlets = values.get(("pos", "outlets"), ())
    if len(outlets) > 1:
        yield (
            f"pos.outlets: found {', '.join(outlets)} {with_store} one outlet, since the shop's stock cannot say how "
            "much of it lies where"
        )


def _half_a_shop(values: Mapping[Place, Any]) -> Iterator[str]:
    """A shop stands in the settings with all it takes, or not at all: then pairing tells it."""
    keys = ("url", "site", "secret")
    if any(("store", key) not in values for key in keys):
        return
    given = [key for key in keys if values["store", key]]
    if given and len(given) < len(keys):
        lacking = [f"store.{key}" for key in keys if key not in given]
        yield (
            f"{', '.join(lacking)}: found nothing beside store.{' and store.'.join(given)}, allowed: all three, or "
            "none of them where shop and Tillbridge are paired (`tillbridge init`)"
        )
