# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's filters and what they import, imported once for all hosts and tasks.

Action plugins are loaded before Ansible forks, filters after it, and Ansible keeps no compiled files of a collection:
without this every worker that meets a filter would compile dozens of them. (A finder of ours that kept them would halve
what loading costs, but ``ansible-test sanity`` lets no plugin change ``sys.meta_path``.)
"""

from __future__ import annotations

from importlib import import_module

_FILTERS = "ansible_collections.o11y.thanos.plugins.filter.variables"


def load() -> None:
    """Import it, for plugins to call when they are imported."""
    import_module(_FILTERS)
