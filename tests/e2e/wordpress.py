"""A real WooCommerce shop with our plugin in it, from nothing, in a temporary folder."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from tests.e2e import calls, servers
from tests.ports import free_port

PLUGIN = Path(__file__).resolve().parents[2] / "wp-plugin-shim"
NAMESPACE = "/wc-tillbridge/v1"

SITE_SETTINGS = """
define( 'WP_HTTP_BLOCK_EXTERNAL', true );
define( 'DISABLE_WP_CRON', true );
define( 'AUTOMATIC_UPDATER_DISABLED', true );
define( 'FS_METHOD', 'direct' );
define( 'WP_DEBUG', true );
define( 'WP_DEBUG_DISPLAY', false );
define( 'WP_DEBUG_LOG', dirname( __DIR__ ) . '/web/debug.log' );
"""

ADDRESS = {
    "first_name": "Ann",
    "last_name": "Lee",
    "company": "",
    "address_1": "1 Main St",
    "address_2": "",
    "city": "Los Angeles",
    "state": "CA",
    "postcode": "90001",
    "country": "US",
    "phone": "5551234567",
}


@dataclass(frozen=True, slots=True)
class Sources:
    """Where WordPress, WooCommerce and WP-CLI lie on this machine."""

    wordpress: Path
    woocommerce: Path
    wpcli: str

    NAMES: ClassVar = ("TILLBRIDGE_E2E_WORDPRESS", "TILLBRIDGE_E2E_WOOCOMMERCE", "TILLBRIDGE_E2E_WPCLI")

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Sources:
        """Raises `servers.Missing`, naming everything that lacks."""
        wordpress, woocommerce, wpcli = (environ.get(name, "") for name in cls.NAMES)
        problems = []
        if not (Path(wordpress) / "wp-includes" / "version.php").is_file():
            problems.append(f"{cls.NAMES[0]}: the folder of a WordPress (found {wordpress!r})")
        if not (Path(woocommerce) / "woocommerce.php").is_file():
            problems.append(f"{cls.NAMES[1]}: the folder of the WooCommerce plugin (found {woocommerce!r})")
        found = shutil.which(wpcli) if wpcli else None
        if found is None:
            problems.append(f"{cls.NAMES[2]}: the WP-CLI program (found {wpcli!r})")
        if problems:
            raise servers.Missing("the environment must name\n  " + "\n  ".join(problems))
        return cls(Path(wordpress), Path(woocommerce), str(found))


@dataclass(frozen=True, slots=True)
class Sale:
    """What a checkout left behind; `ended` is when its answer had arrived (monotonic)."""

    order_id: int
    status: str
    seconds: float
    ended: float


class RealShop:
    """A shop from its installation to the removal of every trace. Use it with `with`."""

    def __init__(self, sources: Sources, workers: int = 6) -> None:
        self._sources = sources
        self._workers = workers
        self._stack = ExitStack()
        self._socket = Path()
        self.database = "shop"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.rest_prefix = "/wp-json"
        self.folder = Path()
        self.site = "e2e-" + secrets.token_hex(4)
        self.secret = secrets.token_hex(24)
        self.door = secrets.token_hex(16)
        self.keep = False

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
        self._stack.close()

    @property
    def rest(self) -> str:
        """Where the REST routes lie; with plain permalinks they are the value of a query."""
        return self.url + self.rest_prefix

    def handle(self) -> dict[str, str]:
        """What another process needs to work with this shop; see `attached`."""
        place = {"folder": str(self.folder), "socket": str(self._socket), "port": str(self.port)}
        place["database"] = self.database
        known = {"site": self.site, "secret": self.secret, "door": self.door}
        return {**place, **known, "wpcli": self._sources.wpcli}

    @classmethod
    def attached(cls, handle: Mapping[str, str]) -> RealShop:
        """A shop that another process has made and will remove."""
        shop = cls(Sources(Path(), Path(), handle["wpcli"]))
        shop.folder, shop._socket = Path(handle["folder"]), Path(handle["socket"])
        shop.database = handle["database"]
        shop.port, shop.url = int(handle["port"]), f"http://127.0.0.1:{handle['port']}"
        shop.site, shop.secret, shop.door = handle["site"], handle["secret"], handle["door"]
        return shop

    def _build(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="real-shop-"))
        self._stack.callback(self._remove)
        self.folder.chmod(0o755)
        self._socket = self._stack.enter_context(servers.mariadb(self.folder))
        self._install()
        self._stack.enter_context(
            servers.php_and_nginx(self.folder, self.folder / "site", self.port, self._workers)
        )
        self._visit_admin()

    def _remove(self) -> None:
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _install(self) -> None:
        site = self.folder / "site"
        no_settings = shutil.ignore_patterns("wp-config.php")  # Debian's WordPress brings its own.
        shutil.copytree(self._sources.wordpress, site, symlinks=True, ignore=no_settings)
        shutil.copytree(self._sources.woocommerce, site / "wp-content/plugins/woocommerce", symlinks=True)
        shutil.copytree(PLUGIN, site / "wp-content/plugins/tillbridge")
        self.sql("CREATE DATABASE shop CHARACTER SET utf8mb4", database="")
        self.sql("CREATE USER shop@localhost IDENTIFIED BY 'shop'; GRANT ALL ON shop.* TO shop@localhost", database="")
        database = ["--dbname=shop", "--dbuser=shop", "--dbpass=shop", f"--dbhost=localhost:{self._socket}"]
        self.wp("config", "create", *database, "--skip-check", "--extra-php", text=SITE_SETTINGS)
        admin = ["--admin_user=admin", "--admin_password=admin", "--admin_email=admin@example.com", "--skip-email"]
        self.wp("core", "install", f"--url={self.url}", "--title=Shop", *admin)
        self.wp("plugin", "activate", "woocommerce", "tillbridge")
        self.wp("rewrite", "structure", "/%postname%/")
        self.option("woocommerce_cod_settings", {"enabled": "yes", "title": "Cash", "enable_for_virtual": "yes"})
        user = servers.owner("www-data")
        if user is not None:
            subprocess.run(["chown", "-R", f"{user}:{user}", str(site)], check=True)

    def _visit_admin(self) -> None:
        """WooCommerce ends its installation in the first page of wp-admin: order tables on, and the shop hidden."""
        browser = calls.session()
        browser.cookies.set("wordpress_test_cookie", "WP%20Cookie%20check")
        form = {"log": "admin", "pwd": "admin", "testcookie": "1", "redirect_to": f"{self.url}/wp-admin/"}
        browser.post(f"{self.url}/wp-login.php", data=form, timeout=120).raise_for_status()
        page = browser.get(f"{self.url}/wp-admin/", timeout=120)
        if "wpadminbar" not in page.text:
            raise RuntimeError(f"wp-admin did not open: {page.status_code} {page.url}")
        self.option("woocommerce_coming_soon", "no")

    def wp(self, *arguments: str, text: str = "") -> str:
        """Run WP-CLI; its output. Raises with its complaint."""
        command = [self._sources.wpcli, "--allow-root", f"--path={self.folder / 'site'}", *arguments]
        done = subprocess.run(command, input=text, capture_output=True, text=True, cwd=self.folder)
        if done.returncode != 0:
            raise RuntimeError(f"wp {' '.join(arguments[:3])}: {done.stderr.strip()[-800:]}")
        return done.stdout.strip()

    def sql(self, statement: str, database: str | None = None) -> list[list[str]]:
        """Run SQL as root, in the shop's database where no other is named ("": in none); the rows."""
        client = [servers.program("mariadb", "mysql"), "--no-defaults", "-uroot", "-S", str(self._socket), "-N", "-B"]
        name = self.database if database is None else database
        done = subprocess.run([*client, *filter(None, [name])], input=statement, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"sql: {done.stderr.strip()}")
        return [line.split("\t") for line in done.stdout.splitlines()]

    def option(self, name: str, value: object) -> None:
        """Set a WordPress option."""
        self.wp("option", "update", name, json.dumps(value), "--format=json")

    def connect(self, listener: str, address_hash: str = "") -> None:
        """Tell the plugin which daemon is its own; with a hash that does not fit, it takes itself for a copy."""
        known = {"site": self.site, "secret": self.secret, "door": self.door, "address_hash": address_hash}
        self.option("tillbridge_connection", {**known, "listener": listener})

    def add_product(self, sku: str, stock: int, name: str = "Mug") -> int:
        """A simple product that manages its stock."""
        fields = [f"--name={name}", f"--sku={sku}", "--type=simple", "--regular_price=10", "--status=publish"]
        stocked = ["--manage_stock=true", f"--stock_quantity={stock}"]
        return int(self.wp("wc", "product", "create", "--user=admin", *fields, *stocked, "--porcelain"))

    def level(self, product_id: int) -> float:
        """`_stock` in the database."""
        rows = self.sql(f"SELECT meta_value FROM wp_postmeta WHERE post_id = {product_id} AND meta_key = '_stock'")
        return float(rows[0][0])

    def shown_level(self, product_id: int) -> float:
        """The level that WooCommerce itself computes for this product, in a fresh process."""
        return float(self.wp("eval", f"echo wc_get_product( {product_id} )->get_stock_quantity();"))

    def checkout(self, lines: Sequence[tuple[int, int]]) -> Sale:
        """A guest buys over the Store API, as the block checkout does; cash on delivery."""
        store = f"{self.rest}/wc/store/v1"
        guest = calls.session()
        cart = guest.get(f"{store}/cart", timeout=60)
        headers = {"Nonce": cart.headers["Nonce"], "Cart-Token": cart.headers["Cart-Token"]}
        for product_id, quantity in lines:
            line = {"id": product_id, "quantity": quantity}
            guest.post(f"{store}/cart/add-item", json=line, headers=headers, timeout=60).raise_for_status()
        order = {
            "billing_address": {**ADDRESS, "email": "ann@example.com"},
            "shipping_address": ADDRESS,
            "payment_method": "cod",
            "payment_data": [],
        }
        began = time.monotonic()
        answer = guest.post(f"{store}/checkout", json=order, headers=headers, timeout=60)
        ended = time.monotonic()
        if answer.status_code != 200:
            raise RuntimeError(f"checkout: {answer.status_code} {answer.text[:300]}")
        found = answer.json()
        return Sale(int(found["order_id"]), str(found["status"]), ended - began, ended)

    def call(
        self, method: str, route: str, query: Mapping[str, str] | None = None, body: object | None = None
    ) -> tuple[int, Any]:
        """A signed request to the plugin, as the daemon makes it: status and JSON."""
        return calls.signed_call(self.rest, self.secret, method, NAMESPACE + route, query, body)

    def apply(self, change: Mapping[str, object]) -> str:
        """Ask the plugin for one change of stock: the status of its answer."""
        status, answer = self.call("POST", "/stock/apply", body={"changes": [change]})
        if status != 200:
            raise RuntimeError(f"stock/apply: {status} {answer}")
        return str(answer["results"][0]["status"])

    def unacknowledged(self) -> int:
        """How many events the shop still keeps for the daemon."""
        status, health = self.call("GET", "/health")
        if status != 200:
            raise RuntimeError(f"health: {status} {health}")
        return int(health["outbox"]["unacked"])

    def offered(self, product_id: int) -> float:
        """How many a customer may put into the cart, as the shop's pages are told."""
        with calls.session() as guest:
            answer = guest.get(f"{self.rest}/wc/store/v1/products/{product_id}", timeout=60)
        return float(answer.json()["add_to_cart"]["maximum"])

    def complaints(self) -> list[str]:
        """Lines of PHP's error logs that speak of our plugin, and what it noted in WooCommerce's own log."""
        found = []
        for name in ("debug.log", "php.log"):
            log = self.folder / "web" / name
            if log.is_file():
                lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
                found += [line for line in lines if re.search(r"tillbridge", line, re.IGNORECASE)]
        for log in (self.folder / "site/wp-content/uploads/wc-logs").glob("tillbridge*.log"):
            found += log.read_text(encoding="utf-8", errors="replace").splitlines()
        return found

    def tail(self, lines: int = 15) -> str:
        """The ends of all logs, for when something went wrong."""
        parts = []
        for log in sorted(log for place in (".", "daemon", "web") for log in self.folder.glob(f"{place}/*.log")):
            text = log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
            if text and log.name != "access.log":
                parts.append(f"--- {log.name}\n" + "\n".join(line[:300] for line in text))
        return "\n".join(parts)

