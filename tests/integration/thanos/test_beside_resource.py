# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sidecars by the operator's own custom resource: its fields are set and given back, and what it lacks is said."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from ansible_collections.o11y.thanos.plugins.module_utils._inventory.arguments import instances
from tests.support.others_prometheus import Running, running
from tests.support.waiting import until
from tests.tasks.tree import ROOT
from tests.testbed.build import build
from tests.testbed.progress import Progress

from .conftest import Cluster

pytestmark = pytest.mark.api

GROUP = "monitoring.coreos.com"
TEXT, OPEN = {"type": "string"}, {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
THANOS: dict[str, Any] = {
    **dict.fromkeys(("image", "version", "logLevel", "logFormat"), TEXT),
    "objectStorageConfig": {"type": "object", "properties": {"name": TEXT, "key": TEXT}},
    "resources": OPEN,
    "additionalArgs": {"type": "array", "items": OPEN},
}
SPEC = {"replicas": 1, "externalLabels": {"cluster": "eu"}}


def definition(thanos: dict[str, Any]) -> dict[str, Any]:
    """A definition of the kind, with these fields of a sidecar."""
    labels = {"type": "object", "additionalProperties": TEXT}
    metadata = {"type": "object", "properties": {"annotations": labels}}
    fields = {"replicas": {"type": "integer"}, "externalLabels": labels, "podMetadata": metadata}
    spec = {"type": "object", "properties": {**fields, "thanos": {"type": "object", "properties": thanos}}}
    schema = {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"prometheuses.{GROUP}", "annotations": {"operator.prometheus.io/version": "0.70.0"}},
        "spec": {
            "group": GROUP,
            "names": {"kind": "Prometheus", "plural": "prometheuses"},
            "scope": "Namespaced",
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
        },
    }


