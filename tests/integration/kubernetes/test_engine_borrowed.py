# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our fields on somebody else's object: added, kept beside the owner's, never taken, and given back."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import Failure
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.engine import Outcome
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import Manifest
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.phases import (
    DONE,
    Borrowed,
    Gate,
    Phase,
    Snapshot,
    Verdict,
    failed,
    waiting,
)
from tests.integration.kubernetes import samples
from tests.integration.kubernetes.conftest import World

pytestmark = pytest.mark.api

MANAGER = "o11y.thanos-fields/thanos/sidecar"
RECORD = "o11y-thanos-thanos"
THEIRS = "prometheus-main"


def prometheus() -> Manifest:
    """The owner's StatefulSet, as another tool makes it."""
    container = {
        "name": "prometheus",
        "image": "prometheus:v3",
        "args": ["--storage.tsdb.min-block-duration=2h"],
        "env": [{"name": "PASSWORD", "value": "0wn3rs-s3cr3t"}],
        "volumeMounts": [{"name": "data", "mountPath": "/prometheus"}],
    }
    labels = {"app": "prometheus"}
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [container], "volumes": [{"name": "data", "emptyDir": {}}]},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": THEIRS},
        "spec": {"serviceName": "p", "replicas": 2, "selector": {"matchLabels": labels}, "template": template},
    }


