# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gates on a real server with real controllers; what a kubelet would report of the pods is set by the tests."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import Failure
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.client import Client
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import Manifest, Ref, labels, ref_of
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.phases import (
    DONE,
    Gate,
    Phase,
    Snapshot,
    Verdict,
    waiting,
)
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.readiness import Patience, rollout_gate
from tests.integration.kubernetes import samples
from tests.integration.kubernetes.conftest import World

pytestmark = pytest.mark.api

# What a kubelet would say of a pod.
State = Callable[[Manifest], Manifest]


def now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def container(ready: bool = False, restarts: int = 0, **state: Any) -> Manifest:
    names = {"image": "i", "imageID": "", "name": "thanos"}
    return {**names, "ready": ready, "restartCount": restarts, "lastState": {}, **state}


def ready(_pod: Manifest) -> Manifest:
    condition = {"type": "Ready", "status": "True", "lastTransitionTime": now()}
    running = container(ready=True, state={"running": {"startedAt": now()}})
    return {"phase": "Running", "conditions": [condition], "containerStatuses": [running]}


def without_image(_pod: Manifest) -> Manifest:
    reason = {"reason": "ImagePullBackOff", "message": "manifest unknown"}
    return {"phase": "Pending", "containerStatuses": [container(state={"waiting": reason})]}


def without_secret(_pod: Manifest) -> Manifest:
    reason = {"reason": "CreateContainerConfigError", "message": 'secret "objstore" not found'}
    return {"phase": "Pending", "containerStatuses": [container(state={"waiting": reason})]}


def crashing(_pod: Manifest) -> Manifest:
    ended = {"terminated": {"exitCode": 2, "reason": "Error", "finishedAt": now()}}
    status = container(restarts=3, state={"waiting": {"reason": "CrashLoopBackOff"}}, lastState=ended)
    return {"phase": "Running", "containerStatuses": [status]}


def crashed_long_ago(pod: Manifest) -> Manifest:
    status = crashing(pod)
    status["containerStatuses"][0]["lastState"]["terminated"]["finishedAt"] = "2020-01-01T00:00:00Z"
    return status


def unschedulable(_pod: Manifest) -> Manifest:
    text = "0/3 nodes are available: 3 Insufficient cpu."
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": text}
    return {"phase": "Pending", "conditions": [{**condition, "lastTransitionTime": now()}]}


@contextmanager
def pods_are(world: World, state: State) -> Iterator[None]:
    """Every pod of the namespace that has no status yet gets this one."""
    over = threading.Event()

    def report() -> None:
        seen: set[str] = set()
        while not over.wait(0.2):
            for pod in world.plane.api.must("GET", world.path("Pod"))["items"]:
                name = pod["metadata"]["name"]
                if name not in seen:
                    seen.add(name)
                    path = f"{world.path('Pod', name)}/status"
                    world.plane.api.request("PATCH", path, {"status": state(pod)}, "application/merge-patch+json")

    thread = threading.Thread(target=report)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def account(world: World, name: str) -> None:
    world.make("ServiceAccount", samples.manifest("ServiceAccount", name, "x", "other"))


def deployment() -> Manifest:
    result = samples.named(samples.query(), "Deployment")
    result["spec"]["template"]["spec"]["serviceAccountName"] = "default"
    return result


def stateful_set() -> Manifest:
    result = samples.named(samples.store(), "StatefulSet", "thanos-store")
    result["spec"]["template"]["spec"]["serviceAccountName"] = "default"
    del result["spec"]["volumeClaimTemplates"]
    return result


def wait_for(world: World, manifest: Manifest, timeout: float = 25, **patience: int) -> None:
    """A run with a rollout gate."""
    gate = rollout_gate([ref_of(manifest, world.namespace)], Patience(**patience))
    world.run([Phase("workloads", [manifest], gate)], wait=True, wait_timeout=timeout)


@pytest.mark.parametrize("manifest", [deployment(), stateful_set()], ids=["Deployment", "StatefulSet"])
def test_gate_opens_when_the_pods_are_ready(world: World, manifest: Manifest) -> None:
    with pods_are(world, ready):
        wait_for(world, manifest)


