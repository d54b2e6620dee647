# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether workloads run what was applied, and signs that they never will. Pure functions over a snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .kinds import WAIT_KINDS
from .manifest import Manifest, Ref
from .phases import (
    DONE,
    Gate,
    Snapshot,
    Verdict,
    failed,
    waiting,
)

_PULL_FAILURES = frozenset({"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"})
_START_FAILURES = frozenset({"CreateContainerConfigError", "CreateContainerError", "RunContainerError"})
# Of so many pods it is said what they wait for.
_MOST_PODS = 2
_REVISION = "deployment.kubernetes.io/revision"
# The one admission failure that passes: the ServiceAccount was created a moment ago.
_PASSING = "error looking up service account"


@dataclass(frozen=True)
class Patience:
    """When a rollout is given up.

    After ``restarts`` of a container of the new revision; after ``grace`` seconds without a node, a bound claim or what
    a container needs to start. What was broken before the gate began has ``grace`` seconds to recover too.
    """

    restarts: int = 3
    grace: int = 60


def rollout_gate(refs: Iterable[Ref], patience: Patience | None = None) -> Gate:
    """A gate that opens when these Deployments and StatefulSets run their newest revision, ready, and nothing else."""
    wanted = tuple(refs)
    limits = patience or Patience()

    def check(snapshot: Snapshot) -> Verdict:
        verdicts = [rollout(snapshot, ref, limits) for ref in wanted]
        broken = [v for v in verdicts if v.state == "failed"]
        if broken:
            return failed("; ".join(v.reason for v in broken), *(pod for v in broken for pod in v.pods))
        behind = [v for v in verdicts if v.state == "waiting"]
        return waiting("; ".join(v.reason for v in behind), *(p for v in behind for p in v.pods)) if behind else DONE

    kinds = tuple(sorted({ref.kind for ref in wanted}))
    return Gate("rollout", (*kinds, *WAIT_KINDS), check)


def rollout(snapshot: Snapshot, ref: Ref, patience: Patience) -> Verdict:
    """One workload: done, waiting for what, or failed and why."""
    workload = snapshot.get(ref.kind, ref.name)
    if workload is None:
        return waiting(f"{ref} does not exist")
    progress = progress_of(workload)
    if not progress:
        return DONE
    pods = _new_pods(snapshot, workload) if _observed(workload) else []
    not_ready = [pod["metadata"]["name"] for pod in pods if not _condition(pod, "Ready")]
    trouble = next(_troubles(snapshot, workload, pods, patience), None)
    if trouble:
        return failed(f"{ref}: {trouble}", *not_ready)
    needs = [text for pod in pods for text in _waits_for(pod)]
    return waiting(f"{ref}: {'; '.join([progress, *needs[:_MOST_PODS]])}", *not_ready)


def _waits_for(pod: Manifest) -> list[str]:
    """What one pod that is not ready waits for, in the words of its status."""
    if _condition(pod, "Ready"):
        return []
    name, status = pod["metadata"]["name"], pod.get("status") or {}
    if _condition(pod, "PodScheduled", "False"):
        return [f"pod {name} waits for a node"]
    for container in [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]:
        state = container.get("state") or {}
        crashed = _crashed(container)
        if "waiting" in state:
            reason = state["waiting"].get("reason", "no reason given")
            return [f"pod {name}: {container['name']} waits ({reason}){crashed}"]
        if "running" in state and not container.get("ready"):
            return [f"pod {name}: {container['name']} runs and is not ready{crashed}"]
    return []


def _crashed(container: Mapping[str, Any]) -> str:
    """How often a container was restarted, and how its last run ended; empty when it never was."""
    restarts = container.get("restartCount", 0)
    ended = (container.get("lastState") or {}).get("terminated") or {}
    return f", restarted {restarts} times (exit code {ended.get('exitCode')})" if restarts and ended else ""


def progress_of(workload: Manifest) -> str:
    """What a workload's status still lacks, empty when its newest generation is fully there."""
    spec, status = workload["spec"], workload.get("status") or {}
    wanted = spec.get("replicas", 1)
    updated, ready = status.get("updatedReplicas", 0), status.get("readyReplicas", 0)
    if not _observed(workload):
        return "the new generation has not been seen by its controller"
    if workload["kind"] == "StatefulSet" and spec.get("updateStrategy", {}).get("type") == "OnDelete":
        return "" if ready >= wanted else f"{ready} of {wanted} pods ready"
    if updated < wanted:
        return f"{updated} of {wanted} pods updated"
    if status.get("replicas", 0) > wanted:
        return f"{status['replicas'] - wanted} old pods still there"
    if ready < wanted:
        return f"{ready} of {wanted} pods ready"
    if workload["kind"] == "StatefulSet" and status.get("currentRevision") != status.get("updateRevision"):
        return "the update is not complete"
    if workload["kind"] == "Deployment" and status.get("availableReplicas", 0) < wanted:
        return f"{status.get('availableReplicas', 0)} of {wanted} pods available"
    return ""


def _observed(workload: Manifest) -> bool:
    return bool((workload.get("status") or {}).get("observedGeneration", 0) >= workload["metadata"]["generation"])


def _new_pods(snapshot: Snapshot, workload: Manifest) -> list[Manifest]:
    """The pods of the newest revision."""
    if workload["kind"] == "StatefulSet":
        revision = (workload.get("status") or {}).get("updateRevision")
        mine = _owned_by(snapshot.of("Pod"), workload)
        return [p for p in mine if p["metadata"].get("labels", {}).get("controller-revision-hash") == revision]
    newest = _newest_replica_set(snapshot, workload)
    return _owned_by(snapshot.of("Pod"), newest) if newest else []


