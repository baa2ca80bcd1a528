"""One daemon for one database: a lock that the kernel drops when the process dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from tillbridge.errors import AlreadyRunning, StorageTrouble


class Exclusive:
    """Held from construction until `release` or the end of the process. Raises `AlreadyRunning`."""

    def __init__(self, database_path: str) -> None:
        path = Path(f"{Path(database_path).resolve()}.lock")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._handle = path.open("a+")
        except OSError as error:
            raise StorageTrouble(f"{path} cannot be made: {error.strerror}; mend [daemon] database") from error
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._handle.seek(0)
            holder = self._handle.read().strip() or "unknown"
            self._handle.close()
            raise AlreadyRunning(
                f"another Tillbridge daemon (process {holder}) works on {database_path}:"
                " stop it first, or use another database"
            ) from None
        except OSError as error:
            self._handle.close()
            raise StorageTrouble(f"{path} cannot be locked: {error.strerror}; use a local disk") from error
        self._handle.truncate(0)
        self._handle.write(str(os.getpid()))
        self._handle.flush()

    def release(self) -> None:
        self._handle.close()
