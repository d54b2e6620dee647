# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``changed`` is the truth: what is equal is not sent, what somebody else did is repaired, what we drop is removed."""

from __future__ import annotations

import copy
from collections import Counter
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.engine import Outcome
from tests.integration.kubernetes import samples
from tests.integration.kubernetes.conftest import World
from tests.support.waiting import until

pytestmark = pytest.mark.api


def actions(outcome: Outcome) -> Counter[str]:
    return Counter(entry["action"] for entry in outcome.objects)


def changed(outcome: Outcome) -> list[str]:
    return [f"{e['action']} {e['kind']} {e['name']}" for e in outcome.objects if e["action"] != "unchanged"]


def test_second_run_of_every_kind_sends_nothing(world: World) -> None:
    manifests = samples.query() + samples.store()
    assert actions(world.run(manifests)) == {"created": len(manifests) + 1}
    mark = world.plane.audit_mark()
    second = world.run(manifests)
    assert not second.changed
    assert actions(second) == {"unchanged": len(manifests)}
    assert {request.split()[0] for request in world.requests(mark)} == {"get", "list"}


DEPLOYMENT = ("Deployment", "thanos-query")
CONTAINER = "/spec/template/spec/containers/0"
# What another hand does to the Deployment: name of the case → patch (a list is a JSON patch).
DRIFT: dict[str, Any] = {
    "a value is edited": {"spec": {"replicas": 5}},
    "a label is removed": {"metadata": {"labels": {"app.kubernetes.io/part-of": None}}},
    "our stack label is removed": {"metadata": {"labels": {"o11y.thanos/stack": None}}},
    "our stack label is edited": {"metadata": {"labels": {"o11y.thanos/stack": "other"}}},
    "our instance label is edited": {"metadata": {"labels": {"o11y.thanos/instance": "other"}}},
    "every label is removed": {"metadata": {"labels": None}},
    "a field is removed": [{"op": "remove", "path": f"{CONTAINER}/livenessProbe"}],
    "a field is set to its default": [
        {"op": "replace", "path": "/spec/strategy/rollingUpdate/maxSurge", "value": "25%"}
    ],
    "an empty value is replaced": [
        {"op": "replace", "path": "/spec/template/spec/volumes/1", "value": {"name": "tmp", "hostPath": {"path": "/x"}}}
    ],
    "a probe becomes another": [
        {"op": "replace", "path": f"{CONTAINER}/readinessProbe", "value": {"tcpSocket": {"port": "http"}}}
    ],
    "a port gets another number": [{"op": "replace", "path": f"{CONTAINER}/ports/1/containerPort", "value": 9}],
    "the strategy becomes another": [{"op": "replace", "path": "/spec/strategy", "value": {"type": "Recreate"}}],
    "a variable gets another source": [
        {
            "op": "replace",
            "path": f"{CONTAINER}/env/0",
            "value": {"name": "NAME", "value": "x"},
        }
    ],
    "an environment variable is removed": [{"op": "remove", "path": f"{CONTAINER}/env/0"}],
    "an empty variable gets a value": [{"op": "add", "path": f"{CONTAINER}/env/2/value", "value": "full"}],
    "a port is removed": [{"op": "remove", "path": f"{CONTAINER}/ports/1"}],
    "an argument is added": [{"op": "add", "path": f"{CONTAINER}/args/-", "value": "--more"}],
    "a toleration is removed": [{"op": "remove", "path": "/spec/template/spec/tolerations"}],
    "a quantity is edited": [{"op": "replace", "path": f"{CONTAINER}/resources/limits/cpu", "value": "1001m"}],
    "an empty map gets content": [{"op": "add", "path": "/spec/template/spec/nodeSelector", "value": {"a": "b"}}],
}


@pytest.mark.parametrize("patch", DRIFT.values(), ids=DRIFT.keys())
def test_drift_by_another_hand_is_repaired_and_reported(world: World, patch: Any) -> None:
    manifests = samples.query()
    world.run(manifests)
    before = world.live(*DEPLOYMENT)
    world.edit(*DEPLOYMENT, patch)
    assert changed(world.run(manifests)) == ["updated Deployment thanos-query"]
    assert spec_and_labels(world.live(*DEPLOYMENT)) == spec_and_labels(before)
    assert not world.run(manifests).changed


