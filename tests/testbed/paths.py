# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the testbed keeps what it builds and what it runs; nothing is written outside these two folders."""

from __future__ import annotations

import itertools
import os
import re
import shutil
from pathlib import Path

MODULES = Path(__file__).parent / "modules"
_NUMBERS = itertools.count(1)
_PRIVATE_NAME = re.compile(r"test-(\d+)-\d+")


def cache_dir() -> Path:
    """Folder of compiled binaries and images; outlives every ``down``."""
    chosen = os.environ.get("O11Y_THANOS_CACHE")
    if chosen:
        return Path(chosen).absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "o11y-thanos"


def state_dir() -> Path:
    """Folder of everything that runs: pid files, logs, certificates, data."""
    chosen = os.environ.get("O11Y_THANOS_STATE")
    if chosen:
        return Path(chosen).absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/o11y-thanos-testbed")
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state") / "o11y-thanos-testbed"


def private_name() -> str:
    """A name that no other process chooses, for what lives no longer than this one."""
    return f"test-{os.getpid()}-{next(_NUMBERS)}"


def sweep(directory: Path) -> None:
    """Remove folders with private names whose process was killed; what it had started ended with it."""
    for folder in directory.glob("test-*"):
        match = _PRIVATE_NAME.fullmatch(folder.name)
        if match and not Path("/proc", match[1]).exists():
            shutil.rmtree(folder, ignore_errors=True)
