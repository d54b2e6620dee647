# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook deploy on a real API server without nodes, which every release of ansible-core has to get through."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.playbooks.conftest import STORAGE_CLASS
from tests.support.lone_querier import DEPLOYMENT, comes_once_and_goes, host_of
from tests.support.playbooks import play
from tests.testbed.control_plane import ControlPlane

pytestmark = pytest.mark.api


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    with ControlPlane() as running:
        yield running


def test_deploy_makes_what_is_missing_once_and_teardown_takes_it_away(plane: ControlPlane, tmp_path: Path) -> None:
    """There are no pods, so there is nothing that verify could ask either."""
    comes_once_and_goes(plane, host_of(plane), tmp_path)


def test_teardown_with_a_misspelt_variable_removes_nothing(plane: ControlPlane, tmp_path: Path) -> None:
    assert play("deploy", {"eu": host_of(plane)}, tmp_path, "--tags", "stack").code == 0
    misspelt = {"eu": host_of(plane, thanos_namespce="other", thanos_teardown_claim=True)}
    refused = play("teardown", misspelt, tmp_path)
    assert refused.recap() == {"eu": (0, 1)}, refused.text
    assert "thanos_namespce: there is no such variable. Did you mean 'thanos_namespace'?" in refused.text
    assert "thanos_teardown_claim: there is no such variable. Did you mean 'thanos_teardown_claims'?" in refused.text
    assert plane.api.request("GET", DEPLOYMENT).status == 200
    assert play("teardown", {"eu": host_of(plane)}, tmp_path).code == 0


def test_agent_is_deployed_without_an_object_store(plane: ControlPlane, tmp_path: Path) -> None:
    plane.api.must("POST", "/apis/storage.k8s.io/v1/storageclasses", STORAGE_CLASS)
    to = {"remote_write": [{"url": "https://hub.example.org/api/v1/receive"}]}
    edge = host_of(plane, thanos_enabled="sidecar", thanos_sidecar={"agent": True, "replicas": 0, **to})
    first = play("deploy", {"edge": edge}, tmp_path, "--skip-tags", "verify")
    # What `check` foretells counts, too.
    assert first.recap() == {"edge": (2, 0)}, first.text
    assert play("deploy", {"edge": edge}, tmp_path, "--skip-tags", "verify").recap() == {"edge": (0, 0)}
    gone = play("teardown", {"edge": edge}, tmp_path)
    assert gone.code == 0, gone.text