def _newest_replica_set(snapshot: Snapshot, workload: Manifest) -> Manifest | None:
    revision = (workload["metadata"].get("annotations") or {}).get(_REVISION)
    sets = _owned_by(snapshot.of("ReplicaSet"), workload)
    return next((s for s in sets if (s["metadata"].get("annotations") or {}).get(_REVISION) == revision), None)


def _owned_by(items: Iterable[Manifest], owner: Manifest) -> list[Manifest]:
    uid = owner["metadata"]["uid"]
    return [i for i in items if any(o["uid"] == uid for o in i["metadata"].get("ownerReferences") or ())]


def _troubles(snapshot: Snapshot, workload: Manifest, pods: Iterable[Manifest], patience: Patience) -> Iterator[str]:
    """Sentences about what waiting will not mend."""
    yield from _creation_troubles(snapshot, workload, patience)
    for pod in pods:
        name = pod["metadata"]["name"]
        yield from (f"pod {name}: {text}" for text in _container_troubles(snapshot, pod, patience))
        scheduled = _condition(pod, "PodScheduled", "False")
        if scheduled and _age(snapshot, scheduled.get("lastTransitionTime")) >= patience.grace:
            yield f"pod {name} found no node for {patience.grace} s: {scheduled.get('message', 'unschedulable')}"
        for claim in _unbound(snapshot, pod):
            if _age(snapshot, claim["metadata"].get("creationTimestamp")) >= patience.grace:
                storage_class = claim["spec"].get("storageClassName") or "none"
                yield (
                    f"claim {claim['metadata']['name']} was not bound for {patience.grace} s "
                    f"(storage class {storage_class})"
                )


def _creation_troubles(snapshot: Snapshot, workload: Manifest, patience: Patience) -> Iterator[str]:
    """Pods that may not be made: quota, admission, pod security."""
    failure = _condition(workload, "ReplicaFailure")
    if failure and _lasts(snapshot, failure.get("lastUpdateTime"), patience) and _PASSING not in failure["message"]:
        yield f"its pods cannot be created: {failure['message']}"
    stuck = _condition(workload, "Progressing", "False")
    if stuck and _began(snapshot, stuck.get("lastUpdateTime")):
        yield str(stuck.get("message") or "the deployment does not progress")
    for event in snapshot.of("Event"):
        about = event.get("involvedObject") or {}
        if event.get("reason") != "FailedCreate" or about.get("uid") != workload["metadata"]["uid"]:
            continue
        message = str(event.get("message"))
        if _began(snapshot, event.get("lastTimestamp") or event.get("eventTime")) and _PASSING not in message:
            yield f"its pods cannot be created: {message}"


def _container_troubles(snapshot: Snapshot, pod: Manifest, patience: Patience) -> Iterator[str]:
    status = pod.get("status") or {}
    for container in [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]:
        state = (container.get("state") or {}).get("waiting") or {}
        reason, name = state.get("reason", ""), container["name"]
        if reason in _PULL_FAILURES and _lasts(snapshot, pod["metadata"].get("creationTimestamp"), patience):
            yield f"image {container.get('image')} cannot be pulled ({reason}: {state.get('message', '')})"
        if reason in _START_FAILURES and _age(snapshot, pod["metadata"].get("creationTimestamp")) >= patience.grace:
            yield f"container {name} did not start for {patience.grace} s ({reason}: {state.get('message', '')})"
        ended = (container.get("lastState") or {}).get("terminated") or {}
        restarts = container.get("restartCount", 0)
        if reason == "CrashLoopBackOff" and restarts >= patience.restarts and _began(snapshot, ended.get("finishedAt")):
            code = f"exit code {ended.get('exitCode')}, {ended.get('reason', '')}"
            yield f"container {name} crashed and was restarted {restarts} times ({code})"


def _unbound(snapshot: Snapshot, pod: Manifest) -> list[Manifest]:
    names = {
        (volume.get("persistentVolumeClaim") or {}).get("claimName") for volume in pod["spec"].get("volumes") or ()
    }
    claims = (c for c in snapshot.of("PersistentVolumeClaim") if c["metadata"]["name"] in names)
    return [c for c in claims if (c.get("status") or {}).get("phase") == "Pending"]


def _condition(item: Manifest, kind: str, status: str = "True") -> Mapping[str, Any] | None:
    conditions = (item.get("status") or {}).get("conditions") or ()
    return next((c for c in conditions if c["type"] == kind and c["status"] == status), None)


def _began(snapshot: Snapshot, when: object) -> bool:
    """Whether something happened since the gate began (timestamps are whole seconds)."""
    moment = _moment(when)
    return moment is not None and (moment - snapshot.started).total_seconds() >= -1


def _age(snapshot: Snapshot, since: object) -> float:
    """Seconds that something lasts, counted from the gate's beginning at the earliest."""
    moment = _moment(since) or snapshot.started
    return (snapshot.now - max(moment, snapshot.started)).total_seconds()


def _lasts(snapshot: Snapshot, since: object, patience: Patience) -> bool:
    """Whether it is new since the gate began, or was there before and did not recover in time."""
    return _began(snapshot, since) or _age(snapshot, since) >= patience.grace


def _moment(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
