# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module stack on a real API server: what it writes, what it leaves alone, what it refuses."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests.support.canary import leaks
from tests.support.modules import run_module

from .conftest import FIVE_TIERS, STORE, Cluster

pytestmark = pytest.mark.api
# ServiceAccount, Role, RoleBinding, ConfigMap, Secret, Service, PodDisruptionBudget, Deployment, StatefulSet
KINDS_IN_USE = 9


def test_second_run_changes_nothing(deployed: Cluster) -> None:
    result = deployed.stack(FIVE_TIERS)
    assert (result["changed"], result.actions()) == (False, {})


def test_check_mode_in_a_missing_namespace_lists_everything_and_writes_nothing(cluster: Cluster) -> None:
    mark = cluster.plane.audit_mark()
    result = cluster.stack(FIVE_TIERS, check=True, diff=True)
    verbs = {e["verb"] for e in cluster.plane.audit_events(mark, user="admin")}
    assert not result.failed
    assert len(result["objects"]) == 31  # 29 of the tiers, the record and the namespace
    assert "not validated" in result.warnings
    assert result.warnings.count("to be expected before a first deploy") == 1
    assert verbs == {"get", "list"}


def test_check_mode_on_a_deployed_stack_predicts_what_the_run_does(deployed: Cluster) -> None:
    changed = {**FIVE_TIERS, "query": {"replicas": 3}}
    predicted = deployed.stack(changed, check=True, diff=True)
    done = deployed.stack(changed, diff=True)
    assert predicted.actions() == done.actions() == {"Deployment/thanos-query": "updated"}
    assert "replicas: 3" in done["diff"][0]["after"]


def requests(cluster: Cluster, mark: int) -> list[dict[str, Any]]:
    """What was asked since ``mark``, but for other namespaces.

    Those of tests before go slowly, and the configuration of a compactor that is still in one is read as well.
    """
    elsewhere = re.compile(rf"/namespaces/test-(?!{cluster.namespace.removeprefix('test-')}(?:[/?]|$))")
    return [e for e in cluster.plane.audit_events(mark, user="admin") if not elsewhere.search(e["requestURI"])]


def test_no_op_stays_within_the_request_budget(deployed: Cluster) -> None:
    mark = deployed.plane.audit_mark()
    deployed.stack(FIVE_TIERS)
    events = requests(deployed, mark)
    assert KINDS_IN_USE < len(events) <= 23
    assert {e["verb"] for e in events} == {"get", "list"}


def test_first_apply_stays_within_the_request_budget(cluster: Cluster) -> None:
    cluster.secret()
    mark = cluster.plane.audit_mark()
    result = cluster.stack(FIVE_TIERS)
    events = requests(cluster, mark)
    assert len(result["objects"]) < len(events) <= len(result["objects"]) + 3 * KINDS_IN_USE + 14


HAND_EDITS: list[tuple[str, dict[str, Any], str]] = [
    ("deployments/thanos-query", {"spec": {"replicas": 0}}, "Deployment/thanos-query"),
    ("services/thanos-query", {"metadata": {"labels": {"o11y.thanos/stack": None}}}, "Service/thanos-query"),
    ("services/thanos-query", {"metadata": {"labels": {"o11y.thanos/stack": "other"}}}, "Service/thanos-query"),
    ("services/thanos-query", {"spec": {"type": "NodePort"}}, "Service/thanos-query"),
    ("configmaps/thanos-query", {"data": {"endpoints.yaml": "endpoints: []"}}, "ConfigMap/thanos-query"),
    ("serviceaccounts/thanos-store", {"automountServiceAccountToken": True}, "ServiceAccount/thanos-store"),
    (
        "statefulsets/thanos-store",
        {"spec": {"template": {"spec": {"terminationGracePeriodSeconds": 1}}}},
        "StatefulSet/thanos-store",
    ),
]


@pytest.mark.parametrize(("path", "edit", "name"), HAND_EDITS, ids=lambda x: str(x)[:50])
def test_field_edited_by_hand_is_restored_and_reported(
    deployed: Cluster, path: str, edit: dict[str, Any], name: str
) -> None:
    before = deployed.get(path)
    deployed.edit(path, edit)
    assert deployed.stack(FIVE_TIERS).actions() == {name: "updated"}
    after = deployed.get(path)
    assert (after.get("spec"), after["metadata"]["labels"]) == (before.get("spec"), before["metadata"]["labels"])
    assert deployed.stack(FIVE_TIERS)["changed"] is False


def test_deleted_object_is_restored(deployed: Cluster) -> None:
    deployed.send("DELETE", "services/thanos-store-headless")
    assert deployed.stack(FIVE_TIERS).actions() == {"Service/thanos-store-headless": "created"}


