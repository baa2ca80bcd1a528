"""The house rules that a machine can check: a newcomer finds short, documented, plainly named files everywhere."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tillbridge import settings

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "daemon" / "tillbridge"

LONGEST_FILE = 350
LONGEST_FUNCTION = 60
LONG_FUNCTIONS: set[str] = set()
"""Functions that may be longer, as `path:name`, each with its reason beside it. Empty is right."""

BANNED_WORDS = ("master", "slave", "qty", "util", "utils", "helpers")

ASKS_THE_TIME = r"\bdatetime\.(now|utcnow|today)\(|\bdate\.today\(|\btime\.(time|monotonic|perf_counter)(_ns)?\("
CLOCKS = {
    "app.py": "the daemon's one clock, SystemClock",
    "till/server.py": "the till is a program of its own",
    "till/__main__.py": "the till is a program of its own",
    "sandbox/server.py": "the sandbox shop is a program of its own",
    "sandbox/__main__.py": "the sandbox shop is a program of its own",
    "sides/http.py": "the deadline of a call that is under way",
}
ENVIRONMENT = {"app.py", "cli/asking.py", "__main__.py"}

MACHINE_PATHS = re.compile(
    r"(?<![\w.}$-])/(?:work|home|Users)/[\w.]|/opt/(?:real|pypi|wheels)\b|/root/\.|\.\./shared\b|\bshared/design\b"
)
GENERATED = re.compile(
    r"(^|/)(__pycache__|\.venv|build|dist|\.mypy_cache|\.ruff_cache|\.pytest_cache|\.hypothesis|\.import_linter_cache)/"
    r"|\.egg-info/|\.(pyc|pyo|sqlite3|sqlite3-wal|sqlite3-shm|log|orig|rej|swp|whl)$|(^|/)\.DS_Store$"
)


@cache
def project_files() -> tuple[str, ...]:
    """What is in the project: tracked, or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return tuple(name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file())


def sources(folder: str = "") -> Iterator[tuple[str, str]]:
    """Every Python file below `folder` with its text."""
    for name in project_files():
        if name.endswith(".py") and name.startswith(folder):
            yield name, (ROOT / name).read_text(encoding="utf-8")


def package_sources() -> Iterator[tuple[str, str]]:
    for name, text in sources("daemon/tillbridge/"):
        yield name.removeprefix("daemon/tillbridge/"), text


