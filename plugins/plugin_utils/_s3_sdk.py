# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SDK of S3 is imported once for all hosts and tasks: Ansible loads action plugins before it forks.

Most buckets are S3. Which ones the inventory has is not known yet; the SDKs of others are imported where they are used.
"""

from __future__ import annotations

import contextlib
import warnings

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.adapters.s3 import S3

_NOWHERE = {"bucket": "none", "endpoint": "localhost", "insecure": True, "access_key": "none", "secret_key": "none"}


def load() -> None:
    """Import it and read its files, for plugins to call when they are imported; nothing is connected.

    Much of it is loaded when a client is made. This one is dropped: each task makes its own, and tells what is wrong
    with the SDK. An error here would end ansible-playbook, for a task that is skipped too.
    """
    with contextlib.suppress(Exception), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        S3(_NOWHERE, 1, "")
