# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a playbook, or another program of Ansible, as users do, and read what it printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.tasks.tree import collections_path

_RECAP = re.compile(r"^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Play:
    """What a program printed, errors among the rest, and its exit code."""

    code: int
    text: str = field(repr=False)

    def recap(self) -> dict[str, tuple[int, int]]:
        """(changed, failed) by host."""
        return {m[1]: (int(m[3]), int(m[5])) for m in _RECAP.finditer(self.text)}

    def plain(self) -> str:
        """The text without the line breaks and quotes of YAML and JSON."""
        return " ".join(self.text.replace("\\n", " ").replace('\\"', '"').split())


def play(playbook: str, inventory: Mapping[str, Any] | Path, folder: Path, *arguments: str) -> Play:
    """Run ``o11y.thanos.<playbook>`` (or a file). An inventory that is a mapping of hosts is written to ``folder``."""
    if isinstance(inventory, Mapping):
        file = folder / "inventory.yml"
        file.write_text(yaml.safe_dump({"all": {"hosts": dict(inventory)}}), encoding="utf-8")
    else:
        file = inventory
    name = playbook if "/" in playbook else f"o11y.thanos.{playbook}"
    environment = {**os.environ, "ANSIBLE_HOST_KEY_CHECKING": "0"}
    return _run("ansible-playbook", ("-i", str(file), name, *arguments), folder, environment)


def run_afresh(program: str, *arguments: str, cwd: Path) -> Play:
    """Run a program of Ansible in a folder that is its home too, without what is set for Ansible here."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
        "ANSIBLE_COLLECTIONS_PATH": str(collections_path()),
        "ANSIBLE_HOME": str(cwd / "home"),
    }
    return _run(program, arguments, cwd, environment)


def _run(program: str, arguments: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> Play:
    done = subprocess.run(
        [str(Path(sys.executable).with_name(program)), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=900,
        stdin=subprocess.DEVNULL,
        cwd=cwd,
        env={**environment, "ANSIBLE_NOCOLOR": "1"},
    )
    return Play(done.returncode, done.stdout)