def test_object_of_somebody_else_stops_the_run_before_anything_is_applied(cluster: Cluster) -> None:
    cluster.secret()
    helm = {
        "metadata": {"name": "thanos-query", "annotations": {"meta.helm.sh/release-name": "old"}},
        "spec": {"ports": [{"port": 80}], "clusterIP": "None"},
    }
    cluster.send("POST", "services", helm)
    result = cluster.stack(FIVE_TIERS)
    assert result.failed
    assert f"Service {cluster.namespace}/thanos-query" in result["msg"]
    assert "Helm" in result["msg"]
    path = f"/apis/apps/v1/namespaces/{cluster.namespace}"
    assert cluster.client.request("GET", f"{path}/statefulsets").body["items"] == []
    assert cluster.client.request("GET", f"{path}/deployments").body["items"] == []


def test_toggle_within_an_instance_removes_its_objects(deployed: Cluster) -> None:
    result = deployed.stack({**FIVE_TIERS, "query": {"replicas": 1}})
    assert result.actions() == {
        "Deployment/thanos-query": "updated",
        "PodDisruptionBudget/thanos-query": "deleted",
    }


def test_partial_run_leaves_other_instances_alone(deployed: Cluster) -> None:
    assert deployed.stack({"query": {}}).actions() == {}


def test_absent_instance_is_removed(deployed: Cluster) -> None:
    result = deployed.stack({"compact": {"state": "absent"}})
    assert result.actions() == {
        "ServiceAccount/thanos-compact": "deleted",
        "Service/thanos-compact": "deleted",
        "Service/thanos-compact-headless": "deleted",
        "StatefulSet/thanos-compact": "deleted",
    }


def test_purge_removes_unlisted_stateless_instances_and_names_stateful_ones(deployed: Cluster) -> None:
    result = deployed.stack({"compact": {}}, purge=True)
    assert {name.split("/")[1].removesuffix("-headless") for name in result.actions()} == {"thanos-query"}
    assert "the instance 'store' is not listed and was left alone" in result.warnings


def test_tier_module_finds_its_neighbours_and_touches_no_other_instance(deployed: Cluster) -> None:
    own = {**deployed.arguments, "cluster": "eu", "wait": False}
    assert run_module("query", own).actions() == {}
    changed = run_module("store", {**own, "replicas": 2})
    assert set(changed.actions()) == {"StatefulSet/thanos-store", "PodDisruptionBudget/thanos-store"}


def asked(cluster: Cluster) -> list[str]:
    """The queriers that the ruler asks, without the domain of the namespace."""
    args = cluster.get("statefulsets/thanos-ruler")["spec"]["template"]["spec"]["containers"][0]["args"]
    found = [arg.removeprefix("--query=http://") for arg in args if arg.startswith("--query=")]
    return [address.replace(f".{cluster.namespace}.svc:10902", "") for address in found]


BESIDE: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a prefix": ({"query": {"external_prefix": "/thanos"}}, ["thanos-query/thanos"]),
    "two queriers": (
        {"query": {}, "query-b": {"tier": "query", "extra_args": ["--web.route-prefix=/b"]}},
        ["thanos-query", "thanos-query-b/b"],
    ),
    "another name": ({"front": {"tier": "query"}}, ["thanos-front"]),
}


@pytest.mark.parametrize(("queriers", "addresses"), BESIDE.values(), ids=BESIDE)
def test_ruler_alone_asks_the_queriers_that_are_there(
    cluster: Cluster, queriers: dict[str, Any], addresses: list[str]
) -> None:
    assert not cluster.secret().failed
    assert not cluster.stack({**queriers, "ruler": {}}).failed
    assert asked(cluster) == addresses
    own = {**cluster.arguments, "cluster": "eu", "wait": False}
    assert run_module("ruler", own).actions() == {}
    assert cluster.stack({"ruler": {}}).actions() == {}
    # One that the run removes is asked no more.
    last = list(queriers)[-1]
    cluster.stack({last: {"tier": "query", "state": "absent"}, "ruler": {}})
    assert asked(cluster) == (addresses[:-1] or ["thanos-query"])


def test_changed_credential_rolls_exactly_the_pods_that_use_it(deployed: Cluster) -> None:
    reader = {"access_key": "canary-reader-id", "secret_key": "canary-reader-secret"}
    made = deployed.secret(store={**STORE, "bucket": deployed.namespace, "access": {"reader": reader}})
    assert made.actions() == {"Secret/thanos-objstore-default-reader": "created"}
    assert deployed.stack(FIVE_TIERS).actions() == {"StatefulSet/thanos-store": "updated"}


