# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One compactor a bucket, on a real API server with Kubernetes' own StatefulSet controller: what runs now decides."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._inventory.arguments import objstore_needs
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.rights import rules
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.kinds import KINDS
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from tests.support.modules import run_module
from tests.support.waiting import until

from .conftest import STORE, Cluster

pytestmark = pytest.mark.api
OLD: dict[str, Any] = {"compact-old": {"tier": "compact"}}
GONE = {"compact-old": {"tier": "compact", "state": "absent"}}
NODE = "node-of-compactors"


@pytest.fixture
def node(deployed_old: Cluster) -> Iterator[str]:
    """A node without a kubelet: pods that are bound to it stay until they are deleted by force."""
    client = deployed_old.client
    client.request("POST", "/api/v1/nodes", body={"metadata": {"name": NODE}}, ok=(409,))
    yield NODE
    for pod in client.request("GET", f"/api/v1/namespaces/{deployed_old.namespace}/pods").body["items"]:
        force(deployed_old, pod["metadata"]["name"])
    client.request("DELETE", f"/api/v1/nodes/{NODE}", ok=(404,))


@pytest.fixture
def deployed_old(cluster: Cluster) -> Cluster:
    """A namespace with the compactor ``compact-old``, and two names for its bucket."""
    assert not cluster.secret().failed
    store = {**STORE, "bucket": cluster.namespace}
    assert not run_module("objstore_secret", {**cluster.arguments, "store": store, "name": "same"}).failed
    result = cluster.stack(OLD)
    assert not result.failed, result["msg"]
    return cluster


def pod_of(cluster: Cluster, name: str) -> dict[str, Any]:
    """A pod, empty while there is none."""
    path = f"/api/v1/namespaces/{cluster.namespace}/pods/{name}"
    answer = cluster.client.request("GET", path, ok=(404,))
    return {} if answer.status == 404 else dict(answer.body)


def force(cluster: Cluster, name: str) -> None:
    """What a kubelet does at the end of a pod."""
    cluster.send("DELETE", f"pods/{name}", {"gracePeriodSeconds": 0})


def run_on(cluster: Cluster, node: str, name: str) -> dict[str, Any]:
    """Bind a pod to the node; it runs and never becomes ready."""
    pod: dict[str, Any] = until(lambda: pod_of(cluster, name))
    binding = {"metadata": {"name": name}, "target": {"kind": "Node", "name": node}}
    cluster.send("POST", f"pods/{name}/binding", binding)
    status = {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}]}}
    cluster.send("PATCH", f"pods/{name}/status", status, "application/merge-patch+json")
    return pod


@pytest.mark.parametrize("objstore", ["default", "same"])
def test_successor_is_refused_in_the_run_that_removes_its_predecessor(deployed_old: Cluster, objstore: str) -> None:
    result = deployed_old.stack({**GONE, "compact-new": {"tier": "compact", "objstore": objstore}})
    assert result.failed
    assert (
        f"instances.compact-new: StatefulSet {deployed_old.namespace}/thanos-compact-old already compacts S3 bucket "
        f"{deployed_old.namespace}" in result["msg"]
    )
    assert "remove or pause it in a run of its own first" in result["msg"]


def test_successor_is_refused_until_the_last_pod_of_its_predecessor_is_gone(deployed_old: Cluster, node: str) -> None:
    new = {"compact-new": {"tier": "compact", "objstore": "same"}}
    run_on(deployed_old, node, "thanos-compact-old-0")
    assert not deployed_old.stack(GONE).failed
    result = deployed_old.stack(new)
    assert result.failed
    assert f"Pod {deployed_old.namespace}/thanos-compact-old-0 already compacts S3 bucket" in result["msg"]
    assert "run again when that pod is gone" in result["msg"]
    force(deployed_old, "thanos-compact-old-0")
    assert not deployed_old.stack(new).failed


def test_successor_in_another_namespace_waits_for_that_pod_too(deployed_old: Cluster, node: str) -> None:
    other = Cluster(deployed_old.plane, deployed_old.client, f"{deployed_old.namespace}-b")
    store = {**STORE, "bucket": deployed_old.namespace}
    assert not run_module("objstore_secret", {**other.arguments, "store": store}).failed
    run_on(deployed_old, node, "thanos-compact-old-0")
    assert not deployed_old.stack(GONE).failed
    result = other.stack({"compact": {}})
    assert f"Pod {deployed_old.namespace}/thanos-compact-old-0 already compacts S3 bucket" in result["msg"]


