"""Rules of the plugin that can be read off its source: nothing runs by itself, nothing reaches the database unprepared,
nobody gets in unasked, nothing speaks to people untranslated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PLUGIN = Path(__file__).resolve().parent.parent / "wp-plugin-shim"
FILES = sorted(PLUGIN.rglob("*.php"))
LONGEST = 350

TRANSLATES = {"__": 1, "_e": 1, "esc_html__": 1, "esc_html_e": 1, "esc_attr__": 1, "esc_attr_e": 1, "_x": 2,
              "esc_html_x": 2, "esc_attr_x": 2, "_n": 3, "_nx": 4, "_n_noop": 2}  # fmt: skip
"""Functions that translate, and which of their arguments is the text domain."""

OWN_TABLE = re.compile(r"\{\$(table|outbox|keys|nonces)\}")
CONSTANT_STATEMENTS = {
    ("schema.php", "$definition"): "the definitions of our tables",
    ("reading.php", "$sql"): "hands on what its callers have prepared; they are checked too",
    ("mover.php", "$sql"): "a constant in the line above",
    ("levels.php", "$of_all"): "constants in the line above",
    ("mover.php", "'SET SESSION TRANSACTION ISOLATION LEVEL ' . $this->isolation"): "one of four words, checked there",
    ("mover.php", "'SET SESSION TRANSACTION ISOLATION LEVEL ' . self::isolation()"): "one of two constants",
    ("aftermath.php", "'SET TRANSACTION ISOLATION LEVEL ' . Mover::isolation()"): "one of two constants",
}
WRITES_OPTIONS = {
    "schema.php": "when tables are made", "pairing.php": "when a person pairs", "forward.php": "the breaker: a failure",
    "books.php": "how far the daemon says that its books have come: once a pull at most",
    "note.php": "what a button of the page did, for the page that follows",
}  # fmt: skip
READS_POSTS = {"levels.php", "reading.php", "outbox.php", "mover.php", "aftermath.php", "health.php", "shop-hops.php"}
"""Files that read or write levels where WooCommerce keeps them, in the meta of products."""


@dataclass(frozen=True)
class Called:
    """A call in the source: where, of what, and its arguments as they are written."""

    where: str
    name: str
    arguments: tuple[str, ...]


def code_of(path: Path) -> str:
    """The source without its comments; every line stays where it is."""
    strings_and_comments = r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|/\*.*?\*/|(?://|\#)[^\n]*"""
    text = path.read_text(encoding="utf-8")

    def kept(found: re.Match[str]) -> str:
        token = found[0]
        return token if token[0] in "'\"" else "\n" * token.count("\n")

    return re.sub(strings_and_comments, kept, text, flags=re.DOTALL)


def calls(pattern: str) -> Iterator[Called]:
    """Every call of a function whose name fits, in all files."""
    for path in FILES:
        code = code_of(path)
        for found in re.finditer(rf"(?<![\w$])({pattern})\(", code):
            if not code[: found.start()].rstrip().endswith("function"):
                line = code.count("\n", 0, found.start()) + 1
                yield Called(f"{path.name}:{line}", found[1], tuple(arguments(code, found.end())))