def test_gate_waits_for_this_generation(world: World) -> None:
    with pods_are(world, ready):
        wait_for(world, deployment())
    newer = deployment()
    newer["spec"]["template"]["spec"]["containers"][0]["args"] = ["query"]
    with pytest.raises(Failure, match=r"of 2 pods updated|old pods still there"):
        wait_for(world, newer, timeout=5)


TIMED_OUT = "not ready after"
TERMINAL: dict[str, tuple[State, dict[str, int], str]] = {
    "no image": (without_image, {}, "cannot be pulled .ImagePullBackOff: manifest unknown"),
    "crash loop": (crashing, {"restarts": 3}, "container thanos crashed and was restarted 3 times .exit code 2, Error"),
    "no secret": (without_secret, {"grace": 3}, 'did not start for 3 s .*secret "objstore" not found'),
    "no node": (unschedulable, {"grace": 3}, "found no node for 3 s: 0/3 nodes are available"),
}


@pytest.mark.parametrize(("state", "patience", "message"), TERMINAL.values(), ids=TERMINAL.keys())
def test_waiting_stops_early_at_what_time_will_not_mend(
    world: World, state: State, patience: dict[str, int], message: str
) -> None:
    with pods_are(world, state), pytest.raises(Failure, match=message) as failure:
        wait_for(world, deployment(), timeout=60, **patience)
    assert TIMED_OUT not in str(failure.value)


def test_crash_from_before_the_run_is_given_time(world: World) -> None:
    with pods_are(world, crashed_long_ago), pytest.raises(Failure, match=r"not ready after .* 0 of 2 pods ready"):
        wait_for(world, deployment(), timeout=6, restarts=3)


@pytest.mark.parametrize("manifest", [deployment(), stateful_set()], ids=["Deployment", "StatefulSet"])
def test_exceeded_quota_stops_the_wait(world: World, manifest: Manifest) -> None:
    path = f"/api/v1/namespaces/{world.namespace}/resourcequotas"
    world.plane.api.must("POST", path, {"metadata": {"name": "q"}, "spec": {"hard": {"pods": "0"}}})
    with pytest.raises(Failure, match=r"cannot be created: .*exceeded quota") as failure:
        wait_for(world, manifest, timeout=60)
    assert TIMED_OUT not in str(failure.value)


def test_unbound_claim_stops_the_wait_after_its_grace(world: World) -> None:
    manifest = samples.named(samples.store(), "StatefulSet", "thanos-store")
    manifest["spec"]["template"]["spec"]["serviceAccountName"] = "default"
    with pytest.raises(Failure, match=r"claim data-thanos-store-0 was not bound for 3 s \(storage class standard\)"):
        wait_for(world, manifest, timeout=60, grace=3)


def test_error_quotes_the_newest_events_of_the_pods_masked(world: World) -> None:
    def troubled(pod: Manifest) -> Manifest:
        meta = pod["metadata"]
        about = {"kind": "Pod", "name": meta["name"], "namespace": world.namespace, "uid": meta["uid"]}
        event = {
            "metadata": {"generateName": "e"},
            "involvedObject": about,
            "type": "Warning",
            "reason": "FailedMount",
            "message": "cannot mount with c4n4ry-s3cr3t",
            "lastTimestamp": now(),
        }
        world.make("Event", event)
        return without_image(pod)

    phase = Phase("p", [deployment()], rollout_gate([ref_of(deployment(), world.namespace)]))
    with pods_are(world, troubled), pytest.raises(Failure) as failure:
        world.run([phase], wait=True, wait_timeout=8, secrets=("c4n4ry-s3cr3t",))
    assert "FailedMount: cannot mount with ********" in str(failure.value)


def test_requests_of_a_wait_are_one_list_for_each_kind_every_two_seconds(world: World) -> None:
    mark = world.plane.audit_mark()
    with pytest.raises(Failure):
        wait_for(world, deployment(), timeout=7)
    lists = Counter(request for request in world.requests(mark) if request.startswith("list"))
    assert lists["list pods"] == lists["list replicasets"]
    # On a busy machine a look takes long, so that there are fewer.
    assert 2 <= lists["list pods"] <= 4


def closed(_snapshot: Snapshot) -> Verdict:
    return waiting("it is closed")


