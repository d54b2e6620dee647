# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SDK of Kubernetes is imported once for all hosts and tasks: Ansible loads action plugins before it forks."""

from __future__ import annotations

import contextlib
from importlib import import_module

_MODULES = ("kubernetes.client", "kubernetes.config", "kubernetes.dynamic")


def load() -> None:
    """Import it, for plugins to call when they are imported; nothing is connected.

    What is open before the fork would give the answers of one host to another. Where the SDK is missing the module
    runs; an error here would end ansible-playbook, for a task that is skipped too.
    """
    with contextlib.suppress(ImportError):
        for name in _MODULES:
            import_module(name)
