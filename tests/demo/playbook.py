# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run one of the collection's playbooks over the example, as a user does, and tell what its pods wait for."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.o11y.thanos.plugins.module_utils._errors import Failure
from tests.demo.errors import DemoError
from tests.demo.server import Server
from tests.tasks.tree import ROOT, collections_path
from tests.testbed.progress import Progress

ONE = ROOT / "examples/one-cluster/inventory.yml"
STACK_PODS = "o11y.thanos/stack=thanos"
EVERY = 10.0


@dataclass(frozen=True)
class Player:
    """Runs playbooks with these environment variables, which hold the credentials, and these extra arguments."""

    environment: Mapping[str, str]
    arguments: tuple[str, ...]
    progress: Progress
    inventory: Path = ONE

    def play(self, playbook: str, *arguments: str, watched: Server | None = None) -> None:
        """Run ``o11y.thanos.<playbook>``; while it runs, say how far the pods of ``watched`` are."""
        shown = ["ansible-playbook", "-i", str(self.inventory.relative_to(ROOT)), f"o11y.thanos.{playbook}", *arguments]
        self.progress.say(" ".join(shown))
        command = [str(Path(sys.executable).with_name(shown[0])), *shown[1:], *self.arguments]
        done = threading.Event()
        watch = threading.Thread(target=self._watch, args=(watched, done), daemon=True)
        watch.start()
        try:
            ended = subprocess.run(command, cwd=ROOT, env=self._environment(), check=False)
        finally:
            done.set()
        if ended.returncode:
            raise DemoError(f"o11y.thanos.{playbook} failed; what it said is above")

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(collections_path()), **self.environment}

    def _watch(self, server: Server | None, done: threading.Event) -> None:
        told = ""
        while server and not done.wait(EVERY):
            try:
                state = server.state(STACK_PODS)
            except Failure:
                continue  # the playbook says what is wrong with the server
            if state != told:
                told = state
                self.progress.say(state)
