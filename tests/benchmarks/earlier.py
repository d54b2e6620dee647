# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as it was at an earlier commit, to be measured beside this one."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from pathlib import Path

from tests.tasks.tree import GIT_TRUSTS, ROOT
from tests.testbed.files import locked
from tests.testbed.paths import cache_dir

# The last commit at which every task was a module in a process of its own.
COMMIT = "8a5df96"


def tree(commit: str = COMMIT) -> Path | None:
    """A folder with the files of that commit; None where the history is not there, as in a shallow clone."""
    folder = cache_dir() / "earlier" / commit
    target = folder / "ansible_collections" / "o11y" / "thanos"
    with locked(cache_dir() / "earlier" / f".{commit}.lock"):
        if not target.exists():
            command = ["git", "archive", "--format=tar", commit]
            packed = subprocess.run(
                command, cwd=ROOT, capture_output=True, check=False, env={**os.environ, **GIT_TRUSTS}
            )
            if packed.returncode:
                return None
            draft = folder / "draft"
            draft.mkdir(parents=True, exist_ok=True)
            with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
                archive.extractall(draft, filter="data")
            target.parent.mkdir(parents=True, exist_ok=True)
            draft.rename(target)
    return target


def collections(commit: str = COMMIT) -> Path | None:
    """A folder for ANSIBLE_COLLECTIONS_PATH, with that commit's collection."""
    found = tree(commit)
    return found.parents[2] if found else None