def spec_and_labels(item: dict[str, Any] | None) -> Any:
    assert item is not None
    return item["spec"], item["metadata"]["labels"]


def test_deleted_object_is_created_again(world: World) -> None:
    manifests = samples.query()
    world.run(manifests)
    world.delete("Service", "thanos-query")
    assert changed(world.run(manifests)) == ["created Service thanos-query"]


def test_field_that_is_no_longer_rendered_is_removed(world: World) -> None:
    manifests = samples.query()
    world.run(manifests)
    fewer = copy.deepcopy(manifests)
    container = next(m for m in fewer if m["kind"] == "Deployment")["spec"]["template"]["spec"]["containers"][0]
    del container["livenessProbe"], container["resources"]["limits"], container["env"][0]
    assert changed(world.run(fewer)) == ["updated Deployment thanos-query"]
    live = (world.live(*DEPLOYMENT) or {})["spec"]["template"]["spec"]["containers"][0]
    assert "livenessProbe" not in live
    assert "limits" not in live["resources"]
    assert [variable["name"] for variable in live["env"]] == ["MEMORY", "EMPTY"]


def test_what_others_add_beside_our_fields_stays(world: World) -> None:
    manifests = samples.query()
    world.run(manifests)
    world.edit(*DEPLOYMENT, {"metadata": {"annotations": {"team": "metrics"}}})
    assert not world.run(manifests).changed
    assert (world.live(*DEPLOYMENT) or {})["metadata"]["annotations"]["team"] == "metrics"


def seen_by_its_controller(world: World) -> None:
    """Wait for what its controller notes on a Deployment: between a run's look and its write it would be a change."""

    def noted() -> bool:
        seen: dict[str, str] = (world.live(*DEPLOYMENT) or {})["metadata"].get("annotations", {})
        return "deployment.kubernetes.io/revision" in seen

    until(noted)


OTHER_SPELLINGS = {
    "quantity": lambda c: c["resources"].update(limits={"cpu": 1, "memory": "2Gi"}),
    "default": lambda c: c["ports"][0].update(protocol="TCP"),
    "empty list": lambda c: c.update(envFrom=[]),
    "nothing": lambda c: c.update(startupProbe=None),
}


@pytest.mark.parametrize("spell", OTHER_SPELLINGS.values(), ids=OTHER_SPELLINGS.keys())
def test_another_spelling_of_the_same_is_no_change(world: World, spell: Any) -> None:
    manifests = samples.query()
    world.run(manifests)
    seen_by_its_controller(world)
    spelled = copy.deepcopy(manifests)
    spell(next(m for m in spelled if m["kind"] == "Deployment")["spec"]["template"]["spec"]["containers"][0])
    assert not world.run(spelled).changed


def test_secret_given_as_text_is_no_change_and_a_new_value_is(world: World) -> None:
    secret = samples.manifest("Secret", "s", stringData={"a": "one"})
    world.run([secret])
    assert not world.run([secret]).changed
    assert not world.run([samples.manifest("Secret", "s", data={"a": "b25l"})]).changed
    assert world.run([samples.manifest("Secret", "s", stringData={"a": "two"})]).changed


def test_object_that_moves_to_another_instance_keeps_no_field_of_the_former(world: World) -> None:
    world.run([samples.config("shared", "query", old="1", both="1")])
    assert changed(world.run([samples.config("shared", "query-eu", new="2", both="1")])) == ["updated ConfigMap shared"]
    live = world.live("ConfigMap", "shared") or {}
    assert live["data"] == {"new": "2", "both": "1"}
    assert not world.run([samples.config("shared", "query-eu", new="2", both="1")]).changed


def test_characters_beyond_sixteen_bits_arrive(world: World) -> None:
    manifests = samples.query()
    deployment = next(item for item in manifests if item["kind"] == "Deployment")
    deployment["metadata"]["annotations"] = {"runbook": "🔥 disk full"}
    world.run(manifests)
    assert (world.live(*DEPLOYMENT) or {})["metadata"]["annotations"]["runbook"] == "🔥 disk full"
    assert not world.run(manifests).changed
