# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where things are in a checkout, whatever its folder is called."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.testbed.errors import tell_file

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
BUILD = ROOT / ".build"
CACHE = ROOT / ".cache"
# A checkout may belong to another user than the one who tests it, as it does on many build machines.
GIT_TRUSTS = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}


def collections_path() -> Path:
    """Make the checkout importable as ``ansible_collections.o11y.thanos``. Returns the folder to search from."""
    link = BUILD / "ansible_collections" / "o11y" / "thanos"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to("../../..", target_is_directory=True)
    return BUILD


def project_files() -> list[str]:
    """Paths of the files that belong to the project, committed or about to be, relative to its root and sorted."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    environment = {**os.environ, **GIT_TRUSTS}
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, env=environment).stdout
    return sorted({path for path in listed.split("\0") if path and (ROOT / path).is_file()})


def require_writable(*folders: Path) -> None:
    """Raise the error of a folder that is not ours, before a program is started that would tell it at length."""
    for folder in folders:
        if folder.exists() and not os.access(folder, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))


def run_told(work: Callable[[], int]) -> int:
    """The exit code of ``work``; a file of another user ends it in one sentence."""
    try:
        return work()
    except OSError as error:
        print(tell_file(error, "run make as that user, or in a clone of your own"), file=sys.stderr)
        return 1
