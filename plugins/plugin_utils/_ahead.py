# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's filters and what they import, imported once for all hosts and tasks.

Action plugins are loaded before Ansible forks, filters after it: without this every worker that meets a filter would
load dozens of files for it.
"""

from __future__ import annotations

from importlib import import_module

_FILTERS = "ansible_collections.o11y.thanos.plugins.filter.variables"


def load() -> None:
    """Import it, for plugins to call when they are imported."""
    import_module(_FILTERS)
