# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook deploy on a real API server without nodes, which every release of ansible-core has to get through."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.playbooks import play
from tests.testbed.control_plane import ControlPlane

pytestmark = pytest.mark.api

DEPLOYMENT = "/apis/apps/v1/namespaces/monitoring/deployments/thanos-query"


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    with ControlPlane() as running:
        yield running


def test_deploy_makes_what_is_missing_once_and_teardown_takes_it_away(plane: ControlPlane, tmp_path: Path) -> None:
    """No pods are asked for, since none would start; so there is nothing that verify could ask either."""
    options: dict[str, Any] = {"replicas": 0}
    host = {"thanos_kubeconfig": str(plane.kubeconfig), "thanos_enabled": "query", "thanos_query": options}
    first = play("deploy", {"eu": host}, tmp_path, "--tags", "stack")
    assert first.recap() == {"eu": (1, 0)}, first.text
    assert plane.api.must("GET", DEPLOYMENT)["spec"]["replicas"] == 0
    again = play("deploy", {"eu": host}, tmp_path, "--tags", "stack")
    assert again.recap() == {"eu": (0, 0)}, again.text
    gone = play("teardown", {"eu": host}, tmp_path)
    assert gone.code == 0, gone.text
    assert plane.api.request("GET", DEPLOYMENT).status == 404