def arguments(code: str, at: int) -> Iterator[str]:
    """The arguments of a call that begin at `at`, split at the commas that are its own."""
    depth, begun = 1, at
    token = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[()\[\]{},]""", re.DOTALL)
    for found in token.finditer(code, at):
        if found[0] in "([{":
            depth += 1
        elif found[0] in ")]}":
            depth -= 1
        if depth == 0 or (depth == 1 and found[0] == ","):
            if code[begun : found.start()].strip():
                yield code[begun : found.start()].strip()
            begun = found.end()
        if depth == 0:
            return


def is_prepared(statement: str) -> bool:
    """Whether the text of a statement holds nothing that came from outside."""
    if re.match(r"(\$wpdb->|self::)(prepare|statement)\(", statement):
        return True
    literal = re.fullmatch(r"'[^']*'|\"[^\"]*\"", statement)
    return literal is not None and "$" not in OWN_TABLE.sub("", statement)


def test_the_rules_see_the_plugin() -> None:
    assert len(FILES) > 30
    assert len(list(calls("register_rest_route"))) >= 1
    assert len(list(queries())) > 40


def queries() -> Iterator[Called]:
    yield from calls(r"(?:query|get_var|get_row|get_col|get_results|read_rows|read_column)")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PLUGIN)))
def test_a_file_does_nothing_when_it_is_opened_by_itself(path: Path) -> None:
    guard = "WP_UNINSTALL_PLUGIN" if path.name == "uninstall.php" else "ABSPATH"
    first = re.sub(r"^<\?php\s*(namespace [\w\\]+;\s*|use [^;]+;\s*)*", "", code_of(path))
    assert first.startswith(f"defined( '{guard}' ) || exit;")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PLUGIN)))
def test_a_file_is_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


def test_every_statement_is_prepared() -> None:
    bare = [
        f"{call.where}: {call.arguments[0][:80]}"
        for call in queries()
        if call.arguments and not is_prepared(call.arguments[0])
        and (call.where.split(":")[0], call.arguments[0]) not in CONSTANT_STATEMENTS
    ]  # fmt: skip
    assert bare == []


def test_every_route_asks_who_comes() -> None:
    for call in calls("register_rest_route"):
        text = " ".join(call.arguments)
        assert "'permission_callback' =>" in text, call.where
        assert "__return_true" not in text, call.where


def test_every_action_of_the_page_asks_for_the_right_and_the_nonce() -> None:
    entrance = re.compile(r"'(admin_post|wp_ajax|admin_action)_")
    hooked = [call for call in calls("add_action") if entrance.match(call.arguments[0])]
    assert hooked, "the page has buttons"
    assert not [call.where for call in hooked if "nopriv" in call.arguments[0]]
    assert {call.arguments[1] for call in hooked} == {"__NAMESPACE__ . '\\\\answer_admin_post'"}
    body = code_of(PLUGIN / "includes/admin/actions.php").split("function run_admin_action(", 1)[1].split("\n}\n", 1)[0]
    asked = [body.index(check) for check in ("check_admin_referer(", "current_user_can( ADMIN_CAPABILITY )")]
    assert max(asked) < body.index("call_user_func(")


def test_what_a_browser_sends_is_read_only_where_it_is_expected() -> None:
    pattern = re.compile(r"\$_(GET|POST|REQUEST|COOKIE|FILES|SERVER)\b")
    readers = {path.relative_to(PLUGIN).as_posix() for path in FILES if pattern.search(code_of(path))}
    expected = {f"includes/{name}.php" for name in ("door", "early", "rest-key")} | {"tillbridge.php"}
    assert {name for name in readers if not name.startswith("includes/admin/")} == expected


def test_nothing_is_written_to_the_options_for_an_event() -> None:
    found = {call.where.split(":")[0] for call in calls("(?:add|update)_option|set_(?:site_)?transient")}
    assert found <= set(WRITES_OPTIONS)


def test_nothing_runs_by_itself() -> None:
    assert [call.where for call in calls(r"(?:as_schedule|as_enqueue|wp_schedule)_\w+")] == []


def test_orders_are_not_read_from_the_tables_of_posts() -> None:
    for path in FILES:
        code = code_of(path)
        if re.search(r"\$wpdb->(posts|postmeta)\b", code):
            assert path.name in READS_POSTS, path.name
        assert not re.search(r"wc_orders|get_post_meta\(|update_post_meta\(|WP_Query|get_posts\(", code), path.name


def test_every_text_is_in_the_plugins_domain() -> None:
    wrong = []
    for call in calls("|".join(TRANSLATES)):
        place = TRANSLATES[call.name]
        if len(call.arguments) <= place or call.arguments[place] != "'tillbridge'":
            wrong.append(f"{call.where}: {call.name}( {', '.join(call.arguments)[:80]} )")
    assert wrong == []


def test_nothing_is_printed_raw_or_run_from_a_text() -> None:
    banned = (
        "eval|create_function|unserialize|maybe_unserialize|var_dump|print_r|error_log|phpinfo"
        "|exec|shell_exec|system|passthru|proc_open"
    )
    assert [f"{call.where}: {call.name}" for call in calls(banned)] == []


def test_the_plugin_calls_only_its_daemon() -> None:
    """All that leaves goes through `Exchange`, which takes its address from the connection. Only the command `doctor`
    also calls the shop itself, as its visitors do."""
    callers = calls(r"wp_(?:safe_)?remote_(?:get|post|head|request)|curl_\w+|fsockopen|file_get_contents")
    assert {call.where.split(":")[0] for call in callers} <= {"web-hops.php"}
    assert {call.where.split(":")[0] for call in calls("stream_socket_client")} == {"exchange.php"}
