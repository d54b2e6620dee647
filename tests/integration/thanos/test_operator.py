# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sidecars by the real Prometheus Operator: what it makes of our fields runs, and is gone when they are given back."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._inventory.arguments import instances
from tests.support.certificates import authority
from tests.support.modules import run_module
from tests.support.operated import GROUP, PROMETHEUSES, Kubelet, define, definitions, operating, without
from tests.support.waiting import answers, until
from tests.testbed import versions
from tests.testbed.build import build
from tests.testbed.control_plane import ControlPlane
from tests.testbed.progress import Progress

from .conftest import Cluster, control_plane
from .test_beside_resource import guide

pytestmark = [pytest.mark.api, pytest.mark.slow]

# What the server and the operator write by themselves.
_SERVERS = ("managedFields", "resourceVersion", "generation")
NAME = "query.thanos.eu.thanos.internal"


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A control plane with the operator, whose definitions no other test needs."""
    build(("prometheus", "thanos", "prometheus-operator"), Progress(quiet=True))
    with control_plane() as running, operating(running, tmp_path_factory.mktemp("operator")):
        yield running


def path(cluster: Cluster, name: str) -> str:
    return f"/apis/{GROUP}/v1/namespaces/{cluster.namespace}/prometheuses/{name}"


def made(cluster: Cluster, kubelet: Kubelet, name: str, **spec: Any) -> None:
    """A resource of the owner's; returns when the operator says that its pod is there."""
    body = {
        "apiVersion": f"{GROUP}/v1",
        "kind": "Prometheus",
        "metadata": {"name": name, "labels": {"team": "shop"}},
        "spec": {
            "replicas": 1,
            "externalLabels": {"cluster": "eu"},
            # Without one the operator leaves the whole configuration to its owner.
            "serviceMonitorSelector": {},
            # No pod here has an address of its own.
            "additionalArgs": [{"name": "web.listen-address", "value": kubelet.listen}],
            **spec,
        },
    }
    cluster.client.request("POST", path(cluster, ""), body=body, query={"fieldManager": "their-tool"})
    until(
        lambda: cluster.client.request("GET", path(cluster, name)).body.get("status", {}).get("availableReplicas"), 180
    )


def own_part(cluster: Cluster, name: str) -> str:
    """The resource but for what the server and the operator write."""
    live = cluster.client.request("GET", path(cluster, name)).body
    metadata = {key: value for key, value in live["metadata"].items() if key not in _SERVERS}
    return json.dumps({"metadata": metadata, "spec": live["spec"]}, sort_keys=True)


def pods_of(cluster: Cluster, name: str) -> dict[str, Any]:
    """What the operator has made of a resource: the template of its pods."""
    return dict(cluster.get(f"statefulsets/prometheus-{name}")["spec"]["template"])


def sidecar_of(cluster: Cluster, name: str) -> dict[str, Any]:
    """The container of Thanos in that."""
    return next(dict(c) for c in pods_of(cluster, name)["spec"]["containers"] if c["name"] == "thanos-sidecar")


def beside(**named: Any) -> dict[str, Any]:
    return {"prometheus": {"restart_prometheus": True, **named}}


def test_operator_runs_the_sidecar_and_takes_it_away_and_the_resource_is_byte_for_byte_as_before(
    cluster: Cluster, tmp_path: Path
) -> None:
    assert not cluster.secret().failed
    with Kubelet(cluster.plane.api, cluster.namespace, "main", tmp_path / "main") as kubelet:
        made(cluster, kubelet, "main")
        before, template = own_part(cluster, "main"), pods_of(cluster, "main")
        # It waits until the operator says that the new pods are there.
        result = cluster.stack({"sidecar": beside(custom_resource="main")}, wait=True)
        assert not result.failed, result["msg"]
        thanos = sidecar_of(cluster, "main")
        assert thanos["image"] == f"quay.io/thanos/thanos:v{versions.THANOS}"
        assert thanos["env"] == [
            {
                "name": "OBJSTORE_CONFIG",
                "valueFrom": {"secretKeyRef": {"name": "thanos-objstore-default", "key": "objstore.yml"}},
            }
        ]
        args = pods_of(cluster, "main")["spec"]["containers"][0]["args"]
        assert {"--storage.tsdb.min-block-duration=2h", "--storage.tsdb.max-block-duration=2h"} <= set(args)
        with urllib.request.urlopen(f"{kubelet.sidecar}/metrics", timeout=5) as answer:
            assert "thanos_sidecar_prometheus_up 1" in answer.read().decode().splitlines()
        again = cluster.stack({"sidecar": beside(custom_resource="main")}, wait=True)
        assert (again["changed"], again.actions()) == (False, {})
        gone = cluster.stack({"sidecar": {"state": "absent"}}, wait=True)
        assert gone.actions()["Prometheus/main"] == "updated"
        assert own_part(cluster, "main") == before
        until(lambda: pods_of(cluster, "main") == template)