def test_compactors_that_swap_their_buckets_are_refused(deployed_old: Cluster) -> None:
    store = {**STORE, "bucket": f"{deployed_old.namespace}-2"}
    assert not run_module("objstore_secret", {**deployed_old.arguments, "store": store, "name": "second"}).failed
    second = {"tier": "compact", "objstore": "second"}
    assert not deployed_old.stack({**OLD, "compact-b": second}).failed
    assert deployed_old.stack({**OLD, "compact-b": second})["changed"] is False
    result = deployed_old.stack({"compact-old": second, "compact-b": {"tier": "compact"}})
    assert f"instances.compact-b: StatefulSet {deployed_old.namespace}/thanos-compact-old already" in result["msg"]
    assert f"instances.compact-old: StatefulSet {deployed_old.namespace}/thanos-compact-b already" in result["msg"]


def test_one_of_two_that_share_a_bucket_may_be_removed(deployed_old: Cluster) -> None:
    """The other one runs already: to refuse would keep both."""
    assert not deployed_old.stack({"compact-old": {"tier": "compact", "paused": True, "paused_reason": "test"}}).failed
    until(lambda: not pod_of(deployed_old, "thanos-compact-old-0"))
    new = {"compact-new": {"tier": "compact", "objstore": "same"}}
    assert not deployed_old.stack(new).failed
    deployed_old.edit("statefulsets/thanos-compact-old", {"spec": {"replicas": 1}})
    until(lambda: pod_of(deployed_old, "thanos-compact-old-0"))
    result = deployed_old.stack({**GONE, **new})
    assert not result.failed, result["msg"]
    assert result.actions()["StatefulSet/thanos-compact-old"] == "deleted"


def test_compactor_that_never_becomes_ready_is_replaced_by_the_next_run(deployed_old: Cluster, node: str) -> None:
    """And its successor, which has its name, is made when it is gone and not before."""
    broken = run_on(deployed_old, node, "thanos-compact-old-0")
    assert not deployed_old.stack({"compact-old": {"tier": "compact", "log_level": "debug"}}).failed
    until(lambda: pod_of(deployed_old, "thanos-compact-old-0")["metadata"].get("deletionTimestamp"))
    time.sleep(2)
    assert pod_of(deployed_old, "thanos-compact-old-0")["metadata"]["uid"] == broken["metadata"]["uid"]
    pods = deployed_old.client.request("GET", f"/api/v1/namespaces/{deployed_old.namespace}/pods").body["items"]
    assert len(pods) == 1
    force(deployed_old, "thanos-compact-old-0")
    args = until(lambda: pod_of(deployed_old, "thanos-compact-old-0"))["spec"]["containers"][0]["args"]
    assert "--log.level=debug" in args


def test_storage_class_that_was_taken_out_again_is_told_before_anything_is_changed(cluster: Cluster) -> None:
    cluster.secret()
    assert not cluster.stack({"compact": {"storage": {"storage_class": "standard"}}}).failed
    result = cluster.stack({"compact": {}})
    assert result.failed
    assert "instances.compact.storage.storage_class: the existing StatefulSet has standard" in result["msg"]


def test_default_storage_class_of_the_cluster_is_no_change(cluster: Cluster) -> None:
    cluster.secret()
    assert not cluster.stack({"compact": {}}).failed
    assert cluster.stack({"compact": {}})["changed"] is False


@pytest.mark.parametrize("namespace", ["", "-b"], ids=["here", "in another namespace"])
def test_second_stack_on_the_bucket_is_refused_by_a_check_before_it_has_a_secret(
    deployed_old: Cluster, namespace: str
) -> None:
    """As the playbook ``check`` does it: the bucket follows from the inventory."""
    store = {**STORE, "bucket": deployed_old.namespace}
    arguments = {**deployed_old.arguments, "namespace": f"{deployed_old.namespace}{namespace}"}
    assert not run_module("objstore_secret", {**arguments, "store": store, "stack": "other"}, check=True).failed
    told = {"objstores": objstore_needs({"thanos_objstore": store}, "other"), "instances": {"compact": {}}}
    result = run_module("stack", {**arguments, "name": "other", "cluster": "eu", **told}, check=True)
    assert result.failed
    assert (
        f"instances.compact: StatefulSet {deployed_old.namespace}/thanos-compact-old already compacts S3 bucket "
        f"{deployed_old.namespace}" in result["msg"]
    )
    store["bucket"] = "another"
    told["objstores"] = objstore_needs({"thanos_objstore": store}, "other")
    result = run_module("stack", {**arguments, "name": "other", "cluster": "eu", **told}, check=True)
    assert not result.failed, result["msg"]


@pytest.fixture
def others(cluster: Cluster) -> Iterator[str]:
    """A namespace of somebody else."""
    namespace = f"{cluster.namespace}-of-others"
    cluster.client.request("POST", "/api/v1/namespaces", body={"metadata": {"name": namespace}})
    yield namespace
    for kind in ("StatefulSet", "Deployment", "CronJob"):
        cluster.client.request("DELETE", KINDS[kind].path(namespace))
    cluster.client.request("DELETE", f"/api/v1/namespaces/{namespace}")


