# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The API server of the demo's cluster, through the collection's own client."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.client import Client
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.connection import connect
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.kinds import KINDS
from tests.demo.errors import DemoError
from tests.demo.manifests import LABELS, NAMESPACE, Manifest
from tests.testbed.progress import Progress

# What the demo makes itself, in the order in which it goes again.
OWN_KINDS = ("Job", "Deployment", "Service", "ConfigMap", "Secret", "PersistentVolumeClaim")
PATIENCE = 300.0
PAUSE = 2.0


class Server:
    """One cluster, told by a kubeconfig and a context (empty: its current one)."""

    def __init__(self, kubeconfig: str, context: str, progress: Progress) -> None:
        self._client: Client = connect({"kubeconfig": kubeconfig, "context": context or None})
        self._progress = progress

    def get(self, kind: str, name: str) -> Manifest | None:
        """The object, None where it is absent."""
        response = self._client.request("GET", KINDS[kind].path(NAMESPACE, name), ok=(404,))
        return None if response.status == 404 else response.body

    def pods(self, selector: str) -> list[Manifest]:
        """The pods of the namespace that a label selector selects."""
        return self._client.list(KINDS["Pod"], NAMESPACE, selector)

    def apply(self, manifests: Sequence[Manifest]) -> None:
        """Make these objects what they are here."""
        for manifest in manifests:
            path = KINDS[manifest["kind"]].path(NAMESPACE, manifest["metadata"]["name"])
            query = {"fieldManager": "o11y-thanos-demo", "force": "true"}
            self._client.request("PATCH", path, query=query, body=manifest, content_type="application/apply-patch+yaml")

    def delete(self, kind: str, name: str) -> None:
        """Delete an object and what it owns; one that is absent is fine."""
        query = {"propagationPolicy": "Foreground"}
        self._client.request("DELETE", KINDS[kind].path(NAMESPACE, name), query=query, ok=(404,))

    def delete_all_of_the_demo(self) -> None:
        """Delete what the demo has made beside Thanos, and wait until it is gone."""
        for kind, name in self._made_by_the_demo():
            self.delete(kind, name)
        self.wait("what the demo made is removed", "", lambda: not self._made_by_the_demo())

    def _made_by_the_demo(self) -> list[tuple[str, str]]:
        selector = ",".join(f"{name}={value}" for name, value in LABELS.items())
        return [
            (kind, item["metadata"]["name"])
            for kind in OWN_KINDS
            for item in self._client.list(KINDS[kind], NAMESPACE, selector, metadata_only=True)
        ]

    def wait(self, what: str, selector: str, done: Callable[[], bool]) -> None:
        """Wait until it is done; say every ten seconds what the selected pods are waiting for."""
        end = time.monotonic() + PATIENCE
        told = time.monotonic()
        with self._progress.step(what):
            while not done():
                if time.monotonic() > end:
                    raise DemoError(f"{what}: not after {PATIENCE:.0f} s; {self.state(selector)}")
                if time.monotonic() - told > 10:
                    told = time.monotonic()
                    self._progress.say(self.state(selector))
                time.sleep(PAUSE)

    def state(self, selector: str) -> str:
        """``3 of 5 pods ready, waiting for thanos-store-0 (ContainerCreating)``."""
        waiting = {pod["metadata"]["name"]: reason_of(pod) for pod in self.pods(selector)}
        late = [f"{name} ({reason})" for name, reason in waiting.items() if reason]
        ready = f"{len(waiting) - len(late)} of {len(waiting)} pods ready"
        return f"{ready}, waiting for {', '.join(late)}" if late else ready

    def deployed(self, name: str) -> bool:
        """Whether a Deployment has its pod ready."""
        found = self.get("Deployment", name)
        return bool(found and found.get("status", {}).get("readyReplicas"))

    def job_state(self, name: str) -> str:
        """``Complete`` or ``Failed`` once the Job has ended, else empty."""
        conditions = (self.get("Job", name) or {}).get("status", {}).get("conditions", [])
        return next(
            (c["type"] for c in conditions if c["type"] in ("Complete", "Failed") and c["status"] == "True"), ""
        )

    def node_port(self, service: str) -> int:
        """The port of every node at which the web page of a Service is found; 0 where there is none."""
        found = self.get("Service", service) or {}
        ports: list[dict[str, Any]] = found.get("spec", {}).get("ports", [])
        return next((int(port.get("nodePort") or 0) for port in ports if port["name"] == "http"), 0)

    def node_addresses(self) -> list[str]:
        """Addresses of the nodes, the internal ones first."""
        nodes = self._client.request("GET", "/api/v1/nodes").body["items"]
        addresses = [address for node in nodes for address in node["status"].get("addresses", [])]
        return [a["address"] for kind in ("InternalIP", "ExternalIP") for a in addresses if a["type"] == kind]


def reason_of(pod: Manifest) -> str:
    """Why a pod is not ready; empty when it is, or has done its work."""
    status = pod["status"]
    ready = any(c["type"] == "Ready" and c["status"] == "True" for c in status.get("conditions", []))
    if ready or status.get("phase") == "Succeeded":
        return ""
    for container in [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]:
        waiting = container.get("state", {}).get("waiting", {}).get("reason")
        if waiting:
            return str(waiting)
    return str(status.get("phase") or "Pending")
