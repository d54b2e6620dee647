# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the testbed keeps what it builds and what it runs; nothing is written outside these two folders."""

from __future__ import annotations

import os
from pathlib import Path

MODULES = Path(__file__).parent / "modules"


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