def path(cluster: Cluster, name: str = "") -> str:
    return f"/apis/{GROUP}/v1/namespaces/{cluster.namespace}/prometheuses" + (f"/{name}" if name else "")


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The Prometheus behind every pod."""
    build(("prometheus",), Progress(quiet=True))
    with running(tmp_path_factory.mktemp("prometheus")) as started:
        yield started


def define(cluster: Cluster, thanos: dict[str, Any]) -> None:
    """Have the kind in the cluster, or have it anew with these fields."""
    kind = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/prometheuses.{GROUP}"
    query = "fieldManager=operator&force=true"
    cluster.plane.api.must("PATCH", f"{kind}?{query}", definition(thanos), "application/apply-patch+yaml")
    until(lambda: cluster.plane.api.succeeds(path(cluster)) and _served(cluster) == set(thanos))


def _served(cluster: Cluster) -> set[str]:
    """The fields of a sidecar that the server knows by now."""
    answer = cluster.plane.api.request("GET", f"/openapi/v3/apis/{GROUP}/v1")
    if answer.status != 200:
        return set()
    known = answer.body["components"]["schemas"]
    found = next(each for name, each in known.items() if name.endswith(".Prometheus"))
    return set(found["properties"]["spec"]["properties"]["thanos"]["properties"])


def make(cluster: Cluster, process: Running, name: str, **metadata: Any) -> dict[str, Any]:
    """A custom resource, and the pod that the operator would make of it."""
    body = {
        "apiVersion": f"{GROUP}/v1",
        "kind": "Prometheus",
        "metadata": {"name": name, **metadata},
        "spec": SPEC,
    }
    cluster.client.request("POST", path(cluster), body=body, query={"fieldManager": "their-tool"})
    labels = {"app.kubernetes.io/name": "prometheus", "operator.prometheus.io/name": name}
    container = {"name": "prometheus", "image": "prometheus", "args": list(process.args)}
    pod = {"metadata": {"name": f"{name}-0", "labels": labels}, "spec": {"containers": [container]}}
    cluster.client.request("POST", f"/api/v1/namespaces/{cluster.namespace}/pods", body=pod)
    process.lend(cluster.plane.api, cluster.namespace, f"{name}-0")
    return own_part(cluster, name)


def own_part(cluster: Cluster, name: str) -> dict[str, Any]:
    """The resource but for what the server writes by itself."""
    live = dict(cluster.client.request("GET", path(cluster, name)).body)
    servers = ("managedFields", "resourceVersion", "generation")
    return {**live, "metadata": {key: value for key, value in live["metadata"].items() if key not in servers}}


def texts(value: Any) -> Iterator[str]:
    """Every text in a warning, in whichever form this Ansible hands it on."""
    if isinstance(value, str):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(each)


def beside(**named: Any) -> dict[str, Any]:
    return {"sidecar": {"prometheus": {"restart_prometheus": True, **named}}, "query": {}}


def test_fields_of_the_operator_come_and_go_and_the_resource_is_byte_for_byte_as_before(
    cluster: Cluster, process: Running
) -> None:
    assert not cluster.secret().failed
    define(cluster, THANOS)
    before = make(cluster, process, "main")
    result = cluster.stack(beside(custom_resource="main"))
    assert not result.failed, result["msg"]
    spec = cluster.client.request("GET", path(cluster, "main")).body["spec"]
    assert spec["thanos"]["objectStorageConfig"] == {"name": "thanos-objstore-default", "key": "objstore.yml"}
    assert {key: spec[key] for key in SPEC} == SPEC
    service = cluster.get("services/thanos-sidecar-headless")
    assert service["spec"]["selector"]["operator.prometheus.io/name"] == "main"
    assert cluster.stack(beside(custom_resource="main")).actions() == {}
    gone = cluster.stack({"sidecar": {"state": "absent"}, "query": {}})
    assert gone.actions()["Prometheus/main"] == "updated"
    assert json.dumps(own_part(cluster, "main"), sort_keys=True) == json.dumps(before, sort_keys=True)


def test_several_by_labels_and_equal_labels_are_seen(cluster: Cluster, process: Running) -> None:
    assert not cluster.secret().failed
    define(cluster, THANOS)
    for name in ("a", "b"):
        make(cluster, process, name, labels={"team": "shop"})
    result = cluster.stack(beside(selector={"team": "shop"}))
    assert "the Prometheus b has a pod b-0 with the external labels of a-0" in result["msg"]
    cluster.client.request("DELETE", f"/api/v1/namespaces/{cluster.namespace}/pods/b-0")
    cluster.client.request("DELETE", path(cluster, "b"))
    assert not cluster.stack(beside(selector={"team": "shop"})).failed
    assert cluster.get("services/thanos-sidecar-a-headless")["spec"]["clusterIP"] == "None"


def guide(key: str) -> dict[str, Any]:
    """The block of the guide that has this key."""
    page = (ROOT / "docs" / "existing-prometheus.md").read_text(encoding="utf-8")
    blocks = [yaml.safe_load(text) for text in re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)]
    return dict(next(block for block in blocks if key in block))


def test_guide_beside_kube_prometheus_stack_leads_to_a_sidecar_that_its_owner_has(
    cluster: Cluster, process: Running
) -> None:
    assert not cluster.secret().failed
    define(cluster, THANOS)
    wanted = instances(guide("thanos_enabled"))
    name = wanted["sidecar"]["prometheus"]["custom_resource"]
    labels = {"app.kubernetes.io/managed-by": "Helm", "chart": "kube-prometheus-stack-88.2.0"}
    before = make(cluster, process, name, labels=labels)
    result = cluster.stack(wanted)
    assert not result.failed, result["msg"]
    assert own_part(cluster, name) == before
    told = next(text for text in texts(result["warnings"]) if "the values of the chart" in text)
    printed = json.loads(told[told.index("{") : told.index(" - or set")])["prometheus"]["prometheusSpec"]["thanos"]
    documented = guide("prometheus")["prometheus"]["prometheusSpec"]
    assert documented["thanos"].items() <= printed.items()
    # What the chart makes of the values that the guide shows.
    secret = documented["thanos"].pop("objectStorageConfig")["existingSecret"]
    spec = {**documented, "thanos": {**documented["thanos"], "objectStorageConfig": secret}}
    form = "application/merge-patch+json"
    cluster.client.request("PATCH", path(cluster, name), body={"spec": spec}, content_type=form)
    again = cluster.stack(wanted)
    assert again.actions() == {}
    assert "Add this to" not in again.warnings
    endpoints = cluster.get("configmaps/thanos-query")["data"]["endpoints.yaml"]
    assert "dnssrv+_grpc._tcp.thanos-sidecar-headless." in endpoints


def test_what_the_version_of_the_operator_lacks_is_said(cluster: Cluster, process: Running) -> None:
    assert not cluster.secret().failed
    define(cluster, {"image": TEXT, "version": TEXT})
    before = make(cluster, process, "main")
    result = cluster.stack(beside(custom_resource="main"))
    define(cluster, THANOS)
    assert (
        "cannot have spec.thanos.objectStorageConfig, which the Prometheus Operator 0.70.0 does not know"
        in result["msg"]
    )
    assert own_part(cluster, "main") == before
    missing = cluster.stack(beside(custom_resource="other"))
    assert "the Prometheus other does not exist" in missing["msg"]
    assert "there is: main" in missing["msg"]
