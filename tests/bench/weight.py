"""How much there is of the plugin: as a shop installs it, and as it lies there."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKER = Path(__file__).resolve().parents[2] / ".ci" / "plugin"


def of_plugin() -> dict[str, int]:
    """Files, lines of PHP, bytes unpacked and zipped, of the archive that is shipped."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, str(PACKER), folder], check=True, capture_output=True)
        (packed,) = Path(folder).glob("*.zip")
        with zipfile.ZipFile(packed) as archive:
            files = {one.filename: archive.read(one) for one in archive.infolist()}
        return {
            "files": len(files),
            "lines": sum(text.count(b"\n") for name, text in files.items() if name.endswith(".php")),
            "bytes": sum(map(len, files.values())),
            "zip_bytes": packed.stat().st_size,
        }
