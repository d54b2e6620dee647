# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that has a querier without pods: what the playbooks make of it needs no node."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.playbooks import play
from tests.testbed.control_plane import ControlPlane

DEPLOYMENT = "/apis/apps/v1/namespaces/monitoring/deployments/thanos-query"


def host_of(plane: ControlPlane, **more: Any) -> dict[str, Any]:
    """The variables of the host. No pods are asked for, since none would start."""
    querier = {"thanos_enabled": "query", "thanos_query": {"replicas": 0}}
    return {"thanos_kubeconfig": str(plane.kubeconfig), **querier, **more}


def comes_once_and_goes(plane: ControlPlane, host: Mapping[str, Any], folder: Path) -> None:
    """Deploy what is missing, deploy again, and take it away; nothing is there before."""
    first = play("deploy", {"eu": dict(host)}, folder, "--tags", "stack")
    assert first.recap() == {"eu": (1, 0)}, first.text
    assert plane.api.must("GET", DEPLOYMENT)["spec"]["replicas"] == 0
    again = play("deploy", {"eu": dict(host)}, folder, "--tags", "stack")
    assert again.recap() == {"eu": (0, 0)}, again.text
    gone = play("teardown", {"eu": dict(host)}, folder)
    assert gone.code == 0, gone.text
    assert plane.api.request("GET", DEPLOYMENT).status == 404