def test_several_resources_with_certificates_resources_and_arguments(cluster: Cluster, tmp_path: Path) -> None:
    assert not cluster.secret().failed
    server = {"names": [NAME], "trust": [authority("hub", datetime.now(timezone.utc)).certificate.pem]}
    made_keys = run_module("pki", {**cluster.arguments, "cluster": "eu", "server": server})
    assert not made_keys.failed, made_keys["msg"]
    wanted = {
        **beside(selector={"team": "shop"}),
        "grpc_tls": {"secret": "thanos-grpc-server"},
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}},
        "extra_args": ["--min-time=-2h"],
    }
    with ExitStack() as pods:
        for name in ("a", "b"):
            kubelet = pods.enter_context(Kubelet(cluster.plane.api, cluster.namespace, name, tmp_path / name))
            made(cluster, kubelet, name)
        before = [own_part(cluster, name) for name in ("a", "b")]
        result = cluster.stack({"sidecar": wanted}, wait=True)
        assert not result.failed, result["msg"]
        for name in ("a", "b"):
            thanos = sidecar_of(cluster, name)
            assert "--min-time=-2h" in thanos["args"]
            assert any(each.startswith("--grpc-server-tls-cert=") for each in thanos["args"])
            assert thanos["resources"]["requests"] == {"cpu": "50m", "memory": "64Mi"}
        assert cluster.stack({"sidecar": wanted}, wait=True).actions() == {}
        assert not cluster.stack({"sidecar": {"state": "absent"}}, wait=True).failed
        assert [own_part(cluster, name) for name in ("a", "b")] == before


def test_values_of_the_guide_lead_to_a_sidecar_that_the_operator_runs(cluster: Cluster, tmp_path: Path) -> None:
    assert not cluster.secret().failed
    wanted = instances(guide("thanos_enabled"))
    name = wanted["sidecar"]["prometheus"]["custom_resource"]
    # What the chart makes of the values.
    documented = guide("prometheus")["prometheus"]["prometheusSpec"]
    secret = documented["thanos"].pop("objectStorageConfig")["existingSecret"]
    spec = {**documented, "thanos": {**documented["thanos"], "objectStorageConfig": secret}}
    with Kubelet(cluster.plane.api, cluster.namespace, name, tmp_path / "main") as kubelet:
        made(cluster, kubelet, name)
        form = "application/merge-patch+json"
        labels = {"app.kubernetes.io/managed-by": "Helm", "chart": "kube-prometheus-stack-88.2.0"}
        patch = {"metadata": {"labels": labels}, "spec": spec}
        cluster.client.request("PATCH", path(cluster, name), body=patch, content_type=form)
        until(lambda: answers(f"{kubelet.sidecar}/-/ready"))
        before = own_part(cluster, name)
        result = cluster.stack(wanted)
        assert not result.failed, result["msg"]
        assert "Add this to" not in result.warnings
        assert own_part(cluster, name) == before
        endpoints = cluster.get("configmaps/thanos-query")["data"]["endpoints.yaml"]
        assert "dnssrv+_grpc._tcp.thanos-sidecar-headless." in endpoints


def test_field_that_the_operators_own_definition_lacks_is_said(cluster: Cluster, tmp_path: Path) -> None:
    assert not cluster.secret().failed
    known = definitions()[PROMETHEUSES]
    with Kubelet(cluster.plane.api, cluster.namespace, "main", tmp_path / "main") as kubelet:
        made(cluster, kubelet, "main")
        before = own_part(cluster, "main")
        define(cluster.plane.api, without(known, "additionalArgs"))
        wanted = beside(custom_resource="main")
        result = cluster.stack({"sidecar": {**wanted, "extra_args": ["--min-time=-2h"]}})
        define(cluster.plane.api, known)
        assert f"which the Prometheus Operator {versions.OPERATOR} does not know" in result["msg"]
        assert "cannot have spec.thanos.additionalArgs" in result["msg"]
        assert own_part(cluster, "main") == before
