# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The API server's audit log: which requests clients sent, one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Namespace of the add-on that gives claims their storage.
PROVISIONER_NAMESPACE = "local-path-storage"
# The user that the testbed's own probes come as; never in the log.
TESTBED_USER = "testbed"
# The user whose requests only mark a place in the log.
MARKER_USER = "testbed-marker"

# Everything that Kubernetes' own parts and the testbed do is left out, so that what remains was sent by a test.
POLICY: dict[str, Any] = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [
        {
            "level": "None",
            "users": [
                TESTBED_USER,
                "system:apiserver",
                "system:kube-controller-manager",
                "system:kube-proxy",
                "system:kube-scheduler",
            ],
        },
        {
            "level": "None",
            "userGroups": [
                "system:nodes",
                "system:serviceaccounts:kube-system",
                f"system:serviceaccounts:{PROVISIONER_NAMESPACE}",
            ],
        },
        {"level": "Metadata", "omitManagedFields": True},
    ],
}


def read_events(path: Path, offset: int = 0) -> Iterator[dict[str, Any]]:
    """The requests logged after byte ``offset``, one event each, in the order in which they were answered.

    A watch is logged when it starts and when it ends; only the first of the two is returned.
    """
    seen: set[str] = set()
    with path.open("rb") as stream:
        stream.seek(offset)
        for line in stream:
            if not line.endswith(b"\n"):
                return
            event: dict[str, Any] = json.loads(line)
            if event["auditID"] not in seen:
                seen.add(event["auditID"])
                yield event


def user_of(event: dict[str, Any]) -> str:
    """Name of the user who sent the request."""
    return str(event["user"]["username"])
