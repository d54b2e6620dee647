# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A filter for a Prometheus that somebody else deploys: what it must be told to write to a receive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleTemplatePluginError

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.remote_write import (
    OPERATORS_DIR,
    remote_writes_of_others,
)
from ansible_collections.o11y.thanos.plugins.plugin_utils._variables import told

_FORMS = ("prometheus", "operator")


def remote_write(to: Any, form: str = "prometheus", folder: str = OPERATORS_DIR) -> list[dict[str, Any]]:
    """See remote_write.yml."""
    if form not in _FORMS:
        raise AnsibleTemplatePluginError(f"remote_write has no form '{form}': use {' or '.join(_FORMS)}")
    return told(lambda: remote_writes_of_others(to, operator=form == "operator", folder=folder))


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """As Ansible asks for it."""
        return {"remote_write": remote_write}
