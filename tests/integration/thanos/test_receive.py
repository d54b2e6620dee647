# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A receive on a real API server: what is written, that a second run writes nothing, and what a toggle takes away."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Cluster

pytestmark = pytest.mark.api
RINGS: list[dict[str, Any]] = [
    {"name": "acme", "tenants": ["acme"], "replicas": 5, "zones": True, "retention": "2d"},
    {"name": "teams", "tenants": ["team-*"], "tenant_matcher": "glob"},
    {"name": "default"},
]
FULL = {
    "hashrings": RINGS,
    "limits": {"default": {"head_series_limit": 1000}, "tenants": {"acme": {"series_limit": 10}}},
    "replication_protocol": "capnproto",
    "service": {"type": "NodePort"},
}


@pytest.fixture
def receiving(cluster: Cluster) -> Cluster:
    """A namespace with a receive that has everything."""
    assert not cluster.secret().failed
    for name, count in {"acme": 5, "teams": 3, "default": 3, "shop": 3}.items():
        cluster.ingestors(f"thanos-receive-{name}", count)
    result = cluster.stack({"receive": FULL})
    assert not result.failed, result["msg"]
    return cluster


def test_second_run_changes_nothing(receiving: Cluster) -> None:
    result = receiving.stack({"receive": FULL})
    assert (result["changed"], result.actions()) == (False, {})


def test_check_mode_predicts_a_further_ring(receiving: Cluster) -> None:
    more = {**FULL, "hashrings": [{"name": "shop", "tenants": ["shop"]}, *RINGS]}
    predicted = receiving.stack({"receive": more}, check=True)
    done = receiving.stack({"receive": more})
    assert predicted.actions() == done.actions()
    assert done.actions()["StatefulSet/thanos-receive-shop"] == "created"


TOGGLES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "limits": ({"limits": None}, {"ConfigMap/thanos-receive-limits"}),
    "protocol": (
        {"replication_protocol": "protobuf"},
        {f"NetworkPolicy/thanos-receive-{ring['name']}" for ring in RINGS},
    ),
    "routers": (
        {"mode": "combined"},
        {f"{kind}/thanos-receive-router" for kind in ("Deployment", "Service", "ServiceAccount", "PodDisruptionBudget")}
        | {"Service/thanos-receive-router-headless"},
    ),
}


@pytest.mark.parametrize(("change", "gone"), TOGGLES.values(), ids=TOGGLES)
def test_what_is_turned_off_leaves_nothing_behind(receiving: Cluster, change: dict[str, Any], gone: set[str]) -> None:
    actions = receiving.stack({"receive": {**FULL, **change}}).actions()
    assert {name for name, action in actions.items() if action == "deleted"} == gone
    assert receiving.stack({"receive": {**FULL, **change}})["changed"] is False


def test_absent_receive_is_gone(receiving: Cluster) -> None:
    assert set(receiving.stack({"receive": {"state": "absent"}}).actions().values()) == {"deleted"}
    path = f"/apis/apps/v1/namespaces/{receiving.namespace}"
    for plural in ("statefulsets", "deployments"):
        assert receiving.client.request("GET", f"{path}/{plural}").body["items"] == []


def test_changed_limits_restart_nothing(receiving: Cluster) -> None:
    changed = {**FULL, "limits": {"default": {"head_series_limit": 2000}, "tenants": {"acme": {"series_limit": 20}}}}
    assert receiving.stack({"receive": changed}).actions() == {"ConfigMap/thanos-receive-limits": "updated"}


def test_object_store_of_a_ring_is_missed(cluster: Cluster) -> None:
    assert not cluster.secret().failed
    result = cluster.stack({"receive": {"hashrings": [{"name": "default", "objstore": "cold"}]}})
    assert result.failed
    assert f"the Secret {cluster.namespace}/thanos-objstore-cold that receive need does not exist" in result["msg"]


def test_querier_that_is_deployed_alone_reads_every_ring(receiving: Cluster) -> None:
    receiving.stack({"query": {}})
    endpoints = receiving.get("configmaps/thanos-query")["data"]["endpoints.yaml"]
    found = [name for name in ("acme", "teams", "default", "router") if f"thanos-receive-{name}-headless" in endpoints]
    assert found == ["acme", "teams", "default"]
