# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A callback of Ansible that writes what each task cost all hosts together: seconds of wall clock and of CPU.

The file that ``TASK_COSTS`` names gets a list of ``[play, task, wall, CPU]`` in the order of the run.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import time
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: task_costs
type: aggregate
short_description: What each task cost all hosts together
description: [See the file.]
"""


class CallbackModule(CallbackBase):
    """A task lasts until the next one starts."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "task_costs"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._play, self._name = "", "start"
        self._wall, self._cpu = time.perf_counter(), 0.0
        self._rows: list[tuple[str, str, float, float]] = []

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """Tasks from now on are those of this play."""
        self._next(play.get_name(), "start")

    def v2_playbook_on_task_start(self, task: Any, **_more: Any) -> None:
        """The task before has ended for all hosts."""
        self._next(self._play, task.get_name())

    def v2_playbook_on_stats(self, _stats: Any) -> None:
        """All have ended."""
        self._next("", "")
        Path(os.environ["TASK_COSTS"]).write_text(json.dumps(self._rows))

    def _next(self, play: str, name: str) -> None:
        wall, cpu = time.perf_counter(), _cpu()
        self._rows.append((self._play, self._name, wall - self._wall, cpu - self._cpu))
        self._play, self._name, self._wall, self._cpu = play, name, wall, cpu


def _cpu() -> float:
    """Seconds of this process and of those it started; the workers of a task have ended, and are waited for here."""
    multiprocessing.active_children()
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
