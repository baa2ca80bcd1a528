"""One daemon for one database: a lock that the kernel drops when the process dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from tillbridge.errors import AlreadyRunning


class Exclusive:
    """Held from construction until `release` or the end of the process. Raises `AlreadyRunning`."""

    def __init__(self, database_path: str) -> None:
        self._path = Path(f"{database_path}.lock")
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._handle = self._path.open("a+")
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._handle.seek(0)
            holder = self._handle.read().strip() or "unknown"
            self._handle.close()
            raise AlreadyRunning(
                f"another Tillbridge daemon (process {holder}) works on {database_path}:"
                " stop it first, or use another database"
            ) from None
        self._handle.truncate(0)
        self._handle.write(str(os.getpid()))
        self._handle.flush()

    def release(self) -> None:
        self._handle.close()