def test_phase_behind_a_closed_gate_is_not_applied_and_the_error_says_so(world: World) -> None:
    phases = [Phase("one", [samples.config("a")], Gate("door", (), closed)), Phase("two", [samples.config("b")])]
    with pytest.raises(Failure) as failure:
        world.run(phases, wait=True, wait_timeout=3)
    assert str(failure.value).splitlines()[0].startswith("door: not ready after")
    assert f"not done: ConfigMap {world.namespace}/b" in str(failure.value)
    assert world.live("ConfigMap", "b") is None


def test_action_of_a_gate_is_asked_each_round_and_its_answer_is_judged(world: World) -> None:
    asked: list[frozenset[Ref]] = []

    def ask(_client: Client, snapshot: Snapshot) -> int:
        asked.append(snapshot.changed)
        return len(asked)

    def check(snapshot: Snapshot) -> Verdict:
        return DONE if snapshot.answer == 2 else waiting("ask again")

    world.run([Phase("one", [samples.config("a")], Gate("asked", (), check, ask))], wait=True)
    assert len(asked) == 2
    assert Ref("ConfigMap", world.namespace, "a") in asked[0]


@pytest.mark.parametrize("settings", [{"wait": False}, {"wait": True, "check_mode": True}], ids=["no wait", "check"])
def test_gates_are_for_runs_that_wait_and_change(world: World, settings: dict[str, bool]) -> None:
    phases = [Phase("one", [samples.config("a")], Gate("door", (), closed)), Phase("two", [samples.config("b")])]
    outcome = world.run(phases, **settings)
    assert {"a", "b"} <= {entry["name"] for entry in outcome.objects}


def guarded(**gate: Any) -> list[Phase]:
    """A phase whose objects stand behind a guard that is closed until the ConfigMap ``open`` is there."""

    def check(snapshot: Snapshot) -> Verdict:
        return DONE if snapshot.get("ConfigMap", "open") else waiting("1 of 2 members ready")

    door = Gate("members", ("ConfigMap",), check, **gate)
    return [Phase("start", [samples.config("a")]), Phase("ring", [samples.config("ring")], guard=door)]


def test_guard_holds_its_phase_back_without_wait_too_until_the_timeout(world: World) -> None:
    with pytest.raises(
        Failure, match=r"\Amembers: not ready after .* \(wait_timeout\): 1 of 2 members ready"
    ) as failure:
        world.run(guarded(), wait=False, wait_timeout=3)
    assert f"not done: ConfigMap {world.namespace}/ring" in str(failure.value)
    assert world.live("ConfigMap", "a")
    assert world.live("ConfigMap", "ring") is None


def test_guard_that_opens_meanwhile_lets_the_phase_pass_and_what_it_waits_for_is_told(world: World) -> None:
    told: list[str] = []

    def tell(text: str) -> None:
        told.append(text)
        world.make("ConfigMap", {"metadata": {"name": "open", "labels": labels("thanos", "other")}})

    world.run(guarded(), "query", wait=False, tell=tell)
    assert told == ["ring: 1 of 2 members ready"]
    assert world.live("ConfigMap", "ring")


def test_guard_stands_before_what_its_phase_removes(world: World) -> None:
    world.run([samples.config("shard-1"), samples.config("a")])
    shrunk = Phase("shrink", [samples.config("a")], guard=Gate("drained", (), closed), prunes=True)
    with pytest.raises(Failure, match="drained: not ready"):
        world.run([shrunk], wait=False, wait_timeout=1)
    assert world.live("ConfigMap", "shard-1")


def test_phase_without_anything_to_write_is_not_guarded(world: World) -> None:
    world.run([samples.config("a"), samples.config("ring")])
    mark = world.plane.audit_mark()
    assert not world.run(guarded(), wait=False, wait_timeout=1).changed
    assert world.requests(mark).count("list configmaps") == 1


def test_check_mode_warns_of_a_closed_guard_and_writes_nothing(world: World) -> None:
    outcome = world.run(guarded(), check_mode=True)
    assert outcome.warnings == [
        "ring: members: 1 of 2 members ready; the run would wait before anything of this phase is changed"
    ]
    assert {"a", "ring"} <= {entry["name"] for entry in outcome.objects}


def test_check_mode_does_not_act_for_a_guard(world: World) -> None:
    def act(_client: Client, _snapshot: Snapshot) -> None:
        raise AssertionError

    assert "not asked in check mode" in world.run(guarded(action=act), check_mode=True).warnings[0]
