# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host whose API server only a bastion reaches: the playbooks run their modules there, by ssh."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.playbooks import play
from tests.testbed.control_plane import ControlPlane
from tests.testbed.ssh_server import ssh_server

pytestmark = pytest.mark.api

DEPLOYMENT = "/apis/apps/v1/namespaces/monitoring/deployments/thanos-query"


def test_check_deploy_and_teardown_through_a_bastion(tmp_path: Path) -> None:
    """No pods are asked for, since none would start."""
    with ControlPlane() as plane, ssh_server() as server:
        host = {
            **server.variables(),
            "ansible_python_interpreter": sys.executable,
            "thanos_kubeconfig": str(plane.kubeconfig),
            "thanos_enabled": "query",
            "thanos_query": {"replicas": 0},
        }
        checked = play("deploy", {"eu": host}, tmp_path, "--tags", "stack", "--check")
        assert checked.recap() == {"eu": (1, 0)}, checked.text
        assert plane.api.request("GET", DEPLOYMENT).status == 404
        first = play("deploy", {"eu": host}, tmp_path, "--tags", "stack")
        assert first.recap() == {"eu": (1, 0)}, first.text
        assert plane.api.must("GET", DEPLOYMENT)["spec"]["replicas"] == 0
        again = play("deploy", {"eu": host}, tmp_path, "--tags", "stack")
        assert again.recap() == {"eu": (0, 0)}, again.text
        gone = play("teardown", {"eu": host}, tmp_path)
        assert gone.code == 0, gone.text
        assert plane.api.request("GET", DEPLOYMENT).status == 404
        # Each of the four runs came in by the door.
        assert server.logins() >= 4
