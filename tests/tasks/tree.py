# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where things are in a checkout, whatever its folder is called."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
BUILD = ROOT / ".build"


def collections_path() -> Path:
    """Make the checkout importable as ``ansible_collections.o11y.thanos``. Returns the folder to search from."""
    link = BUILD / "ansible_collections" / "o11y" / "thanos"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to("../../..", target_is_directory=True)
    return BUILD


def project_files() -> list[str]:
    """Paths of the files that belong to the project, committed or about to be, relative to its root and sorted."""
    # A checkout may belong to another user than the one who tests it, as it does on many build machines.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return sorted({path for path in listed if path and (ROOT / path).is_file()})