def test_missing_object_store_secret_is_an_error_and_changes_nothing(cluster: Cluster) -> None:
    result = cluster.stack(FIVE_TIERS)
    assert result.failed
    assert "thanos-objstore-default that sidecar, store, compact, ruler need does not exist" in result["msg"]
    assert cluster.client.request("GET", f"/api/v1/namespaces/{cluster.namespace}", ok=(404,)).status == 404


def test_second_compactor_on_the_same_bucket_is_refused_wherever_it_is(deployed: Cluster) -> None:
    other = Cluster(deployed.plane, deployed.client, f"{deployed.namespace}-b")
    run_module("objstore_secret", {**other.arguments, "store": {**STORE, "bucket": deployed.namespace}})
    result = other.stack({"compact": {}})
    assert result.failed
    assert (
        f"StatefulSet {deployed.namespace}/thanos-compact already compacts S3 bucket {deployed.namespace}"
        in result["msg"]
    )


def foreign_compactor(deployed: Cluster, container: dict[str, Any]) -> None:
    """A compactor that another packaging made, as kube-thanos starts it."""
    labels = {"app": "thanos-compact"}
    pod = {"containers": [{"name": "thanos", "image": "quay.io/thanos/thanos:v0.41.0", **container}]}
    spec = {
        "serviceName": "x",
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": pod},
    }
    deployed.send("POST", "statefulsets", {"metadata": {"name": "foreign"}, "spec": spec})


def test_foreign_compactor_is_recognised_by_its_image_arguments_and_secret(deployed: Cluster) -> None:
    reference = {"secretKeyRef": {"name": "thanos-objstore-default", "key": "objstore.yml"}}
    foreign_compactor(
        deployed,
        {
            "args": ["compact", "--wait", "--objstore.config=$(OBJSTORE_CONFIG)"],
            "env": [{"name": "OBJSTORE_CONFIG", "valueFrom": reference}],
        },
    )
    result = deployed.stack(FIVE_TIERS)
    assert result.failed
    assert f"StatefulSet {deployed.namespace}/foreign already compacts S3 bucket {deployed.namespace}" in result["msg"]


def test_foreign_compactor_whose_bucket_cannot_be_told_is_a_warning(deployed: Cluster) -> None:
    foreign_compactor(deployed, {"args": ["compact", "--objstore.config-file=/somewhere/objstore.yml"]})
    result = deployed.stack(FIVE_TIERS)
    assert not result.failed
    assert f"StatefulSet {deployed.namespace}/foreign compacts a bucket that could not be told" in result.warnings


def test_rules_come_from_files_and_config_maps(deployed: Cluster, tmp_path: Any) -> None:
    text = "groups: [{name: g, rules: [{record: x, expr: up}]}]"
    (tmp_path / "a.yaml").write_text(text)
    deployed.send("POST", "configmaps", {"metadata": {"name": "team"}, "data": {"b.yaml": text}})
    ruler = {"rule_files": [f"{tmp_path}/*.yaml"], "rule_config_maps": ["team"]}
    assert deployed.stack({"ruler": ruler}).actions() == {"ConfigMap/thanos-ruler-rules-0": "updated"}
    assert {"a.yaml", "b.yaml"} < set(deployed.get("configmaps/thanos-ruler-rules-0")["data"])


@pytest.mark.parametrize(
    ("ruler", "sentence"),
    [
        ({"rule_files": ["/nowhere/*.yaml"]}, "no file matches '/nowhere/*.yaml'"),
        ({"rule_config_maps": ["nobody"]}, "there is no ConfigMap nobody"),
    ],
)
def test_missing_rule_source_is_named(deployed: Cluster, ruler: dict[str, Any], sentence: str) -> None:
    result = deployed.stack({"ruler": ruler})
    assert result.failed
    assert sentence in result["msg"]


def test_teardown_leaves_secrets_claims_and_namespace(deployed: Cluster) -> None:
    result = deployed.stack({}, state="absent")
    assert {o["action"] for o in result["objects"]} == {"deleted"}
    assert deployed.get("secrets/thanos-objstore-default")["kind"] == "Secret"
    assert deployed.client.request("GET", f"/api/v1/namespaces/{deployed.namespace}").status == 200
    assert deployed.stack({}, state="absent")["changed"] is False


def test_teardown_with_every_option_leaves_nothing(deployed: Cluster) -> None:
    options = {"delete_claims": True, "delete_secrets": True, "delete_namespace": True}
    deployed.stack({}, state="absent", **options)
    answer = deployed.client.request("GET", f"/api/v1/namespaces/{deployed.namespace}", ok=(404,))
    assert answer.status == 404 or answer.body["metadata"].get("deletionTimestamp")


