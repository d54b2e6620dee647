# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module ``objstore_secret`` in the controller's process."""

from __future__ import annotations

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.objstore_secret_task import OBJSTORE_SECRET
from ansible_collections.o11y.thanos.plugins.plugin_utils import _kubernetes_sdk
from ansible_collections.o11y.thanos.plugins.plugin_utils._in_process import InProcess

_kubernetes_sdk.load()


class ActionModule(InProcess):
    """See ``InProcess``."""

    module = "o11y.thanos.objstore_secret"
    body = OBJSTORE_SECRET
