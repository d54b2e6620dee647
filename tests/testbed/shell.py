# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Short commands of the host: run, and explained when they fail."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.testbed.errors import TestbedError, tells_full_disk


def environment() -> dict[str, str]:
    """Ours without proxies: every address of the testbed is on this machine."""
    return {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


def run(*arguments: str | Path, data: str | None = None, variables: Mapping[str, str] | None = None) -> str:
    """Run a command, ``data`` on its standard input, ``variables`` beside its environment (a secret belongs there).

    Returns its standard output; raises when it fails.
    """
    done = attempt(*arguments, data=data, variables=variables)
    if done.returncode != 0:
        command = " ".join(map(str, arguments))
        if tells_full_disk(done.stderr):
            raise TestbedError(f"the disk is full: '{command}' found no room")
        raise TestbedError(f"'{command}' failed: {(done.stderr or done.stdout).strip()[-800:]}")
    return done.stdout


def attempt(
    *arguments: str | Path, data: str | None = None, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command that may fail."""
    argv = [str(argument) for argument in arguments]
    beside = {**environment(), **(variables or {})}
    try:
        return subprocess.run(argv, input=data, capture_output=True, text=True, check=False, env=beside)
    except FileNotFoundError:
        raise TestbedError(f"{argv[0]} is not installed: run 'python3 -m tests.testbed prepare'") from None
