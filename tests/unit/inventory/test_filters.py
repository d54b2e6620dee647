# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every task of a run is a process of its own: what it needs of the filters is there before Ansible forks it."""

from __future__ import annotations

import subprocess
import sys

from tests.tasks.tree import collections_path

LOADED = """
import sys
from ansible.plugins.loader import action_loader, filter_loader, init_plugin_loader

init_plugin_loader([sys.argv[1]])
action_loader.get("o11y.thanos.stack", class_only=True)
filters = sys.modules["ansible_collections.o11y.thanos.plugins.filter.variables"]
assert filter_loader.get("o11y.thanos.instances").j2_function is filters.instances
"""


def test_action_plugin_brings_the_filters_that_its_task_uses() -> None:
    program = [sys.executable, "-c", LOADED, str(collections_path())]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
