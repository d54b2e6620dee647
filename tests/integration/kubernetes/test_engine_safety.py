# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine touches only what is its own: foreign objects, other instances, what it did not make, check mode."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import Failure
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import STACK_LABEL, Manifest, labels
from tests.integration.kubernetes import samples
from tests.integration.kubernetes.conftest import World

pytestmark = pytest.mark.api

HELM: Manifest = {
    "labels": {"app.kubernetes.io/managed-by": "Helm"},
    "annotations": {"meta.helm.sh/release-name": "metrics"},
}


def test_foreign_objects_stop_the_run_before_anything_is_applied_all_at_once(world: World) -> None:
    world.make("ConfigMap", {"metadata": {"name": "thanos-query", **HELM}, "data": {"a": "theirs"}})
    world.make("Service", {"metadata": {"name": "thanos-query"}, "spec": {"ports": [{"port": 1}]}}, "by-hand")
    other = {"metadata": {"name": "thanos-query", "labels": labels("other", "query")}}
    world.make("ServiceAccount", other, "o11y.thanos/other/query")
    mark = world.plane.audit_mark()
    with pytest.raises(Failure) as failure:
        world.run(samples.query())
    text = str(failure.value)
    assert "this task changed nothing" in text
    assert f"ConfigMap {world.namespace}/thanos-query exists and is managed by Helm (release metrics)" in text
    assert f"Service {world.namespace}/thanos-query exists and was made by by-hand" in text
    assert f"ServiceAccount {world.namespace}/thanos-query exists and belongs to the stack 'other'" in text
    assert {request.split()[0] for request in world.requests(mark)} == {"get", "list"}
    assert (world.live("ConfigMap", "thanos-query") or {})["data"] == {"a": "theirs"}


def test_object_of_another_instance_stops_the_run(world: World) -> None:
    world.run([samples.config("shared", "store")], "store")
    with pytest.raises(Failure, match="belongs to the instance 'store'"):
        world.run([samples.config("shared", "query")], "query")


def test_toggle_within_an_instance_removes_its_objects_and_leaves_other_instances(world: World) -> None:
    world.run([samples.config("a"), samples.config("b")], "query")
    world.run([samples.config("c", "store")], "store")
    outcome = world.run([samples.config("a")], "query")
    assert [(e["name"], e["action"]) for e in outcome.objects] == [("a", "unchanged"), ("b", "deleted")]
    assert world.names("ConfigMap") == {"a", "c", "o11y-thanos-thanos"}


def test_kind_that_is_no_longer_rendered_is_pruned_by_the_record(world: World) -> None:
    world.run([samples.config("a"), samples.manifest("ServiceAccount", "gone")])
    world.run([samples.config("a")])
    assert world.names("ServiceAccount") == set()
    assert set((world.live("ConfigMap", "o11y-thanos-thanos") or {})["data"]) == {
        f"ConfigMap.{world.namespace}",
        f"ServiceAccount.{world.namespace}",
    }


def test_claims_foreign_secrets_and_objects_of_no_instance_are_never_pruned(world: World) -> None:
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    secret = samples.manifest("Secret", "theirs", stringData={"a": "b"})
    world.run([samples.manifest("PersistentVolumeClaim", "data", spec=claim), samples.manifest("Secret", "ours")])
    world.make("Secret", secret)
    world.make("Secret", {"metadata": {"name": "nobodys", "labels": {STACK_LABEL: "thanos"}}})
    world.run([samples.config("a")])
    assert world.names("PersistentVolumeClaim") == {"data"}
    assert world.names("Secret") == {"theirs", "nobodys"}


def test_removed_instance_is_pruned_with_everything_but_its_claims(world: World) -> None:
    world.run(samples.query() + samples.store(), "query", "store")
    world.run(samples.query(), "query", "store")
    assert world.names("StatefulSet") == set()
    assert world.names("ConfigMap") == {"thanos-query", "o11y-thanos-thanos"}


def test_check_mode_reports_everything_and_writes_nothing(world: World) -> None:
    world.run([samples.config("gone"), samples.config("edited", key="1"), samples.config("same")])
    mark = world.plane.audit_mark()
    wanted = [samples.config("edited", key="2"), samples.config("same"), *samples.query()]
    outcome = world.run(wanted, check_mode=True, with_diff=True)
    events = world.plane.audit_events(mark, user="admin")
    writes = [e["requestURI"] for e in events if e["verb"] not in ("get", "list")]
    assert writes
    assert [uri for uri in writes if "dryRun=All" not in uri] == []
    done = {(e["kind"], e["name"]): e["action"] for e in outcome.objects}
    assert done.pop(("ConfigMap", "gone")) == "deleted"
    assert done.pop(("ConfigMap", "edited")) == "updated"
    assert done.pop(("ConfigMap", "same")) == "unchanged"
    assert done.pop(("ConfigMap", "o11y-thanos-thanos")) == "updated"
    assert set(done.values()) == {"created"}
    assert len(outcome.diff) == len(outcome.objects) - 1
    assert world.names("ConfigMap") == {"gone", "edited", "same", "o11y-thanos-thanos"}


