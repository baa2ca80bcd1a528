"""A WordPress with the plugin in it, made from Debian's packages in a temporary folder, and a hand inside it.

The hand (hand/hand.php, a must-use plugin of this site only) calls PHP functions by name in requests of their own, and
makes trouble in any request at a moment that a test chooses: see `Site.call` and `trouble`.
"""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

from tests.e2e import calls, servers
from tests.ports import free_port

HERE = Path(__file__).resolve().parent
PLUGIN = HERE.parents[1] / "wp-plugin-shim"
WORDPRESS = Path("/usr/share/wordpress")
NEEDED = "wordpress mariadb-server nginx-light php-fpm php-cli php-mysql php-curl php-xml php-mbstring php-intl"
SETTLED_WITHIN = 20.0
"""Seconds in which a request must be quite over."""

Trouble = Mapping[str, object]
Call = tuple[str, Sequence[object]]

CONFIG = """<?php
define( 'DB_NAME', 'shop' );
define( 'DB_USER', 'shop' );
define( 'DB_PASSWORD', 'shop' );
define( 'DB_HOST', 'localhost:{socket}' );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'DB_COLLATE', '' );
define( 'AUTH_KEY', '{salt}a' );
define( 'SECURE_AUTH_KEY', '{salt}b' );
define( 'LOGGED_IN_KEY', '{salt}c' );
define( 'NONCE_KEY', '{salt}d' );
define( 'WP_HTTP_BLOCK_EXTERNAL', true );
define( 'DISABLE_WP_CRON', true );
define( 'AUTOMATIC_UPDATER_DISABLED', true );
define( 'FS_METHOD', 'direct' );
define( 'WP_DEBUG', true );
define( 'WP_DEBUG_DISPLAY', false );
define( 'WP_DEBUG_LOG', '{folder}/web/debug.log' );
define( 'TILLBRIDGE_HAND', '{token}' );
define( 'TILLBRIDGE_HAND_FOLDER', '{folder}/web' );
$table_prefix = 'wp_';
defined( 'ABSPATH' ) || define( 'ABSPATH', __DIR__ . '/' );
require_once ABSPATH . 'wp-settings.php';
"""

THEME = {
    "style.css": "/* Theme Name: Shop */\n",
    "index.php": "<!doctype html><?php wp_head(); ?><h1><?php bloginfo( 'name' ); ?></h1><?php wp_footer();\n",
}


class Died(ConnectionError):
    """The request did not end: PHP was killed in it."""


@dataclass(frozen=True, slots=True)
class Act:
    """What one request of the hand came to: what its calls returned, and its diary (see hand/diary.php)."""

    results: list[Any]
    diary: dict[str, Any] = field(default_factory=dict)


