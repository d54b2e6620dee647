# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate that replaces ingestors whose template changed: one at a time, as routers show that they forward to it.

Kubernetes would go on as soon as a pod is ready, while routers still refuse to forward to it: at the second one a write
has no quorum any more. So their StatefulSets leave it to us to delete pods (``OnDelete``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .._kubernetes.apply import delete
from .._kubernetes.client import Client
from .._kubernetes.manifest import Ref
from .._kubernetes.phases import DONE, Gate, Snapshot, Verdict, waiting
from .._kubernetes.readiness import Patience, rollout
from .hashring.forwarding import RouterReading, forwards
from .hashring.rings import Ingestor
from .model import Manifest
from .pod_pages import is_ready, page_of, pods_of
from .workloads import Workload

_REVISION = "controller-revision-hash"


@dataclass
class Roll:
    """One ingestor after the other, of all rings of an instance.

    ``ingestors`` and ``routers`` are workloads by name, ``addresses`` those of ingestors that are in the ring file, by
    pod: to others nobody forwards.
    """

    namespace: str
    ingestors: Mapping[str, Workload]
    routers: Mapping[str, Workload]
    addresses: Mapping[str, str]
    _replaced: tuple[str, str] = ("", "")
    _ready_at: float = 0.0
    _readings: dict[str, list[RouterReading]] = field(default_factory=dict)

    def gate(self) -> Gate:
        """The gate; it opens when no ingestor is of an older revision."""
        kinds = ("StatefulSet", "Pod", "PersistentVolumeClaim", "Event")
        return Gate("roll", kinds, lambda snapshot: snapshot.answer or waiting("not looked at yet"), self.step)

    def step(self, client: Client, snapshot: Snapshot) -> Verdict:
        """Look, and delete the next pod where that may be."""
        live = {pod["metadata"]["name"]: (pod, w) for pod, w in pods_of(snapshot, self.ingestors)}
        for name in self.ingestors:
            verdict = rollout(snapshot, Ref("StatefulSet", self.namespace, name), Patience())
            if verdict.state == "failed":
                return verdict
        if self._replaced[0]:
            behind = self._behind(client, snapshot, live)
            if behind:
                return waiting(behind, self._replaced[0])
            self._replaced, self._readings = ("", ""), {}
        outdated = [pod for pod, w in live.values() if _is_outdated(snapshot, pod, w)]
        if not outdated:
            return DONE
        # One that serves nobody can be replaced at no cost, and may hold up all others.
        pod = min(outdated, key=lambda each: (is_ready(each), -_ordinal(each)))
        name = pod["metadata"]["name"]
        sick = sorted(n for n, (other, _w) in live.items() if n != name and not is_ready(other))
        missing = sum(w.replicas for w in self.ingestors.values()) - len(live)
        if is_ready(pod) and (sick or missing > 0):
            what = f"{', '.join(sick)} to be ready" if sick else f"{missing} missing ingestors"
            return waiting(f"waits for {what} before {name} is replaced", *sorted(sick))
        self._read(client, snapshot)
        delete(client, {"apiVersion": "v1", "kind": "Pod", **pod})
        self._replaced, self._ready_at = (name, pod["metadata"]["uid"]), 0.0
        return waiting(f"replaces {name}; {len(outdated)} of {len(live)} ingestors are of an older revision")

    def _behind(self, client: Client, snapshot: Snapshot, live: Mapping[str, tuple[Manifest, Workload]]) -> str:
        """What the pod that was replaced last still lacks; empty where nothing."""
        name, former = self._replaced
        pod = live[name][0] if name in live else None
        self._read(client, snapshot)
        if pod is None or pod["metadata"]["uid"] == former or not is_ready(pod):
            self._ready_at = 0.0
            return f"{name} is being replaced"
        self._ready_at = self._ready_at or snapshot.now.timestamp()
        others = [p for p, _w in pods_of(snapshot, self.routers) if p["metadata"]["name"] != name]
        if name not in self.addresses or not others:
            return ""
        ready = {p["metadata"]["name"] for p in others if is_ready(p)}
        if not ready:
            return "no router is ready"
        refusing = sorted(
            router
            for router in ready
            if not forwards(self._readings.get(router, []), self.addresses[name], self._ready_at)
        )
        return f"{name} is ready, and not yet forwarded to by {', '.join(refusing)}" if refusing else ""

    def _read(self, client: Client, snapshot: Snapshot) -> None:
        """One more reading of each router that can be asked."""
        at = snapshot.now.timestamp()
        for pod, workload in pods_of(snapshot, self.routers):
            name = pod["metadata"]["name"]
            if is_ready(pod):
                page = page_of(client, self.namespace, name, workload.channel("http"), "/metrics")
                if not page.error:
                    self._readings.setdefault(name, []).append(RouterReading.of(at, page.metrics))


def _is_outdated(snapshot: Snapshot, pod: Manifest, workload: Workload) -> bool:
    """Whether a pod is of another revision than the newest of its StatefulSet."""
    owner = snapshot.get("StatefulSet", workload.name) or {}
    newest = (owner.get("status") or {}).get("updateRevision")
    return bool(newest) and (pod["metadata"].get("labels") or {}).get(_REVISION) != newest


def _ordinal(pod: Manifest) -> int:
    return Ingestor(pod["metadata"]["name"]).ordinal
