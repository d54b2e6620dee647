# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many pods there are of a workload whose count somebody else decides, such as a HorizontalPodAutoscaler."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from .._kubernetes.client import Client
from .._kubernetes.kinds import KINDS
from .._kubernetes.manifest import field_manager
from .model import Count, Instance, Stack
from .workloads import Workload


def counts_among(stack: Stack, items: Iterable[Mapping[str, Any]]) -> dict[str, Count]:
    """Those of the stack's workloads whose count is not ours to set, among live workloads of its namespace; by name."""
    names = {workload.name: workload for workload in _left_alone(stack)}
    return {
        item["metadata"]["name"]: _count(stack, names[item["metadata"]["name"]].instance, item)
        for item in items
        if item["metadata"]["name"] in names and item["metadata"].get("namespace") == stack.namespace
    }


def read_counts(client: Client, stack: Stack) -> dict[str, Count]:
    """The same, by one GET for each such workload."""
    answers = [
        client.request("GET", KINDS[workload.kind].path(stack.namespace, workload.name), ok=(404,))
        for workload in _left_alone(stack)
    ]
    return counts_among(stack, [answer.body for answer in answers if answer.status != 404])


def following(stack: Stack, counts: Mapping[str, Count]) -> Stack:
    """The stack with the live counts in the place of the typed ones, where these are not ours to set."""

    def seen(instance: Instance) -> Instance:
        found = [counts[w.name].replicas for w in stack.workloads(instance) if w.name in counts]
        return replace(instance, options={**instance.options, "replicas": found[0]}) if found else instance

    return replace(stack, instances=tuple(map(seen, stack.instances))) if counts else stack


def _left_alone(stack: Stack) -> list[Workload]:
    return [w for i in stack.instances if i.options.get("manage_replicas") is False for w in stack.workloads(i)]


def _count(stack: Stack, instance: Instance, item: Mapping[str, Any]) -> Count:
    ours = field_manager(stack.name, instance.name)
    others = [e for e in item["metadata"].get("managedFields") or () if e.get("manager") != ours]
    written = ["f:replicas" in ((e.get("fieldsV1") or {}).get("f:spec") or {}) for e in others]
    return Count(item["spec"].get("replicas", 1), any(written))