class Site:
    """The site from its installation to the removal of every trace. Use it with `with`."""

    def __init__(self, workers: int = 6) -> None:
        self._workers = workers
        self._stack = ExitStack()
        self._token = secrets.token_hex(16)
        self._client = calls.session()
        self.password = secrets.token_hex(8)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = Path()
        self.socket = Path()
        self.name = "rig-" + secrets.token_hex(4)
        self.secret = secrets.token_hex(32)
        self.door = secrets.token_hex(16)

    def __enter__(self) -> Self:
        try:
            self._build()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()
        self._stack.close()

    def _build(self) -> None:
        self._look_for_packages()
        self.folder = Path(tempfile.mkdtemp(prefix="wordpress-rig-"))
        self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.folder.chmod(0o755)
        self.socket = self._stack.enter_context(servers.mariadb(self.folder))
        self._copy()
        self._stack.enter_context(servers.php_and_nginx(self.folder, self.folder / "site", self.port, self._workers))
        self._install()
        self.connect("")

    def _look_for_packages(self) -> None:
        missing = [] if (WORDPRESS / "wp-includes" / "version.php").is_file() else ["wordpress"]
        for names in (servers.MARIADB, servers.NGINX, servers.PHP_FPM, ("php",)):
            try:
                servers.program(*names)
            except servers.Missing as error:
                missing.append(str(error))
        if missing:
            raise servers.Missing(f"missing: {', '.join(missing)}; on Debian: sudo apt-get install {NEEDED}")

    def _copy(self) -> None:
        site = self.folder / "site"
        shutil.copytree(WORDPRESS, site, symlinks=True)
        (site / ".htaccess").unlink(missing_ok=True)
        places = {"socket": self.socket, "salt": secrets.token_hex(32), "folder": self.folder, "token": self._token}
        config = CONFIG
        for name, value in places.items():
            config = config.replace("{" + name + "}", str(value))
        (site / "wp-config.php").write_text(config, encoding="utf-8")
        content = site / "wp-content"
        shutil.copytree(HERE / "woocommerce_double", content / "plugins" / "woocommerce")
        shutil.copytree(PLUGIN, content / "plugins" / "tillbridge")
        shutil.copytree(HERE / "hand", content / "mu-plugins")
        for name, text in THEME.items():
            (content / "themes" / "shop").mkdir(parents=True, exist_ok=True)
            (content / "themes" / "shop" / name).write_text(text, encoding="utf-8")
        (content / "uploads" / "wc-logs").mkdir(parents=True)
        user = servers.owner("www-data")
        if user is not None:
            subprocess.run(["chown", "-R", f"{user}:{user}", str(content)], check=True)

    def _install(self) -> None:
        self.sql(
            "CREATE DATABASE shop CHARACTER SET utf8mb4;"
            "CREATE USER shop@localhost IDENTIFIED BY 'shop'; GRANT ALL ON shop.* TO shop@localhost",
            database="",
        )
        script = [servers.program("php"), "-d", "sendmail_path=/bin/true", str(HERE / "install.php")]
        command = [*script, str(self.folder / "site"), self.url, self.password]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0 or done.stdout.strip():
            raise RuntimeError(f"WordPress was not installed: {done.stdout[-800:]}{done.stderr[-800:]}")

    # --- inside the site ----------------------------------------------------------------------------------------------

    def call(self, function: str, *arguments: object, trouble: Sequence[Trouble] = ()) -> Any:
        """Call one PHP function in a request of its own; what it returned."""
        return self.act((function, arguments), trouble=trouble).results[0]

    def act(self, *asked: Call, trouble: Sequence[Trouble] = ()) -> Act:
        """Several calls in one request. Returns when the request is quite over, also behind its answer."""
        headers = self.trouble(*trouble)
        return Act(self.ask(headers, *asked), self.diary(headers))

    def ask(self, headers: Mapping[str, str], *asked: Call) -> list[Any]:
        """Several calls in one request, as a customer sees it: what happens behind the answer is not waited for."""
        body = json.dumps({"calls": asked})
        answer = self._client.post(f"{self.url}/?hand=1", data=body, headers=headers, timeout=60)
        if answer.status_code == 502:
            raise Died
        if answer.status_code != 200 or not answer.text.startswith("{"):
            names = [name for name, _ in asked[:5]]
            raise RuntimeError(f"{names}: {answer.status_code} {answer.text[:500]}\n{self.tail()}")
        results: list[Any] = answer.json()["results"]
        return results

    def trouble(self, *trouble: Trouble) -> dict[str, str]:
        """Headers that make this trouble in any request which they are added to, and have it keep a diary."""
        return {"X-Hand": self._token, "X-Hand-Trouble": json.dumps(trouble), "X-Hand-Id": secrets.token_hex(16)}

    def diary(self, headers: Mapping[str, str]) -> dict[str, Any]:
        """What a request with these headers did; waits until it is quite over."""
        page = self.folder / "web" / headers["X-Hand-Id"]
        servers.wait_until(page.exists, "the request is quite over", SETTLED_WITHIN, 0.001)
        found: dict[str, Any] = json.loads(page.read_text(encoding="utf-8"))
        page.unlink()
        return found

    def connect(self, listener: str, **more: object) -> None:
        """The connection as one writes it by hand: without the address at which it was agreed."""
        stored = {"site": self.name, "secret": self.secret, "listener": listener, "door": self.door, **more}
        self.act(("update_option", ["tillbridge_connection", stored]), ("delete_option", ["tillbridge_breaker"]))

    def visit(self, path: str = "/", trouble: Sequence[Trouble] = ()) -> tuple[requests.Response, dict[str, Any]]:
        """A visitor's page and its diary."""
        headers = self.trouble(*trouble)
        answer = self._client.get(self.url + path, headers=headers, timeout=60)
        return answer, self.diary(headers)

    def log_in(self) -> requests.Session:
        """A browser in which `admin` is logged in; its cookies serve another browser as well."""
        browser = calls.session()
        browser.cookies.set("wordpress_test_cookie", "WP%20Cookie%20check", domain="127.0.0.1")
        form = {"log": "admin", "pwd": self.password, "testcookie": "1", "redirect_to": f"{self.url}/wp-admin/"}
        answer = browser.post(f"{self.url}/wp-login.php", data=form, timeout=60, allow_redirects=False)
        if answer.status_code != 302:
            raise RuntimeError(f"nobody could log in: {answer.status_code} {answer.text[:300]}")
        return browser

    # --- beside the site ----------------------------------------------------------------------------------------------

    def sql(self, statement: str, database: str = "shop") -> list[list[str]]:
        """Run SQL as root; the rows."""
        client = [servers.program("mariadb", "mysql"), "--no-defaults", "-uroot", "-S", str(self.socket), "-N", "-B"]
        done = subprocess.run([*client, *filter(None, [database])], input=statement, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"sql: {done.stderr.strip()}")
        return [line.split("\t") for line in done.stdout.splitlines()]

    @contextmanager
    def holding(self, statements: str) -> Iterator[None]:
        """Another session holds what these statements lock."""
        client = [
            servers.program("mariadb", "mysql"),
            "--no-defaults",
            "-uroot",
            "-S",
            str(self.socket),
            "-N",
            "-n",
            "shop",
        ]
        isolation = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"
        with subprocess.Popen(client, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as session:
            assert session.stdin is not None
            assert session.stdout is not None
            session.stdin.write(f"{isolation}; START TRANSACTION; {statements}; SELECT 'it holds';\n")
            session.stdin.flush()
            if "it holds\n" not in iter(session.stdout.readline, ""):
                raise RuntimeError(f"nothing is held: {statements}")
            yield

    def level(self, product_id: int) -> float:
        """`_stock` in the database."""
        rows = self.sql(f"SELECT meta_value FROM wp_postmeta WHERE post_id = {product_id} AND meta_key = '_stock'")
        return float(rows[0][0])

    def complaints(self) -> list[str]:
        """What PHP has complained about: nothing in this site may cause a notice."""
        logs = [log for log in self._php_logs if log.is_file()]
        return [line for log in logs for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]

    def forget_complaints(self) -> None:
        """A test has seen what it expected."""
        for log in self._php_logs:
            log.unlink(missing_ok=True)

    @property
    def _php_logs(self) -> list[Path]:
        return [self.folder / "web" / name for name in ("debug.log", "php.log")]

    @property
    def _notebook(self) -> Path:
        return self.folder / "site/wp-content/uploads/wc-logs/tillbridge.log"

    def notes(self) -> list[str]:
        """What the plugin noted in WooCommerce's own log, where an owner looks."""
        return self._notebook.read_text(encoding="utf-8").splitlines() if self._notebook.is_file() else []

    def forget_notes(self) -> None:
        """A test has seen what it expected."""
        self._notebook.unlink(missing_ok=True)

    def tail(self, lines: int = 15) -> str:
        """The ends of all logs, for when something went wrong."""
        parts = []
        for log in sorted([*self.folder.glob("*.log"), *self.folder.glob("web/*.log")]):
            text = log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
            if text and log.name != "access.log":
                parts.append(f"--- {log.name}\n" + "\n".join(line[:300] for line in text))
        return "\n".join(parts)