def functions(text: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def own_names(text: str) -> Iterator[str]:
    """The names that the file itself chose: of functions, classes, arguments and variables."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def words(name: str) -> set[str]:
    """`someName_here` as {some, name, here}."""
    return set(re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower().split("_"))


def test_there_is_a_house_to_check() -> None:
    assert len(list(package_sources())) >= 10
    assert "setup.cfg" in project_files()


def test_no_file_is_longer_than_one_thing() -> None:
    names = [name for name in project_files() if name.endswith((".py", ".php", ".js", ".css"))]
    long = {name: len((ROOT / name).read_text(encoding="utf-8").splitlines()) for name in names}
    assert {name: lines for name, lines in long.items() if lines > LONGEST_FILE} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = {
        f"{name}:{function.name}": (function.end_lineno or 0) - function.lineno + 1
        for name, text in sources()
        for function in functions(text)
        if (function.end_lineno or 0) - function.lineno + 1 > LONGEST_FUNCTION
    }
    assert {name: lines for name, lines in long.items() if name not in LONG_FUNCTIONS} == {}
    assert set(long) >= LONG_FUNCTIONS, "an exception that is no longer needed"


def test_every_module_opens_with_a_sentence() -> None:
    assert [name for name, text in sources() if not (ast.get_docstring(ast.parse(text)) or "").strip()] == []


def test_names_are_words_of_the_house() -> None:
    used = {
        f"{name}: {found}"
        for name, text in sources()
        for found in [*own_names(text), *Path(name).with_suffix("").parts]
        if words(found) & set(BANNED_WORDS)
    }
    assert used == set()


def test_tests_are_sentences_about_behaviour() -> None:
    terse = {
        f"{name}: {function.name}"
        for name, text in sources("tests/")
        for function in functions(text)
        if function.name.startswith("test_") and len(function.name.split("_")) < 4
    }
    assert terse == set()


def test_nothing_is_skipped_or_expected_to_fail() -> None:
    mark = re.compile(r"pytest\.(skip|xfail|importorskip)\(|pytest\.mark\.(skip|skipif|xfail)|unittest\.skip")
    me = Path(__file__).name
    assert [name for name, text in sources("tests/") if Path(name).name != me and mark.search(text)] == []


def clock_lines(text: str) -> set[int]:
    return {number for number, line in enumerate(text.splitlines(), start=1) if re.search(ASKS_THE_TIME, line)}


def test_time_is_told_by_one_clock() -> None:
    asking = {name: clock_lines(text) for name, text in package_sources()}
    assert {name for name, lines in asking.items() if lines} - set(CLOCKS) == set()
    app = ast.parse(dict(package_sources())["app.py"])
    (clock,) = [node for node in app.body if isinstance(node, ast.ClassDef) and node.name == "SystemClock"]
    assert asking["app.py"] <= set(range(clock.lineno, (clock.end_lineno or 0) + 1))


def test_only_the_composition_root_looks_at_the_environment() -> None:
    readers = {name for name, text in package_sources() if re.search(r"\bos\.(environ|getenv)\b|\bgetenv\(", text)}
    assert readers - ENVIRONMENT == set()


def test_no_test_sleeps() -> None:
    pattern = re.compile(r"\btime\.sleep\(|\bsleep\(")
    me = Path(__file__).name
    folders = ("tests/e2e/", "tests/bench/")  # They wait for real programs, with a deadline.
    sleepers = [name for name, text in sources("tests/") if not name.startswith(folders) and pattern.search(text)]
    assert [name for name in sleepers if Path(name).name != me] == []


def test_nothing_is_printed_but_by_commands() -> None:
    entry = re.compile(r"(^|/)(cli/\w+|init|__main__|server|demo/__init__|demo/stage)\.py$")
    printers = {
        name
        for name, text in package_sources()
        if not entry.search(name)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }
    assert printers == set()


def test_no_api_takes_a_bare_flag() -> None:
    """A call `apply(change, True)` says nothing; a flag is a keyword, or better two functions."""
    flags = {
        f"{name}: {function.name}({argument.arg})"
        for name, text in package_sources()
        for function in functions(text)
        for argument in [*function.args.posonlyargs, *function.args.args]
        if isinstance(argument.annotation, ast.Name) and argument.annotation.id == "bool"
    }
    assert flags == set()


def test_no_file_is_generated_and_none_knows_this_machine() -> None:
    me = Path(__file__).relative_to(ROOT).as_posix()
    assert [name for name in project_files() if GENERATED.search(name)] == []
    telling = set()
    for name in project_files():
        text = (ROOT / name).read_bytes().decode("utf-8", "replace")
        if name != me and (found := MACHINE_PATHS.search(text)):
            telling.add(f"{name}: {found[0]}")
    assert telling == set()


def test_the_settings_file_is_made_from_the_table() -> None:
    assert (ROOT / "settings.ini").read_text(encoding="utf-8") == settings.render()


def test_the_readme_lists_exactly_the_options() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    between = re.search(r"<!-- options -->\n(.*?)<!-- /options -->", readme, re.DOTALL)
    assert between is not None, "README.md has no <!-- options --> … <!-- /options -->"
    assert between[1].strip() == settings.table_markdown().strip()


@pytest.mark.parametrize("name", [".ci/run", ".ci/setup", ".ci/php"])
def test_what_ci_runs_can_be_run(name: str) -> None:
    assert (ROOT / name).stat().st_mode & 0o111


def test_the_licence_and_the_change_notes_are_there() -> None:
    assert "GNU GENERAL PUBLIC LICENSE" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "## [Unreleased]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
