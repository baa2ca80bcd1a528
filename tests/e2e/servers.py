"""The servers under a shop, each on a free loopback port and out of a temporary folder, gone when the flow is over."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

SHUTDOWN_SECONDS = 20.0

MARIADB = ("mariadbd", "mysqld")
NGINX = ("nginx",)
PHP_FPM = ("php-fpm8.2", "php-fpm", "php-fpm8.4", "php-fpm8.3", "php-fpm8.1", "php-fpm8.0", "php-fpm7.4")


class Missing(Exception):
    """Something that the flows need is not on this machine; the message names it."""


def program(*names: str) -> str:
    """The first of these programs that is installed, also where only root's path has it."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/local/sbin"
    for name in names:
        found = shutil.which(name, path=path)
        if found is not None:
            return found
    raise Missing(f"{' or '.join(names)} is not installed")


def wait_until(condition: Callable[[], bool], what: str, seconds: float, pause: float = 0.01) -> float:
    """Look again and again until it holds; how long that took. Raises `TimeoutError` naming `what`."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"waited {seconds:g} s in vain until {what}")
        time.sleep(pause)
    return time.monotonic() - began


def owner(name: str) -> str | None:
    """The user that a server should run as: `name` where we may choose, else whoever we are."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(name)
    except KeyError:
        return None
    return name


def make_folder(path: Path, user: str | None) -> Path:
    path.mkdir(parents=True)
    path.chmod(0o755)
    if user is not None:
        shutil.chown(path, user, user)
    return path


@contextmanager
def running(
    command: Sequence[str], log: Path, environ: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A server from its start to its orderly end; its output goes to `log`.

    In a session of its own: Ctrl-C reaches the flow, which then stops the servers in the right order.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(
            list(command), stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environ, start_new_session=True
        )
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes], first: signal.Signals = signal.SIGTERM) -> None:
    """Ask, wait, then insist. Only this process and what it started."""
    if process.poll() is None:
        process.send_signal(first)
        try:
            process.wait(SHUTDOWN_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def mariadb(folder: Path) -> Iterator[Path]:
    """A MariaDB of its own, durable as in production; gives its socket. User root, no password, this folder only."""
    user = owner("mysql")
    data, run = make_folder(folder / "db", user), make_folder(folder / "db-run", user)
    as_user = [] if user is None else [f"--user={user}"]
    install = [
        program("mariadb-install-db", "mysql_install_db"),
        "--no-defaults",
        *as_user,
        f"--datadir={data}",
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
    ]
    with (folder / "mariadb.log").open("ab") as log:
        subprocess.run(install, stdout=log, stderr=log, check=True)
    server = [
        program(*MARIADB),
        "--no-defaults",
        *as_user,
        f"--datadir={data}",
        f"--socket={run / 'socket'}",
        f"--pid-file={run / 'pid'}",
        f"--tmpdir={run}",
        "--skip-networking",
        "--skip-name-resolve",
        "--innodb-flush-log-at-trx-commit=1",
        "--innodb-buffer-pool-size=256M",
        "--character-set-server=utf8mb4",
    ]
    with running(server, folder / "mariadb.log"):
        ping = [program("mariadb-admin", "mysqladmin"), "--no-defaults", "-uroot", "-S", str(run / "socket"), "ping"]
        wait_until(lambda: subprocess.run(ping, capture_output=True).returncode == 0, "MariaDB answers", 60, 0.1)
        yield run / "socket"


@contextmanager
def php_and_nginx(folder: Path, site: Path, port: int, workers: int, path: str = "") -> Iterator[None]:
    """The site over HTTP on 127.0.0.1:`port`, as a small hoster would run it: nginx before a static php-fpm pool. With
    a `path` such as "/shop", WordPress lies in that folder of the site."""
    user = owner("www-data")
    make_folder(folder / "web", user)
    (folder / "fpm.conf").write_text(_fpm_settings(folder, user, workers), encoding="utf-8")
    (folder / "nginx.conf").write_text(_nginx_settings(folder, site, port, user, path), encoding="utf-8")
    fpm = [program(*PHP_FPM), "--nodaemonize"]
    fpm += ["--fpm-config", str(folder / "fpm.conf")]
    nginx = [program(*NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with running(fpm, folder / "fpm.log"):
        wait_until((folder / "web" / "fpm.sock").exists, "php-fpm listens", 30, 0.05)
        with running(nginx, folder / "nginx.log"):
            wait_until(lambda: _accepts(port), "nginx answers", 30, 0.05)
            yield


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _fpm_settings(folder: Path, user: str | None, workers: int) -> str:
    as_user = "" if user is None else f"user = {user}\ngroup = {user}\nlisten.owner = {user}\nlisten.group = {user}\n"
    return f"""[global]
error_log = {folder}/fpm.log
daemonize = no
[shop]
{as_user}listen = {folder}/web/fpm.sock
listen.mode = 0600
pm = static
pm.max_children = {workers}
catch_workers_output = yes
clear_env = yes
php_admin_value[memory_limit] = 256M
php_admin_value[sendmail_path] = /bin/true
php_admin_value[error_log] = {folder}/web/php.log
php_admin_flag[log_errors] = on
php_admin_flag[display_errors] = off
"""


def _nginx_settings(folder: Path, site: Path, port: int, user: str | None, path: str) -> str:
    temp = "".join(
        f"  {kind}_temp_path {folder}/web/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    as_user = "" if user is None else f"user {user};\n"
    return f"""daemon off;
{as_user}worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{ worker_connections 256; }}
http {{
  types {{ text/html html; text/css css; application/javascript js; image/png png; image/svg+xml svg; }}
  access_log {folder}/access.log;
{temp}  client_max_body_size 64m;
  server {{
    listen 127.0.0.1:{port};
    server_name 127.0.0.1;
    root {site};
    index index.php;
    location / {{ try_files $uri $uri/ {path}/index.php?$args; }}
    location ~ \\.php$ {{
      try_files $uri =404;
{_FASTCGI}      fastcgi_pass unix:{folder}/web/fpm.sock;
    }}
  }}
}}
"""


_FASTCGI = "".join(
    f"      fastcgi_param {name} {value};\n"
    for name, value in {
        "SCRIPT_FILENAME": "$document_root$fastcgi_script_name",
        "SCRIPT_NAME": "$fastcgi_script_name",
        "QUERY_STRING": "$query_string",
        "REQUEST_METHOD": "$request_method",
        "REQUEST_URI": "$request_uri",
        "CONTENT_TYPE": "$content_type",
        "CONTENT_LENGTH": "$content_length",
        "DOCUMENT_URI": "$document_uri",
        "DOCUMENT_ROOT": "$document_root",
        "SERVER_PROTOCOL": "$server_protocol",
        "REQUEST_SCHEME": "$scheme",
        "GATEWAY_INTERFACE": "CGI/1.1",
        "SERVER_SOFTWARE": "nginx",
        "REMOTE_ADDR": "$remote_addr",
        "REMOTE_PORT": "$remote_port",
        "SERVER_ADDR": "$server_addr",
        "SERVER_PORT": "$server_port",
        "SERVER_NAME": "$server_name",
        "HTTP_PROXY": '""',
    }.items()
) + "      fastcgi_buffers 16 32k;\n      fastcgi_buffer_size 64k;\n      fastcgi_read_timeout 120s;\n"