def sidecar(instance: str = "sidecar", name: str = THEIRS, **container: Any) -> Borrowed:
    """A container and a volume for it."""
    ours = {
        "name": f"thanos-{instance}",
        "image": "thanos:v0.42.4",
        "args": ["sidecar", "--tsdb.path=/prometheus"],
        "ports": [{"name": "grpc", "containerPort": 10901}],
        "volumeMounts": [
            {"name": "data", "mountPath": "/prometheus"},
            {"name": "objstore", "mountPath": "/etc/thanos"},
        ],
        **container,
    }
    volume = {"name": "objstore", "secret": {"secretName": "thanos-objstore"}}
    spec = {"template": {"spec": {"containers": [ours], "volumes": [volume]}}}
    return Borrowed(
        instance, {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": name}, "spec": spec}
    )


def borrow(world: World, *borrowed: Borrowed, **settings: Any) -> Outcome:
    """A run of the instance ``sidecar`` (and ``other``) that borrows, with an object of its own."""
    phase = Phase("sidecars", [samples.config("rules", "sidecar")], borrows=list(borrowed))
    return world.run([phase], "sidecar", "other", **settings)


def pod_of(world: World) -> dict[str, Any]:
    live = world.live("StatefulSet", THEIRS)
    assert live
    spec: dict[str, Any] = live["spec"]["template"]["spec"]
    return spec


def names(world: World, part: str = "containers") -> set[str]:
    return {item["name"] for item in pod_of(world)[part]}


def action(outcome: Outcome) -> list[str]:
    return [entry["action"] for entry in outcome.objects if entry["name"] == THEIRS]


def writes(world: World, mark: int) -> list[str]:
    return [request for request in world.requests(mark) if request.split()[0] not in ("get", "list")]


def loans(world: World) -> list[dict[str, str]]:
    data = (world.live("ConfigMap", RECORD) or {})["data"]
    return [json.loads(text) for key, text in data.items() if key.startswith("loan.")]


def test_container_and_volume_are_added_beside_the_owners_and_nothing_else_changes(world: World) -> None:
    before = world.make("StatefulSet", prometheus(), "helm")
    outcome = borrow(world, sidecar())
    assert action(outcome) == ["updated"]
    live = world.live("StatefulSet", THEIRS) or {}
    containers = live["spec"]["template"]["spec"].pop("containers")
    volumes = live["spec"]["template"]["spec"].pop("volumes")
    assert [c["name"] for c in containers] == ["prometheus", "thanos-sidecar"]
    assert [v["name"] for v in volumes] == ["data", "objstore"]
    assert containers[0] == before["spec"]["template"]["spec"].pop("containers")[0]
    before["spec"]["template"]["spec"].pop("volumes")
    assert live["spec"] == before["spec"]
    assert "labels" not in live["metadata"]
    wanted = {"instance": "sidecar", "kind": "StatefulSet", "namespace": world.namespace, "name": THEIRS}
    assert loans(world) == [wanted]


def test_second_run_sends_nothing(world: World) -> None:
    world.make("StatefulSet", prometheus(), "helm")
    borrow(world, sidecar())
    mark = world.plane.audit_mark()
    outcome = borrow(world, sidecar())
    assert not outcome.changed
    assert action(outcome) == ["unchanged"]
    assert writes(world, mark) == []
    assert world.requests(mark).count("get statefulsets") == 1


@pytest.mark.parametrize("way", ["client-side apply", "server-side apply", "read and replace"])
def test_owners_update_keeps_ours_and_a_run_after_it_keeps_theirs(world: World, way: str) -> None:
    theirs = prometheus()
    path = world.path("StatefulSet", THEIRS)
    form = "application/apply-patch+yaml"
    if way == "server-side apply":
        world.plane.api.must("PATCH", f"{path}?fieldManager=flux", theirs, form)
    else:
        world.make("StatefulSet", theirs, "kubectl-client-side-apply")
    borrow(world, sidecar())
    newer = copy.deepcopy(theirs)
    newer["spec"]["template"]["spec"]["containers"][0]["image"] = "prometheus:v4"
    if way == "server-side apply":
        world.plane.api.must("PATCH", f"{path}?fieldManager=flux", newer, form)
    elif way == "client-side apply":
        # What kubectl computes from the last applied, the new and the live object.
        container = {"name": "prometheus", "image": "prometheus:v4"}
        patch = {"spec": {"template": {"spec": {"containers": [container]}}}}
        form = "application/strategic-merge-patch+json"
        world.plane.api.must("PATCH", f"{path}?fieldManager=kubectl-client-side-apply", patch, form)
    else:
        live = world.plane.api.must("GET", path)
        live["spec"]["template"]["spec"]["containers"][0]["image"] = "prometheus:v4"
        # Its controller may write the status meanwhile.
        del live["metadata"]["resourceVersion"]
        world.plane.api.must("PUT", f"{path}?fieldManager=operator", live)
    assert names(world) == {"prometheus", "thanos-sidecar"}
    assert not borrow(world, sidecar()).changed
    changed = borrow(world, sidecar(image="thanos:v0.43.0"))
    assert action(changed) == ["updated"]
    images = {c["name"]: c["image"] for c in pod_of(world)["containers"]}
    assert images == {"prometheus": "prometheus:v4", "thanos-sidecar": "thanos:v0.43.0"}
    assert names(world, "volumes") == {"data", "objstore"}


def test_what_the_owner_removed_is_added_again(world: World) -> None:
    world.make("StatefulSet", prometheus(), "operator")
    borrow(world, sidecar())
    world.plane.api.must("PUT", f"{world.path('StatefulSet', THEIRS)}?fieldManager=operator", prometheus())
    assert names(world) == {"prometheus"}
    assert action(borrow(world, sidecar())) == ["updated"]
    assert names(world) == {"prometheus", "thanos-sidecar"}


def test_field_of_the_owner_is_not_taken_and_the_sentence_names_both(world: World) -> None:
    world.make("StatefulSet", prometheus(), "helm")
    mine = sidecar()
    mine.fields["spec"]["template"]["spec"]["containers"][0].update(name="prometheus", image="thanos:v0.42.4")
    mine.fields["spec"]["replicas"] = 5
    mark = world.plane.audit_mark()
    with pytest.raises(Failure) as failure:
        borrow(world, mine)
    lines = str(failure.value).splitlines()
    assert lines[0] == "this task changed nothing:"
    start = f"- StatefulSet {world.namespace}/{THEIRS}: 'sidecar' wants to set"
    end = "which is held by helm with another value; it is not taken from there"
    assert f"{start} .spec.replicas, {end}" in lines
    assert f'{start} .spec.template.spec.containers[name="prometheus"].image, {end}' in lines
    assert set(writes(world, mark)) == {"patch statefulsets"}
    assert world.live("ConfigMap", RECORD) is None
    assert world.live("ConfigMap", "rules") is None


def test_our_own_field_that_another_hand_edited_is_not_taken_back_silently(world: World) -> None:
    world.make("StatefulSet", prometheus(), "helm")
    borrow(world, sidecar())
    container = {"name": "thanos-sidecar", "image": "thanos:mine"}
    patch = {"spec": {"template": {"spec": {"containers": [container]}}}}
    path = f"{world.path('StatefulSet', THEIRS)}?fieldManager=kubectl-edit"
    world.plane.api.must("PATCH", path, patch, "application/strategic-merge-patch+json")
    with pytest.raises(Failure, match=r"containers\[name=.thanos-sidecar.\]\.image, which is held by kubectl-edit"):
        borrow(world, sidecar())


def test_object_that_is_not_there_or_is_our_own_is_a_sentence_with_all_other_problems(world: World) -> None:
    world.make("ConfigMap", {"metadata": {"name": "rules"}, "data": {"a": "b"}})
    with pytest.raises(Failure) as failure:
        borrow(world, sidecar(), sidecar("other", "elsewhere"))
    text = str(failure.value)
    assert f"StatefulSet {world.namespace}/{THEIRS} does not exist, and 'sidecar' adds to it" in text
    assert f"StatefulSet {world.namespace}/elsewhere does not exist, and 'other' adds to it" in text
    assert f"ConfigMap {world.namespace}/rules exists and was made by by-hand" in text
    assert world.live("StatefulSet", THEIRS) is None


def test_object_of_the_stack_itself_is_refused(world: World) -> None:
    world.run([samples.named(samples.store(), "StatefulSet", "thanos-store")], "store")
    with pytest.raises(Failure, match="thanos-store is an object of this stack"):
        borrow(world, sidecar(name="thanos-store"))


def test_fields_go_when_they_are_no_longer_wanted_and_the_owners_stay(world: World) -> None:
    world.make("StatefulSet", prometheus(), "helm")
    borrow(world, sidecar())
    # The owner has come to rely on the volume.
    volume = {"name": "objstore", "secret": {"secretName": "thanos-objstore"}}
    spec = {"template": {"spec": {"volumes": [volume]}}}
    theirs = {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": THEIRS}, "spec": spec}
    path = f"{world.path('StatefulSet', THEIRS)}?fieldManager=flux"
    world.plane.api.must("PATCH", path, theirs, "application/apply-patch+yaml")
    assert action(borrow(world)) == ["updated"]
    assert names(world) == {"prometheus"}
    assert names(world, "volumes") == {"data", "objstore"}
    live = world.live("StatefulSet", THEIRS) or {}
    assert MANAGER not in {entry["manager"] for entry in live["metadata"]["managedFields"]}
    assert loans(world) == []
    mark = world.plane.audit_mark()
    assert not borrow(world).changed
    assert "get statefulsets" not in world.requests(mark)


def test_run_of_another_instance_leaves_the_fields(world: World) -> None:
    world.make("StatefulSet", prometheus(), "helm")
    borrow(world, sidecar())
    assert not world.run([], "store").changed
    assert names(world) == {"prometheus", "thanos-sidecar"}


def test_instances_have_fields_on_one_object_side_by_side(world: World) -> None:
    world.make("StatefulSet", prometheus(), "helm")
    assert action(borrow(world, sidecar(), sidecar("other"))) == ["updated", "updated"]
    assert names(world) == {"prometheus", "thanos-sidecar", "thanos-other"}
    assert not borrow(world, sidecar(), sidecar("other")).changed
    borrow(world, sidecar("other"))
    assert names(world) == {"prometheus", "thanos-other"}


def test_teardown_gives_the_fields_back_and_deletes_nothing_foreign(world: World) -> None:
    world.make("StatefulSet", prometheus(), "helm")
    borrow(world, sidecar())
    assert action(world.teardown(check_mode=True)) == ["updated"]
    assert names(world) == {"prometheus", "thanos-sidecar"}
    assert action(world.teardown()) == ["updated"]
    assert names(world) == {"prometheus"}
    assert world.names("ConfigMap") == set()


def test_object_that_its_owner_removed_is_forgotten(world: World) -> None:
    world.make("StatefulSet", prometheus(), "helm")
    borrow(world, sidecar())
    world.delete("StatefulSet", THEIRS)
    borrow(world)
    assert loans(world) == []
    assert world.live("StatefulSet", THEIRS) is None


def test_check_mode_shows_our_fields_and_nothing_of_the_owners_and_writes_nothing(world: World) -> None:
    world.make("StatefulSet", prometheus(), "helm")
    mark = world.plane.audit_mark()
    outcome = borrow(world, sidecar(), check_mode=True, with_diff=True)
    uris = [e["requestURI"] for e in world.plane.audit_events(mark, user="admin") if e["verb"] not in ("get", "list")]
    assert uris
    assert [uri for uri in uris if "dryRun=All" not in uri] == []
    diff = next(each for each in outcome.diff if "fields of sidecar" in each["after_header"])
    assert "--tsdb.path=/prometheus" in diff["after"]
    assert "thanos-sidecar" not in diff["before"]
    assert "0wn3rs-s3cr3t" not in json.dumps(outcome.diff)
    borrow(world, sidecar())
    ended = borrow(world, check_mode=True, with_diff=True)
    diff = next(each for each in ended.diff if "fields of sidecar" in each["after_header"])
    assert "thanos-sidecar" in diff["before"]
    assert "thanos-sidecar" not in diff["after"]
    assert names(world) == {"prometheus", "thanos-sidecar"}
    assert len(loans(world)) == 1


def test_guard_of_a_phase_stands_before_fields_too(world: World) -> None:
    world.make("StatefulSet", prometheus(), "helm")
    door = Gate("door", (), lambda _snapshot: failed("shut"))
    with pytest.raises(Failure, match="door: shut"):
        world.run([Phase("sidecars", guard=door, borrows=[sidecar()])], "sidecar")
    assert names(world) == {"prometheus"}


def test_object_that_goes_between_plan_and_apply_is_not_made_anew(world: World) -> None:
    world.make("StatefulSet", prometheus(), "helm")
    world.make("ConfigMap", {"metadata": {"name": "go", "labels": {"o11y.thanos/stack": "thanos"}}})

    def remove(_text: str) -> None:
        world.delete("ConfigMap", "go")
        world.delete("StatefulSet", THEIRS)

    def gone(snapshot: Snapshot) -> Verdict:
        return waiting("the owner") if snapshot.get("ConfigMap", "go") else DONE

    door = Gate("door", ("ConfigMap",), gone)
    with pytest.raises(Failure, match=r"was replaced or removed while 'sidecar' was adding to it"):
        world.run([Phase("sidecars", guard=door, borrows=[sidecar()])], "sidecar", tell=remove)
    assert world.live("StatefulSet", THEIRS) is None