def test_check_mode_without_the_namespace_lists_every_object_as_not_validated(nowhere: World) -> None:
    mark = nowhere.plane.audit_mark()
    outcome = nowhere.run(samples.query(), check_mode=True)
    assert {e["action"] for e in outcome.objects} == {"created"}
    assert len(outcome.objects) == len(samples.query()) + 2
    assert "not validated" in outcome.warnings[0]
    # The record is asked for at the same time.
    assert sorted(nowhere.requests(mark)) == ["get configmaps", "get namespaces"]


INVALID: dict[str, tuple[dict[str, Any], str]] = {
    "value": ({"replicas": -1}, r"spec.replicas.*must be greater than or equal to 0"),
    "field": ({"replica": 1}, r".spec.replica: field not declared in schema"),
    "type": ({"replicas": "one"}, r".spec.replicas: expected numeric"),
}


@pytest.mark.parametrize(("spec", "message"), INVALID.values(), ids=INVALID.keys())
def test_invalid_manifest_is_found_by_check_mode_at_once(world: World, spec: dict[str, Any], message: str) -> None:
    wrong = samples.named(samples.query(), "Deployment")
    wrong["spec"].update(spec)
    mark = world.plane.audit_mark()
    with pytest.raises(Failure, match=message):
        world.run([wrong], check_mode=True, wait_timeout=20)
    # Not sent again, as what may mend itself would be.
    assert world.requests(mark).count("patch deployments") == 1


def test_namespace_is_created_when_absent(nowhere: World) -> None:
    outcome = nowhere.run([samples.config("a")])
    assert [(e["kind"], e["name"]) for e in outcome.objects if e["kind"] == "Namespace"] == [
        ("Namespace", nowhere.namespace)
    ]
    assert not nowhere.run([samples.config("a")]).changed


def test_secret_values_are_in_no_result_no_diff_and_no_error(world: World) -> None:
    canary = "c4n4ry-s3cr3t"
    first = world.run(samples.query(), with_diff=True)
    wrong = samples.manifest("ConfigMap", "not_valid", data={"x": canary})
    with pytest.raises(Failure) as failure:
        world.run([*samples.query(), {**wrong, "data": {canary + "/": "x"}}])
    changed = samples.manifest("Secret", "thanos-query", type="Opaque", stringData={"token": canary + "2"})
    second = world.run([m for m in samples.query() if m["kind"] != "Secret"] + [changed], with_diff=True)
    shown = f"{first.result()}{second.result()}{failure.value}"
    assert canary not in shown
    assert "YzRuNHJ5" not in shown
    diff = second.diff[0]
    assert diff["before_header"] == f"Secret {world.namespace}/thanos-query"
    assert "token: <redacted" in diff["before"]
    assert diff["before"] != diff["after"]


def test_same_object_rendered_twice_is_refused(world: World) -> None:
    with pytest.raises(Failure, match="more than once"):
        world.run([samples.config("a"), samples.config("a")])


def test_teardown_leaves_claims_secrets_and_namespace(world: World) -> None:
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    world.run([*samples.query(), *samples.store(), samples.manifest("PersistentVolumeClaim", "data", spec=claim)])
    world.make("ConfigMap", {"metadata": {"name": "theirs"}})
    checked = world.teardown(check_mode=True)
    assert world.names("Deployment") == {"thanos-query"}
    assert checked.objects == world.teardown().objects
    assert world.names("Deployment") | world.names("ConfigMap") | world.names("StatefulSet") == set()
    assert world.names("Secret") == {"thanos-query"}
    assert "data" in world.names("PersistentVolumeClaim")
    assert world.live("ConfigMap", "theirs")
    again = world.teardown()
    assert not again.changed


def test_teardown_with_every_option_leaves_nothing(world: World) -> None:
    world.run([*samples.query(), *samples.store()])
    world.teardown()
    world.teardown("PersistentVolumeClaim", "Secret", "Namespace", wait=True, wait_timeout=60)
    assert world.plane.api.request("GET", f"/api/v1/namespaces/{world.namespace}").status == 404


def test_teardown_never_deletes_a_namespace_of_kubernetes(plane_default: World) -> None:
    with pytest.raises(Failure, match="belongs to Kubernetes"):
        plane_default.teardown("Namespace")
