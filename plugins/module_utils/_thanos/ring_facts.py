# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read what is known of hashrings: the live ring file, and the ingestors that run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from .._kubernetes.client import Client
from .._kubernetes.kinds import KINDS
from .._kubernetes.manifest import INSTANCE_LABEL, STACK_LABEL, label_of
from .hashring.ring_file import RING_KEY, read_rings, ring_config_map
from .hashring.rings import Hashring, RingFacts
from .hashring.slices import ingestor_states
from .model import Instance, Stack
from .receive_rings import wanted_rings
from .tier import Duty


def ring_reads(client: Client, stack: Stack) -> dict[str, Callable[[], Any]]:
    """The reads by name, for ``ring_facts`` to find their results by; none for a stack without routers."""
    routing = stack.doing(Duty.ROUTE)
    reads: dict[str, Callable[[], Any]] = {f"rings/{i.name}": partial(_live_file, client, stack, i) for i in routing}
    return {**reads, "slices": partial(_slices, client, stack)} if routing else {}


def ring_facts(
    stack: Stack, found: Mapping[str, Any], stateful_sets: Iterable[Mapping[str, Any]]
) -> dict[str, RingFacts]:
    """The facts by instance name; ``found`` has what ``ring_reads`` read."""
    sets, result = list(stateful_sets), {}
    for instance in stack.doing(Duty.ROUTE):
        current: tuple[Hashring, ...] | None = found[f"rings/{instance.name}"]
        members = [member for ring in (*wanted_rings(instance, stack), *(current or ())) for member in ring.members]
        sizes = {
            item["metadata"]["name"]: item["spec"].get("replicas", 1)
            for item in sets
            if label_of(item, INSTANCE_LABEL) == instance.name
        }
        result[instance.name] = RingFacts(current, ingestor_states(found["slices"], members), sizes)
    return result


def _slices(client: Client, stack: Stack) -> list[dict[str, Any]]:
    """The EndpointSlices of the stack: they have the labels of their Services."""
    query = {"labelSelector": f"{STACK_LABEL}={stack.name}"}
    return list((client.request("GET", KINDS["EndpointSlice"].path(stack.namespace), query=query).body or {})["items"])


def _live_file(client: Client, stack: Stack, instance: Instance) -> tuple[Hashring, ...] | None:
    """The rings of the live file; None where there is none, or none that Thanos could read."""
    path = KINDS["ConfigMap"].path(stack.namespace, ring_config_map(instance.fullname))
    answer = client.request("GET", path, ok=(404,))
    try:
        return None if answer.status == 404 else read_rings((answer.body.get("data") or {})[RING_KEY])
    except (KeyError, ValueError):
        return None
