"""What owners and hosts do to a shop: dump its database and put it back, copy all of it to another address, move it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e import servers
from tests.e2e.wordpress import RealShop
from tests.ports import free_port

COPY = "copy"


def dump(shop: RealShop, file: Path) -> None:
    """The shop's database as a file, as every backup makes it: no moment of the shop is stopped."""
    program = servers.program("mariadb-dump", "mysqldump")
    place = ["--no-defaults", "-uroot", "-S", shop.handle()["socket"]]
    with file.open("wb") as output:
        subprocess.run([program, *place, "--single-transaction", shop.database], stdout=output, check=True)


def restore(shop: RealShop, file: Path, database: str) -> None:
    """Put a dump into a database, table by table, over whatever is there."""
    program = servers.program("mariadb", "mysql")
    with file.open("rb") as content:
        place = ["--no-defaults", "-uroot", "-S", shop.handle()["socket"]]
        subprocess.run([program, *place, database], stdin=content, check=True)


def replace_address(shop: RealShop, old: str, new: str) -> None:
    """The search-and-replace of every guide, over all tables."""
    shop.wp("search-replace", old, new, "--all-tables", "--quiet")


@contextmanager
def copied(shop: RealShop) -> Iterator[RealShop]:
    """A copy of the shop at an address of its own, with its files and its database."""
    folder = shop.folder / COPY
    servers.make_folder(folder, None)
    shutil.copytree(shop.folder / "site", folder / "site", symlinks=True)
    dump(shop, folder / "dump.sql")
    shop.sql(f"CREATE DATABASE {COPY} CHARACTER SET utf8mb4; GRANT ALL ON {COPY}.* TO shop@localhost", database="")
    restore(shop, folder / "dump.sql", COPY)
    copy = RealShop.attached(
        {**shop.handle(), "folder": str(folder), "port": str(free_port()), "database": COPY}
    )
    copy.wp("config", "set", "DB_NAME", COPY)
    replace_address(copy, shop.url, copy.url)
    user = servers.owner("www-data")
    if user is not None:
        subprocess.run(["chown", "-R", f"{user}:{user}", str(folder / "site")], check=True)
    with servers.php_and_nginx(folder, folder / "site", copy.port, 3):
        yield copy


@contextmanager
def served_elsewhere(shop: RealShop, path: str = "") -> Iterator[None]:
    """The same shop at another address, to which its database was rewritten: another web server before the same files,
    in a folder of the web's (such as "/shop") where `path` names one. The old server still answers, as it does for some
    days after every move."""
    old, port = shop.url, free_port()
    new = f"http://127.0.0.1:{port}{path}"
    folder = servers.make_folder(shop.folder / "elsewhere", None)
    site = shop.folder / "site"
    if path:
        root = servers.make_folder(folder / "root", None)
        (root / path.strip("/")).symlink_to(site)
        site = root
    with servers.php_and_nginx(folder, site, port, 3, path):
        replace_address(shop, old, new)
        shop.url, shop.port = new, port
        yield


def calls_of_daemon(folder: Path) -> int:
    """How often a web server was asked for one of our routes."""
    return (folder / "access.log").read_text(encoding="utf-8").count("/wc-tillbridge/v1/")
