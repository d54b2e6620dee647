# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command lines of ansible-playbook, to be measured: which collection, which hosts, which play."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks import earlier
from tests.benchmarks.measure import Command
from tests.tasks.tree import collections_path
from tests.testbed.files import write_json

PROGRAM = str(Path(sys.executable).with_name("ansible-playbook"))
NOW, EARLIER = "now", earlier.COMMIT
NO_HISTORY = f"{EARLIER} is not in this clone's history, so nothing is compared with it; git fetch --unshallow gets it"


def versions() -> dict[str, Path]:
    """Name → folder of collections, of this tree and of the earlier commit where the history holds it."""
    found = {NOW: collections_path(), EARLIER: earlier.collections()}
    return {name: path for name, path in found.items() if path}


def kubeconfig_without_tls(folder: Path, url: str, name: str) -> Path:
    """A kubeconfig for a server of a benchmark, which asks for no credential."""
    parts = {
        "clusters": [{"name": "one", "cluster": {"server": url}}],
        "users": [{"name": "one", "user": {"token": "none"}}],
        "contexts": [{"name": "one", "context": {"cluster": "one", "user": "one"}}],
    }
    path = folder / f"{name}.kubeconfig"
    write_json(path, {"apiVersion": "v1", "kind": "Config", "current-context": "one", **parts})
    return path


@dataclass(frozen=True)
class Plays:
    """Writes plays and inventories into one folder and makes commands of them."""

    folder: Path

    def inventory(self, name: str, hosts: Mapping[str, Mapping[str, Any]]) -> Path:
        """An inventory whose hosts are this machine's Ansible itself."""
        here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        path = self.folder / f"{name}.inventory.json"
        path.write_text(json.dumps({"all": {"hosts": {host: {**here, **more} for host, more in hosts.items()}}}))
        return path

    def play(self, name: str, **keywords: Any) -> str:
        """A playbook of one play."""
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps([{"hosts": "all", "gather_facts": False, **keywords}]))
        return str(path)

    def command(
        self, name: str, playbook: str, inventory: Path, collections: Sequence[Path], *arguments: str, **more: Any
    ) -> Command:
        """``playbook`` by its path or, of a collection, by its name."""
        environment = {
            "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(map(str, collections)),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "0",
        }
        argv = (PROGRAM, "-i", str(inventory), playbook, *arguments)
        return Command(name, argv, environment, self.folder, **more)
