# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a workload's status says that the newest generation is fully there, and what it waits for until then."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import Ref
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.phases import Snapshot, waiting
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.readiness import Patience, progress_of, rollout

READY = {"observedGeneration": 2, "replicas": 2, "updatedReplicas": 2, "readyReplicas": 2, "availableReplicas": 2}
SETTLED = {**READY, "currentRevision": "b", "updateRevision": "b"}
CASES: dict[str, tuple[str, dict[str, Any], str]] = {
    "complete": ("Deployment", READY, ""),
    "not seen": ("Deployment", {**READY, "observedGeneration": 1}, "the new generation has not been seen"),
    "no status": ("Deployment", {}, "the new generation has not been seen"),
    "updating": ("Deployment", {**READY, "updatedReplicas": 1}, "1 of 2 pods updated"),
    "old ones": ("Deployment", {**READY, "replicas": 3}, "1 old pods still there"),
    "unready": ("Deployment", {**READY, "readyReplicas": 0}, "0 of 2 pods ready"),
    "unavailable": ("Deployment", {**READY, "availableReplicas": 1}, "1 of 2 pods available"),
    "complete set": ("StatefulSet", SETTLED, ""),
    "set between revisions": ("StatefulSet", {**SETTLED, "currentRevision": "a"}, "the update is not complete"),
}


@pytest.mark.parametrize(("kind", "status", "lacks"), CASES.values(), ids=CASES.keys())
def test_progress(kind: str, status: dict[str, Any], lacks: str) -> None:
    workload = {"kind": kind, "metadata": {"generation": 2}, "spec": {"replicas": 2}, "status": status}
    assert progress_of(workload).startswith(lacks)
    assert bool(progress_of(workload)) is bool(lacks)


def test_scaled_to_nothing_is_complete() -> None:
    status = {"observedGeneration": 2}
    assert (
        progress_of({"kind": "Deployment", "metadata": {"generation": 2}, "spec": {"replicas": 0}, "status": status})
        == ""
    )


def pod(**status: Any) -> dict[str, Any]:
    owner = {"uid": "set"}
    labels = {"controller-revision-hash": "b"}
    metadata = {"name": "store-0", "uid": "pod", "labels": labels, "ownerReferences": [owner]}
    return {"kind": "Pod", "metadata": metadata, "spec": {}, "status": status}


WAITS: dict[str, tuple[dict[str, Any], str]] = {
    "node": ({"conditions": [{"type": "PodScheduled", "status": "False"}]}, "pod store-0 waits for a node"),
    "image": (
        {"containerStatuses": [{"name": "thanos", "state": {"waiting": {"reason": "ContainerCreating"}}}]},
        "pod store-0: thanos waits (ContainerCreating)",
    ),
    "readiness": (
        {"containerStatuses": [{"name": "thanos", "ready": False, "state": {"running": {}}}]},
        "pod store-0: thanos runs and is not ready",
    ),
    "crash": (
        {
            "containerStatuses": [
                {
                    "name": "thanos",
                    "ready": False,
                    "restartCount": 2,
                    "state": {"running": {}},
                    "lastState": {"terminated": {"exitCode": 1}},
                }
            ]
        },
        "pod store-0: thanos runs and is not ready, restarted 2 times (exit code 1)",
    ),
}


@pytest.mark.parametrize(("status", "sentence"), WAITS.values(), ids=WAITS.keys())
def test_what_a_pod_waits_for_is_part_of_the_reason(status: dict[str, Any], sentence: str) -> None:
    workload = {
        "kind": "StatefulSet",
        "metadata": {"name": "store", "uid": "set", "generation": 2},
        "spec": {"replicas": 1},
        "status": {"observedGeneration": 2, "updatedReplicas": 1, "updateRevision": "b"},
    }
    now = datetime.now(timezone.utc)
    none = {"ReplicaSet": (), "PersistentVolumeClaim": (), "Event": ()}
    snapshot = Snapshot({"StatefulSet": (workload,), "Pod": (pod(**status),), **none}, now, now)
    verdict = rollout(snapshot, Ref("StatefulSet", "monitoring", "store"), Patience())
    assert verdict == waiting(f"StatefulSet monitoring/store: 0 of 1 pods ready; {sentence}", "store-0")
