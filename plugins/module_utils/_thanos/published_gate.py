# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate that waits for the address of a load balancer, which something beside Kubernetes gives to a Service."""

from __future__ import annotations

from collections.abc import Iterable

from .._kubernetes.phases import DONE, Gate, Snapshot, Verdict, waiting
from .publish import address_of


def published_gate(namespace: str, names: Iterable[str]) -> Gate:
    """A gate that opens when each of these Services of type LoadBalancer has an address."""
    wanted = tuple(names)

    def check(snapshot: Snapshot) -> Verdict:
        found = {name: snapshot.get("Service", name) for name in wanted}
        without = [name for name, service in found.items() if service is None or not address_of(service)]
        return waiting("; ".join(_sentence(namespace, name, snapshot) for name in without)) if without else DONE

    return Gate("published address", ("Service", "Event"), check)


def _sentence(namespace: str, name: str, snapshot: Snapshot) -> str:
    """What is missing, what the cluster says of it, and what to do."""
    events = [
        event
        for event in snapshot.of("Event")
        if (event.get("involvedObject") or {}).get("kind") == "Service" and event["involvedObject"].get("name") == name
    ]
    newest = max(
        events, key=lambda event: str(event.get("lastTimestamp") or event.get("eventTime") or ""), default=None
    )
    told = f" ({newest.get('reason')}: {newest.get('message')})" if newest else ""
    return (
        f"the Service {namespace}/{name} of type LoadBalancer has no address yet{told}; a cloud's controller or a "
        "program such as MetalLB gives it one. Where the cluster has none, set publish.type: NodePort, or "
        "publish.address with the one that your own proxy has"
    )
