# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a task's options and mode reach the engine."""

from __future__ import annotations

from ansible_collections.o11y.thanos.plugins.module_utils._body import Mode
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.task import settings


def test_what_the_run_waits_for_is_told_by_the_tasks_way_to_show_it() -> None:
    told: list[str] = []
    mode = Mode(check_mode=True, diff=True, tell=told.append)
    chosen = settings({"wait": True, "wait_timeout": None}, mode)
    chosen.tell("query: 0 of 2 pods ready")
    assert told == ["query: 0 of 2 pods ready"]
    assert (chosen.check_mode, chosen.with_diff, chosen.wait, chosen.wait_timeout) == (True, True, True, 60)
