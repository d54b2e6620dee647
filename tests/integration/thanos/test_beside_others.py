# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sidecar beside a StatefulSet that somebody else made: added, kept, and given back as if it had never been there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.modules import Result
from tests.support.others_prometheus import EQUAL, Running, running
from tests.testbed.build import build
from tests.testbed.progress import Progress

from .conftest import Cluster

pytestmark = pytest.mark.api

MAIN = "statefulsets/main"
BESIDE: dict[str, Any] = {"sidecar": {"prometheus": {"stateful_set": "main", "restart_prometheus": True}}}
# What the server writes by itself.
_SERVERS = ("managedFields", "resourceVersion", "generation")


@pytest.fixture(params=["prometheus", pytest.param("prometheus-earlier", marks=pytest.mark.slow)])
def program(request: pytest.FixtureRequest) -> str:
    """Which release of Prometheus its owner has."""
    name = str(request.param)
    build((name,), Progress(quiet=True))
    return name


@pytest.fixture
def prometheus(program: str, tmp_path: Path) -> Iterator[Running]:
    """A Prometheus as its owner should run it."""
    with running(tmp_path, program=program) as process:
        yield process


def made(cluster: Cluster, process: Running, **metadata: Any) -> dict[str, Any]:
    """The owner's StatefulSet with a pod that runs, and the object store of the sidecar."""
    assert not cluster.secret().failed
    cluster.client.request(
        "POST",
        f"/apis/apps/v1/namespaces/{cluster.namespace}/statefulsets",
        body=process.stateful_set(**metadata),
        query={"fieldManager": "their-tool"},
    )
    process.lend(cluster.plane.api, cluster.namespace)
    return own_part(cluster)


def own_part(cluster: Cluster) -> dict[str, Any]:
    """The StatefulSet but for what the server writes by itself."""
    live = cluster.get(MAIN)
    metadata = {key: value for key, value in live["metadata"].items() if key not in _SERVERS}
    return {"metadata": metadata, "spec": live["spec"]}


def add(cluster: Cluster, process: Running, **prometheus: Any) -> Result:
    """Add the sidecar; the pod that the controller makes then runs, too."""
    named = {**BESIDE["sidecar"]["prometheus"], **prometheus}
    result = cluster.stack({"sidecar": {"prometheus": named}, "query": {}})
    process.lend(cluster.plane.api, cluster.namespace)
    return result


def containers(cluster: Cluster) -> list[str]:
    return [each["name"] for each in cluster.get(MAIN)["spec"]["template"]["spec"]["containers"]]


def test_sidecar_comes_and_goes_and_the_owners_object_is_byte_for_byte_as_before(
    cluster: Cluster, prometheus: Running
) -> None:
    before = made(cluster, prometheus)
    result = add(cluster, prometheus)
    assert not result.failed, result["msg"]
    assert result.actions()["StatefulSet/main"] == "updated"
    assert containers(cluster) == ["prometheus", "thanos-sidecar"]
    sidecar = cluster.get(MAIN)["spec"]["template"]["spec"]["containers"][1]
    assert f"--tsdb.path={prometheus.folder / 'data'}" in sidecar["args"]
    assert sidecar["securityContext"]["runAsUser"] == 65534
    service = cluster.get("services/thanos-sidecar-headless")
    assert service["spec"]["selector"] == {"app": "main"}
    endpoints = cluster.get("configmaps/thanos-query")["data"]["endpoints.yaml"]
    assert f"dnssrv+_grpc._tcp.thanos-sidecar-headless.{cluster.namespace}.svc" in endpoints
    again = add(cluster, prometheus)
    assert (again["changed"], again.actions()) == (False, {})
    gone = cluster.stack({"sidecar": {"state": "absent"}, "query": {}})
    assert gone.actions()["StatefulSet/main"] == "updated"
    assert json.dumps(own_part(cluster), sort_keys=True) == json.dumps(before, sort_keys=True)
    assert {entry["manager"] for entry in cluster.get(MAIN)["metadata"]["managedFields"]} <= {
        "their-tool",
        "kube-controller-manager",
    }
    names = {item["metadata"]["name"] for item in cluster.get("services")["items"]}
    assert names == {"thanos-query", "thanos-query-headless"}
    assert not any(key.startswith("loan.") for key in cluster.get("configmaps/o11y-thanos-thanos")["data"])


