"""The installable plugin: one folder, everything that it loads, nothing else, the same bytes every time."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def pack(folder: Path) -> Path:
    done = subprocess.run([sys.executable, ROOT / ".ci/plugin", folder], capture_output=True, text=True, check=True)
    return Path(done.stdout.strip())


def test_the_zip_holds_the_plugin_in_a_folder_of_its_name(tmp_path: Path) -> None:
    packed = pack(tmp_path)
    with zipfile.ZipFile(packed) as archive:
        names = set(archive.namelist())
        main = archive.read("tillbridge/tillbridge.php").decode()
        loaded = set(re.findall(r"require_once __DIR__ \. '(/[^']+)'", main))
        assert {"tillbridge/tillbridge.php", "tillbridge/uninstall.php", "tillbridge/readme.txt"} <= names
        assert {name for name in names if not name.startswith("tillbridge/")} == set()
        assert {path for path in loaded if f"tillbridge{path}" not in names} == set()
        assert [name for name in names if "phpcs" in name or "/tests/" in name] == []
    version = re.search(r"^const VERSION = '([^']+)';$", main, re.MULTILINE)
    assert version is not None
    assert packed.name == f"tillbridge-{version[1]}.zip"


def test_the_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    assert pack(tmp_path / "one").read_bytes() == pack(tmp_path / "two").read_bytes()
