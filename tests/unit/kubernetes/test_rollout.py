# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a workload's status says that the newest generation is fully there."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.rollout import progress_of

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
