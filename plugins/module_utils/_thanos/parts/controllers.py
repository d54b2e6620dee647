# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Deployments and StatefulSets that make pods, and what protects these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model import Context, Manifest
from ..workloads import Workload
from .objects import manifest


def deployment(
    workload: Workload, ctx: Context, template: Manifest, annotations: Mapping[str, str] | None = None
) -> Manifest:
    """A Deployment that never has fewer ready pods than asked for while it is rolled."""
    spec = {
        **_count(workload, ctx),
        "selector": {"matchLabels": workload.selector},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
        "template": template,
    }
    made = manifest("apps/v1", "Deployment", workload.instance, ctx, workload=workload.name, spec=spec)
    if annotations:
        made["metadata"].setdefault("annotations", {}).update(annotations)
    return made


def stateful_set(workload: Workload, ctx: Context, template: Manifest) -> Manifest:
    """A StatefulSet with one claim ``data`` a pod. The claim's labels are few, since they can never change."""
    storage = workload.instance["storage"]
    request: dict[str, Any] = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": storage["size"]}},
    }
    if storage["storage_class"]:
        request["storageClassName"] = storage["storage_class"]
    claim_labels = {"o11y.thanos/stack": ctx.stack.name, "o11y.thanos/instance": workload.instance.name}
    spec = {
        **_count(workload, ctx),
        "podManagementPolicy": "Parallel",
        "serviceName": f"{workload.name}-headless",
        "selector": {"matchLabels": workload.selector},
        "template": template,
        "volumeClaimTemplates": [{"metadata": {"name": "data", "labels": claim_labels}, "spec": request}],
    }
    return manifest("apps/v1", "StatefulSet", workload.instance, ctx, workload=workload.name, spec=spec)


def disruption_budget(workload: Workload, ctx: Context) -> list[Manifest]:
    """A PodDisruptionBudget where there are several replicas, or may be."""
    if workload.replicas < 2 and workload.instance.options.get("manage_replicas", True):
        return []
    # A pod that is not ready serves nobody, so it need not keep a node from being drained.
    spec = {
        "maxUnavailable": 1,
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
        "selector": {"matchLabels": workload.selector},
    }
    return [manifest("policy/v1", "PodDisruptionBudget", workload.instance, ctx, workload=workload.name, spec=spec)]


def _count(workload: Workload, ctx: Context) -> dict[str, int]:
    """The number of pods, unless it is left to somebody else who has written it.

    While nobody else has, what is there is kept by us: a field that its only owner gives up falls back to 1.
    """
    found = ctx.facts.counts.get(workload.name)
    return {} if found and found.others else {"replicas": workload.replicas}
