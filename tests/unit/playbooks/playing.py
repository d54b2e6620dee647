# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs ansible-playbook as people do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.tasks.tree import collections_path


def play(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run ``ansible-playbook`` in the folder ``cwd``; both outputs are in ``stdout``."""
    return run("ansible-playbook", *arguments, cwd=cwd)


def run(program: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program of Ansible in the folder ``cwd``; both outputs are in ``stdout``."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
        "ANSIBLE_COLLECTIONS_PATH": str(collections_path()),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_HOME": str(cwd / "home"),
    }
    return subprocess.run(
        [str(Path(sys.executable).with_name(program)), *arguments],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