def test_check_mode_shows_what_would_be_added_and_writes_nothing(cluster: Cluster, prometheus: Running) -> None:
    before = made(cluster, prometheus)
    result = cluster.stack(BESIDE, check=True, diff=True)
    assert result.actions()["StatefulSet/main"] == "updated"
    assert "0wn3rs-s3cr3t" not in result.text
    assert own_part(cluster) == before


def test_without_leave_to_restart_nothing_is_changed(cluster: Cluster, prometheus: Running) -> None:
    before = made(cluster, prometheus)
    result = add(cluster, prometheus, restart_prometheus=False)
    assert result.failed
    assert "for which each of its pods is made anew" in result["msg"]
    assert own_part(cluster) == before
    assert cluster.client.request("GET", f"/api/v1/namespaces/{cluster.namespace}/services").body["items"] == []


def test_marks_of_a_tool_lead_to_values_unless_the_user_says_so(cluster: Cluster, prometheus: Running) -> None:
    before = made(cluster, prometheus, labels={"app.kubernetes.io/managed-by": "Helm"})
    told = add(cluster, prometheus, restart_prometheus=False)
    assert not told.failed, told["msg"]
    assert "has no sidecar yet, and is deployed with Helm. Add this to" in told.warnings
    assert own_part(cluster) == before
    assert cluster.get("services/thanos-sidecar-headless")["spec"]["selector"] == {"app": "main"}
    assert not add(cluster, prometheus, apply_beside_owner=True).failed
    assert containers(cluster) == ["prometheus", "thanos-sidecar"]
    assert add(cluster, prometheus).actions()["StatefulSet/main"] == "updated"
    assert own_part(cluster) == before


def test_what_is_taken_out_of_the_inventory_goes_with_a_run_over_everything(
    cluster: Cluster, prometheus: Running
) -> None:
    before = made(cluster, prometheus)
    add(cluster, prometheus)
    gone = cluster.stack({"query": {}}, purge=True)
    assert gone.actions()["StatefulSet/main"] == "updated"
    assert gone.actions()["Service/thanos-sidecar-headless"] == "deleted"
    assert own_part(cluster) == before


def test_one_that_nobody_can_ask_or_a_controller_owns_is_refused(cluster: Cluster, prometheus: Running) -> None:
    owner = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "Prometheus",
        "name": "k8s",
        "uid": "1",
        "controller": True,
    }
    before = made(cluster, prometheus, ownerReferences=[owner])
    result = add(cluster, prometheus)
    assert "the StatefulSet main belongs to Prometheus k8s, which would undo what is added to it" in result["msg"]
    assert "name that in the place of it: custom_resource: k8s" in result["msg"]
    assert own_part(cluster) == before
    missing = cluster.stack({"sidecar": {"prometheus": {"stateful_set": "other", "restart_prometheus": True}}})
    assert f"the StatefulSet other does not exist in the namespace {cluster.namespace}" in missing["msg"]


DELAY = "--storage.tsdb.delay-compact-file.path"


@pytest.mark.parametrize(
    ("labels", "flags", "sentence"),
    [
        ({}, EQUAL, "has no external labels"),
        ({"cluster": "eu"}, (), f"does not wait for uploads ({DELAY} is not set); let its owner add {DELAY}="),
    ],
)
def test_what_a_running_prometheus_tells_is_refused_where_it_does_not_fit(
    cluster: Cluster, program: str, tmp_path: Path, labels: dict[str, str], flags: tuple[str, ...], sentence: str
) -> None:
    with running(tmp_path, labels, flags, program) as process:
        before = made(cluster, process)
        result = add(cluster, process)
        assert sentence in result["msg"]
        assert own_part(cluster) == before


def test_delayed_compaction_is_enough_where_prometheus_has_it(cluster: Cluster, program: str, tmp_path: Path) -> None:
    file = tmp_path / "data" / "thanos.shipper.json"
    with running(tmp_path, flags=(f"{DELAY}={file}",), program=program) as process:
        made(cluster, process)
        result = add(cluster, process)
        assert not result.failed, result["msg"]
        assert containers(cluster) == ["prometheus", "thanos-sidecar"]
