# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Claims that are there already, beside the size that is asked for.

Kubernetes makes the claim of a pod once, and gives the pod whichever claim has its name: also one that an instance left
behind, and that is smaller than what is asked for now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .._kubernetes.client import Client
from .._kubernetes.manifest import STACK_LABEL, quantity
from .model import Stack
from .workloads import Workload

_SMALLEST = 1024 * 1024


@dataclass(frozen=True)
class Small:
    """A claim that is smaller than what its workload asks for; ``growing`` when it is being made larger."""

    workload: Workload
    claim: str
    size: str
    growing: bool = False

    @property
    def wanted(self) -> str:
        """The size that is asked for."""
        return str(self.workload.instance["storage"]["size"])


def with_claims(stack: Stack) -> list[Workload]:
    """The workloads of which each pod has a claim."""
    found = [w for i in stack.instances if "storage" in i.options for w in stack.workloads(i)]
    return [workload for workload in found if workload.kind == "StatefulSet" and not workload.beside]


def may_find_some(stack: Stack, stateful_sets: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a run makes pods that could be given a claim which is there already."""
    live = {item["metadata"]["name"]: item["spec"].get("replicas", 1) for item in stateful_sets}
    return any(live.get(workload.name, 0) < workload.replicas for workload in with_claims(stack))


def read_volumes(client: Client, stack: Stack) -> dict[str, tuple[str, str]] | None:
    """Claim → (size that it asks for, size that it has, empty before there is a volume); None if it may not be read."""
    path = f"/api/v1/namespaces/{stack.namespace}/persistentvolumeclaims"
    answer = client.request("GET", path, query={"labelSelector": f"{STACK_LABEL}={stack.name}"}, ok=(403, 404))
    if answer.status != 200:
        return None
    return {item["metadata"]["name"]: _sizes(item) for item in (answer.body or {}).get("items") or ()}


def _sizes(item: Mapping[str, Any]) -> tuple[str, str]:
    asked = ((item["spec"].get("resources") or {}).get("requests") or {}).get("storage", "")
    has = ((item.get("status") or {}).get("capacity") or {}).get("storage", "")
    return str(asked), str(has)


def too_small(stack: Stack, volumes: Mapping[str, tuple[str, str]]) -> list[Small]:
    """Claims of pods that the stack has or shall have."""
    found = []
    for workload in with_claims(stack):
        wanted = quantity(workload.instance["storage"]["size"]) or 0
        for claim in [f"data-{pod}" for pod in workload.pod_names]:
            asked, has = volumes.get(claim, ("", ""))
            if asked and (quantity(asked) or 0) < wanted:
                found.append(Small(workload, claim, asked))
            elif has and (quantity(has) or 0) < wanted:
                found.append(Small(workload, claim, has, growing=True))
    return found


def warnings_of_units(stack: Stack) -> list[str]:
    """Sentences about sizes so small that a unit is missing; some provisioners make a volume of them, of any size."""
    sizes = {w.instance["storage"]["size"]: w.instance.name for w in with_claims(stack)}
    return [
        f"instances.{name}.storage.size: {size} is {quantity(size)} bytes; with a unit it is {size}Gi, for instance"
        for size, name in sizes.items()
        if str(size).isdigit() and (quantity(size) or 0) < _SMALLEST
    ]


def enlarging(workload: Workload, namespace: str, size: str) -> str:
    """How the claims of a workload become larger, as a command."""
    patch = f'{{"spec":{{"resources":{{"requests":{{"storage":"{size}"}}}}}}}}'
    claims = " ".join(f"data-{pod}" for pod in workload.pod_names)
    return f"kubectl -n {namespace} patch pvc {claims} -p '{patch}'"
