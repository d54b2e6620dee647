# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard before a ring file is written, which waits for ingestors; the gate that waits for routers to load it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .._kubernetes.client import Client
from .._kubernetes.kinds import KINDS
from .._kubernetes.phases import DONE, Gate, Snapshot, Verdict, failed, waiting
from .hashring.merge import Merged, merge
from .hashring.ring_file import RING_KEY, hashes_of, ring_text
from .hashring.rings import Hashring, RingPolicy
from .hashring.slices import ingestor_states
from .model import Manifest
from .pod_pages import is_ready, is_running, page_of, pods_of
from .workloads import Workload

HASH = "thanos_receive_config_hash"


@dataclass(frozen=True)
class RingChange:
    """The ring file of an instance as this run is to leave it and as it was before; ``copies`` of a sample are kept."""

    namespace: str
    config_map: str
    rings: tuple[Hashring, ...]
    before: tuple[Hashring, ...] | None = None
    copies: int = 1

    def merged(self, snapshot: Snapshot) -> Merged:
        """What may be written by what is seen of the ingestors now."""
        members = [member for ring in self.rings for member in ring.members]
        live = ingestor_states(snapshot.of("EndpointSlice"), members)
        # Of what was planned everything is waited for, whatever the policy says of members that fail later.
        return merge(self.rings, live, self.before, RingPolicy(replication_factor=self.copies))

    def completed(self, manifest: Manifest, snapshot: Snapshot) -> Manifest:
        """The ConfigMap with the zones of the nodes on which new ingestors are."""
        return {**manifest, "data": {**manifest["data"], RING_KEY: ring_text(self.merged(snapshot).rings)}}


def members_guard(change: RingChange) -> Gate:
    """A guard that opens when every ingestor that the file would have more to ask of is ready."""

    def check(snapshot: Snapshot) -> Verdict:
        held = change.merged(snapshot).held
        pods = {member.pod for ring in change.rings for member in ring.members}
        behind = [
            p["metadata"]["name"] for p in snapshot.of("Pod") if p["metadata"]["name"] in pods and not is_ready(p)
        ]
        return waiting(f"{'; '.join(held)}; the ring file stays as it is", *sorted(behind)) if held else DONE

    return Gate("hashring", ("EndpointSlice", "Pod", "Event"), check)


def loaded_gate(namespace: str, config_map: str, routers: Mapping[str, Workload]) -> Gate:
    """A gate that opens when all pods of these workloads (by name) have loaded what the ConfigMap says now.

    One that does not run yet begins with that.
    """

    def ask(client: Client, snapshot: Snapshot) -> dict[str, str]:
        return unloaded(client, snapshot, namespace, config_map, routers)

    def check(snapshot: Snapshot) -> Verdict:
        for workload in routers.values():
            if workload.channel("http").closed:
                return failed(f"{workload.name} cannot be asked for its ring: {workload.channel('http').closed}")
        behind: Mapping[str, str] = snapshot.answer
        if behind:
            return waiting("; ".join(f"{pod} {why}" for pod, why in sorted(behind.items())), *sorted(behind))
        return DONE

    return Gate("routers", ("Pod", "Event"), check, ask)


def unloaded(
    client: Client, snapshot: Snapshot, namespace: str, config_map: str, routers: Mapping[str, Workload]
) -> dict[str, str]:
    """Why routers that run have not loaded what the ConfigMap says now, by pod; those that have are left out."""
    answer = client.request("GET", KINDS["ConfigMap"].path(namespace, config_map), ok=(404,))
    if answer.status == 404:
        return {config_map: "does not exist"}
    expected = hashes_of(str((answer.body.get("data") or {}).get(RING_KEY, "")))
    behind = {}
    for pod, workload in pods_of(snapshot, routers):
        name = pod["metadata"]["name"]
        if not is_running(pod):
            continue
        page = page_of(client, namespace, name, workload.channel("http"), "/metrics")
        if page.error:
            behind[name] = page.error
        elif int(page.metrics.total(HASH)) not in expected:
            behind[name] = "has not loaded the new ring file yet"
    return behind
