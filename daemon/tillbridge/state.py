"""The folder in which the daemon keeps what is secret: the pairing with the shop, and the code that waits for one.

Every file is written whole under another name and then takes its place, with mode 0600, so that a crash leaves the old
one or the new one. Where root writes into the folder of the daemon's own user, the files become that user's.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from tillbridge.core.pairing import Code, Paired, decode, encode
from tillbridge.errors import Malformed, StorageTrouble

PAIRING = "pairing.json"
CODE = "pairing-code.json"


class StateFolder:
    """`ports.Vault` in a folder of the file system."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def paired(self) -> Paired | None:
        """Raises `StorageTrouble` where there is a pairing that cannot be read: that is not the same as none."""
        text = self._read(PAIRING)
        try:
            return None if text is None else decode(text)
        except Malformed as error:
            raise StorageTrouble(f"{self.folder / PAIRING}: {error}") from error

    def keep(self, paired: Paired) -> None:
        self.write(PAIRING, encode(paired))

    def forget(self) -> None:
        self._remove(PAIRING)

    def code(self) -> Code | None:
        text = self._read(CODE)
        try:
            found = json.loads(text or "null")
            return None if found is None else Code(str(found["key"]), float(found["expires_at"]))
        except (ValueError, TypeError, KeyError):
            return None  # a code that cannot be read is none: `tillbridge init` makes another

    def expect(self, code: Code) -> None:
        self.write(CODE, json.dumps({"key": code.key, "expires_at": code.expires_at}))

    def use_code(self) -> None:
        self._remove(CODE)

    def write(self, name: str, text: str) -> Path:
        """Write a file of this folder that only its owner may read; where it is. Raises `StorageTrouble`."""
        path = self.folder / name
        fresh = self.folder / f".{name}.new"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh.unlink(missing_ok=True)
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                self._give_to_owner(handle)
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        except OSError as error:
            raise StorageTrouble(f"{path} cannot be written: {error.strerror}; mend [daemon] state_dir") from error
        return path

    def _give_to_owner(self, handle: int) -> None:
        """The open file and not its name, under which the folder's owner might have put another meanwhile."""
        folder = self.folder.stat()
        if os.geteuid() == 0 and folder.st_uid != 0:
            os.fchown(handle, folder.st_uid, folder.st_gid)

    def _read(self, name: str) -> str | None:
        try:
            return (self.folder / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise StorageTrouble(
                f"{self.folder / name} cannot be read: {reason}; run as the user that the daemon runs as"
            ) from error

    def _remove(self, name: str) -> None:
        try:
            (self.folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise StorageTrouble(f"{self.folder / name} cannot be removed: {error.strerror}") from error