@pytest.mark.parametrize(
    "more", [{}, {"purge": "perhaps"}, {"host": "https://127.0.0.1:1"}], ids=["good", "bad", "fails"]
)
def test_kubeconfig_given_as_a_mapping_is_not_shown(deployed: Cluster, more: dict[str, Any]) -> None:
    config = yaml.safe_load(deployed.plane.kubeconfig.read_text())
    config["users"].append({"name": "other", "user": {"password": "canary-password"}})
    result = deployed.stack(FIVE_TIERS, kubeconfig=config, **more)
    assert result.failed == bool(more)
    assert config["users"][0]["user"]["client-key-data"] not in result.text
    assert "canary-password" not in result.text
    if not more:
        assert {o["kind"] for o in result["objects"]} >= {"Deployment", "StatefulSet"}


def test_tier_module_names_its_options_as_they_were_typed(cluster: Cluster) -> None:
    result = run_module("store", {**cluster.arguments, "cluster": "eu", "replicas": "two", "stoarge": {}})
    assert result["problems"] == [
        "stoarge: there is no such option. Did you mean 'storage'?",
        "replicas: 'two' is not a whole number, 0 or more.",
    ]


@pytest.mark.parametrize(
    "more", [{}, {"purge": "perhaps"}, {"host": "https://127.0.0.1:1"}, {"context": "elsewhere"}],
    ids=["good", "bad", "fails", "not there"],
)  # fmt: skip
def test_kubeconfig_given_as_text_is_used_and_not_shown(deployed: Cluster, more: dict[str, Any]) -> None:
    text = deployed.plane.kubeconfig.read_text()
    result = deployed.stack({**FIVE_TIERS, "query": {"replicas": 3}}, kubeconfig=text, diff=True, **more)
    key = yaml.safe_load(text)["users"][0]["user"]["client-key-data"]
    assert leaks(result.text, {"key": key}) == []
    assert result.failed == bool(more)
    if not more:
        assert result.actions() == {"Deployment/thanos-query": "updated"}


def test_teardown_in_an_empty_namespace_is_one_in_the_default_namespace_and_not_in_all(deployed: Cluster) -> None:
    options = {"delete_claims": True, "delete_secrets": True, "delete_namespace": True}
    mark = deployed.plane.audit_mark()
    result = deployed.stack({}, state="absent", namespace="", name="", **options)
    verbs = {e["verb"] for e in deployed.plane.audit_events(mark, user="admin")}
    assert (result.failed, result["changed"], verbs) == (False, False, {"get"})
    assert deployed.stack(FIVE_TIERS)["changed"] is False


def test_secret_in_an_empty_namespace_leaves_those_of_other_namespaces(deployed: Cluster) -> None:
    arguments = {**deployed.arguments, "store": STORE, "state": "absent", "namespace": "", "stack": ""}
    result = run_module("objstore_secret", arguments, check=True)
    assert not result.failed
    assert "deleted" not in result.actions().values()


@pytest.mark.parametrize("check", [True, False])
def test_variable_that_is_given_twice_is_refused_before_anything_is_made(cluster: Cluster, check: bool) -> None:
    env = [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]
    mark = cluster.plane.audit_mark()
    result = cluster.stack({"query": {"env": env}}, check=check)
    assert result.failed
    assert "instances.query.env: name A is given twice; leave one of them out." in result["msg"]
    assert {e["verb"] for e in cluster.plane.audit_events(mark, user="admin")} <= {"get", "list"}


WRONG_PODS: list[tuple[dict[str, Any], str]] = [
    ({"tolerations": [{"kee": "a"}]}, ".spec.template.spec.tolerations[0].kee: field not declared in schema"),
    ({"tolerations": [{"key": "a", "operator": "Exist"}]}, 'tolerations[0].operator: Unsupported value: "Exist"'),
    ({"affinity": {"nodeAffinty": {}}}, ".spec.template.spec.affinity.nodeAffinty: field not declared in schema"),
    (
        {"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.nam"}}}]},
        'env[0].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.nam"',
    ),
]


@pytest.mark.parametrize(
    ("options", "sentence"), WRONG_PODS, ids=lambda x: next(iter(x)) if isinstance(x, dict) else ""
)
def test_what_only_the_server_knows_to_be_wrong_with_pods_is_told_before_anything_is_made(
    cluster: Cluster, options: dict[str, Any], sentence: str
) -> None:
    cluster.stack({"query": {}})
    before = cluster.get("services")["items"]
    result = cluster.stack({"query": {}, "query-2": {"tier": "query", **options}})
    assert result.failed
    assert "this task changed nothing, since the API server refuses:\n- Deployment" in result["msg"]
    assert sentence in result["msg"]
    assert [s["metadata"]["name"] for s in cluster.get("services")["items"]] == [s["metadata"]["name"] for s in before]