def make(cluster: Cluster, namespace: str, kind: str, name: str, container: dict[str, Any]) -> None:
    """A workload of somebody else."""
    labels = {"app": name}
    pod: dict[str, Any] = {"containers": [{"name": "main", **container}]}
    spec: dict[str, Any] = {
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": pod},
    }
    if kind == "CronJob":
        pod["restartPolicy"] = "Never"
        spec = {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": {"template": spec["template"]}}}
    cluster.client.request("POST", KINDS[kind].path(namespace), body={"metadata": {"name": name}, "spec": spec})


def config(cluster: Cluster) -> str:
    """How a compactor is told the bucket of the test."""
    return f"--objstore.config={{type: S3, config: {{bucket: {cluster.namespace}, endpoint: 's3.example:9000'}}}}"


@pytest.mark.parametrize("kind", ["StatefulSet", "Deployment", "CronJob"])
@pytest.mark.parametrize(
    "container",
    [
        {"image": "quay.io/thanos/thanos:v0.42.4", "args": ["compact"]},
        {"image": "registry.example/metrics:1", "command": ["/bin/thanos", "compact"], "args": []},
        {"image": "registry.example/metrics:1", "command": ["thanos"], "args": ["compact"]},
    ],
    ids=["image", "command", "both"],
)
def test_compactor_of_somebody_else_is_found_in_every_kind(
    cluster: Cluster, others: str, kind: str, container: dict[str, Any]
) -> None:
    assert not cluster.secret().failed
    told = {**container, "args": [*container["args"], config(cluster)]}
    make(cluster, others, kind, "theirs", told)
    result = cluster.stack({"compact": {}})
    assert f"instances.compact: {kind} {others}/theirs already compacts S3 bucket" in result["msg"]


def test_what_only_has_the_words_of_a_compactor_is_none_and_is_read_alone(cluster: Cluster, others: str) -> None:
    assert not cluster.secret().failed
    words = {"image": "quay.io/thanos/thanos:v0.42.4", "args": ["tools", "bucket", "compact"]}
    make(cluster, others, "Deployment", "theirs", words)
    make(cluster, others, "Deployment", "another", {"image": "registry.example/web:1"})
    mark = cluster.plane.audit_mark()
    assert not cluster.stack({"compact": {}}).failed
    read = [e["requestURI"] for e in cluster.plane.audit_events(mark, user="admin") if others in e["requestURI"]]
    assert read == [f"/apis/apps/v1/namespaces/{others}/deployments?fieldSelector=metadata.name%3Dtheirs"]


def test_own_compactor_that_lost_its_labels_is_no_second_one(deployed_old: Cluster) -> None:
    labels = {"labels": {"o11y.thanos/stack": None, "o11y.thanos/instance": None}}
    deployed_old.edit("statefulsets/thanos-compact-old", {"metadata": labels})
    result = deployed_old.stack({**OLD, "store": {}})
    assert not result.failed, result["msg"]
    assert result.actions()["StatefulSet/thanos-compact-old"] == "updated"


def test_who_may_read_the_namespace_alone_finds_a_compactor_there_and_is_told(cluster: Cluster) -> None:
    """By the rights of the documented Role, which has no word of other namespaces."""
    assert not cluster.secret().failed
    told = {"image": "registry.example/metrics:1", "command": ["/bin/thanos", "compact"], "args": [config(cluster)]}
    make(cluster, cluster.namespace, "Deployment", "theirs", told)
    role = {"name": "deployer", "rules": rules(parse({"cluster": "eu", "instances": {"compact": {}}}))}
    kubeconfig = user_of(cluster, role)
    arguments = {**cluster.arguments, "kubeconfig": str(kubeconfig), "cluster": "eu", "wait": False}
    result = run_module("stack", {**arguments, "instances": {"compact": {}}})
    assert f"instances.compact: Deployment {cluster.namespace}/theirs already compacts S3 bucket" in result["msg"]
    cluster.send("DELETE", "deployments/theirs")
    result = run_module("stack", {**arguments, "instances": {"compact": {}}})
    assert not result.failed, result["msg"]
    for plural in ("statefulsets", "deployments", "cronjobs"):
        assert f"among the {plural} of namespace {cluster.namespace} only" in result.warnings


def user_of(cluster: Cluster, role: dict[str, Any]) -> Path:
    """The kubeconfig of a user with this Role in the namespace and no other right."""
    group = "rbac.authorization.k8s.io"
    path = f"/apis/{group}/v1/namespaces/{cluster.namespace}"
    metadata = {"name": role["name"]}
    cluster.client.request("POST", f"{path}/roles", body={"metadata": metadata, "rules": role["rules"]})
    user = f"user-{cluster.namespace}"
    binding = {
        "metadata": metadata,
        "roleRef": {"apiGroup": group, "kind": "Role", "name": role["name"]},
        "subjects": [{"apiGroup": group, "kind": "User", "name": user}],
    }
    cluster.client.request("POST", f"{path}/rolebindings", body=binding)
    return cluster.plane.user_kubeconfig(user)
