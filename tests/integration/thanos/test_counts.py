# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The number of pods handed over to an autoscaler on a real API server, which sets a field that nobody owns to 1."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Cluster

pytestmark = pytest.mark.api
QUERY, STORE = "deployments/thanos-query", "statefulsets/thanos-store"


def count(cluster: Cluster, path: str = QUERY) -> int:
    """How many pods a workload shall have."""
    return int(cluster.get(path)["spec"]["replicas"])


def scale(cluster: Cluster, replicas: int, path: str = QUERY) -> None:
    """Write the count as an autoscaler does."""
    cluster.client.request(
        "PATCH",
        f"/apis/apps/v1/namespaces/{cluster.namespace}/{path}/scale",
        query={"fieldManager": "kube-controller-manager"},
        body={"spec": {"replicas": replicas}},
        content_type="application/merge-patch+json",
    )


def left(**more: Any) -> dict[str, Any]:
    """Instances whose count is left to somebody else."""
    return {name: {"manage_replicas": False, **more} for name in ("query", "store")}


def test_new_workloads_begin_with_the_typed_count_and_keep_it(cluster: Cluster) -> None:
    cluster.secret()
    cluster.stack(left(replicas=3))
    assert cluster.stack(left(replicas=4))["changed"] is False
    assert cluster.stack(left(replicas=4, log_level="debug"))["changed"] is True
    assert (count(cluster), count(cluster, STORE)) == (3, 3)


def test_count_of_an_autoscaler_stays_through_changes_of_ours(cluster: Cluster) -> None:
    cluster.secret()
    cluster.stack(left())
    for path in (QUERY, STORE):
        scale(cluster, 5, path)
    assert cluster.stack(left())["changed"] is False
    cluster.stack(left(log_level="debug"), check=True)
    cluster.stack(left(log_level="debug"))
    assert (count(cluster), count(cluster, STORE)) == (5, 5)
    assert cluster.stack(left(log_level="debug"))["changed"] is False


@pytest.mark.parametrize("scaled", [True, False])
def test_count_is_handed_over_without_a_reset_and_taken_back(cluster: Cluster, scaled: bool) -> None:
    cluster.stack({"query": {"replicas": 3}})
    if scaled:
        scale(cluster, 6)
    for level in ("debug", "info", "info"):
        cluster.stack({"query": {"manage_replicas": False, "log_level": level}})
        assert count(cluster) == (6 if scaled else 3)
    cluster.stack({"query": {"replicas": 4}})
    assert count(cluster) == 4


def test_autoscaler_takes_over_after_the_handover(cluster: Cluster) -> None:
    cluster.stack({"query": {"replicas": 3}})
    cluster.stack({"query": {"manage_replicas": False}})
    scale(cluster, 2)
    cluster.stack({"query": {"manage_replicas": False, "log_level": "debug"}})
    assert count(cluster) == 2
