# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What EndpointSlices of headless Services say of ingestors: which have an address, are ready, and in which zone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .rings import Ingestor, IngestorState

_SERVICE = "kubernetes.io/service-name"


def ingestor_states(slices: Iterable[Mapping[str, Any]], members: Iterable[Ingestor]) -> dict[str, IngestorState]:
    """State by address, of those members that have one.

    The Service publishes addresses of pods that are not ready, too, by which all of them are ``ready`` to Kubernetes;
    which really are is what it calls serving. A pod that ends is none any more.
    """
    found: dict[str, IngestorState] = {}
    for each in slices:
        service = (each["metadata"].get("labels") or {}).get(_SERVICE, "")
        for endpoint in each.get("endpoints") or ():
            host = f"{endpoint.get('hostname', '')}.{service}.{each['metadata'].get('namespace', '')}.svc"
            state = IngestorState(_serves(endpoint.get("conditions") or {}), endpoint.get("zone") or "")
            # While a pod is made anew, an old slice may still have the one before it.
            if host not in found or state.ready:
                found[host] = state
    hosts = {member.address: member.address.rpartition(":")[0] for member in members}
    return {address: found[host] for address, host in hosts.items() if host in found}


def _serves(conditions: Mapping[str, Any]) -> bool:
    """Left out, ``serving`` is what ``ready`` is, and ``ready`` is true (the API of EndpointSlices)."""
    serving = conditions.get("serving")
    if serving is None:
        serving = conditions.get("ready")
    return serving is not False and not conditions.get("terminating")
