# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The library of certificates, imported once for all hosts and tasks: Ansible loads action plugins before it forks."""

from __future__ import annotations

import contextlib
from importlib import import_module

_MODULES = (
    "cryptography.x509",
    "cryptography.hazmat.primitives.asymmetric.ec",
    "cryptography.hazmat.primitives.serialization",
)


def load() -> None:
    """Import it, for plugins to call when they are imported.

    Where it is missing the module runs, and says so; an error here would end ansible-playbook.
    """
    with contextlib.suppress(ImportError):
        for name in _MODULES:
            import_module(name)
