# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clusters with hashrings, as gates see them: pods, EndpointSlices, and pages of metrics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.phases import Snapshot
from tests.unit.kubernetes.recorded import Recorded

NAMESPACE = "monitoring"
BEGIN = datetime(2026, 11, 29, 9, tzinfo=timezone.utc)


def pod(name: str, workload: str, *, ready: bool = True, uid: str = "", **labels: str) -> dict[str, Any]:
    """A pod of a workload; its labels are those of pods of ours, and these."""
    component = "thanos-receive" if workload.startswith("thanos-receive") else workload
    names = {"app.kubernetes.io/name": component, "app.kubernetes.io/instance": workload}
    return {
        "metadata": {
            "name": name,
            "namespace": NAMESPACE,
            "uid": uid or f"uid-{name}",
            "labels": {**names, **{key.replace("_", "-"): value for key, value in labels.items()}},
        },
        "spec": {"containers": [{"name": component, "args": []}]},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": str(ready)}]},
    }


def slices(workload: str, *pods: str, zone: str = "") -> dict[str, Any]:
    """The EndpointSlice of a headless Service; a pod with ``!`` is not ready, one with ``-`` behind it ends."""
    conditions = {"!": {"ready": True, "serving": False}, "-": {"ready": True, "serving": True, "terminating": True}}
    endpoints = [
        {
            "hostname": name.rstrip("!-"),
            "conditions": conditions.get(name[-1], {"ready": True, "serving": True}),
            **({"zone": zone} if zone else {}),
        }
        for name in pods
    ]
    labels = {"kubernetes.io/service-name": f"{workload}-headless"}
    return {"metadata": {"name": workload, "namespace": NAMESPACE, "labels": labels}, "endpoints": endpoints}


def seen(age: float = 0, **objects: Iterable[Mapping[str, Any]]) -> Snapshot:
    """What a gate sees ``age`` seconds after it began."""
    kinds = {kind: tuple(dict(item) for item in items) for kind, items in objects.items()}
    return Snapshot({"Event": (), "PersistentVolumeClaim": (), **kinds}, BEGIN, BEGIN + timedelta(seconds=age))


def cluster(config_map: str = "", **pages: str) -> Recorded:
    """An API server whose proxy gives pages of metrics by pod (``_`` stands for ``-``), and the ring file's text."""
    path = f"/api/v1/namespaces/{NAMESPACE}"
    answers: dict[str, tuple[int, Any]] = {
        f"GET {path}/pods/{name.replace('_', '-')}:10902/proxy/metrics": (200, text) for name, text in pages.items()
    }
    file = {"metadata": {"name": "thanos-receive-hashrings"}, "data": {"hashrings.json": config_map}}
    answers[f"GET {path}/configmaps/thanos-receive-hashrings"] = (200, file)
    return Recorded((), answers)
