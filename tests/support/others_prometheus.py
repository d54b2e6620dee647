# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Prometheus of somebody else's on a real API server without nodes: its StatefulSet, and a process for its pod."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.waiting import until
from tests.testbed.api import Api
from tests.testbed.binaries import path_of
from tests.testbed.ports import accepts

EQUAL = ("--storage.tsdb.min-block-duration=2h", "--storage.tsdb.max-block-duration=2h")
LABELS = {"cluster": "eu", "prometheus_replica": "main-0"}


def own_address() -> str:
    """An address of this machine that the API server may lead to: it leads to no loopback address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # Nothing is sent: this only asks which address would be used.
        probe.connect(("198.51.100.1", 9))
        return str(probe.getsockname()[0])


@dataclass(frozen=True)
class Running:
    """The process behind the pod: where it listens, its arguments, and the folder that its volume stands for."""

    address: str
    args: tuple[str, ...]
    folder: Path

    def stateful_set(self, **metadata: Any) -> dict[str, Any]:
        """What another tool makes."""
        container = {
            "name": "prometheus",
            "image": "quay.io/prometheus/prometheus:v3.9.1",
            "args": list(self.args),
            "env": [{"name": "PASSWORD", "value": "0wn3rs-s3cr3t"}],
            "ports": [{"name": "web", "containerPort": 9090}],
            "volumeMounts": [{"name": "data", "mountPath": str(self.folder)}],
        }
        claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
        spec = {
            "serviceName": "main",
            "selector": {"matchLabels": {"app": "main"}},
            "template": {"metadata": {"labels": {"app": "main"}}, "spec": {"containers": [container]}},
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": claim}],
        }
        metadata = {"name": "main", **metadata}
        return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": metadata, "spec": spec}

    def lend(self, api: Api, namespace: str, pod: str = "main-0") -> None:
        """What a kubelet would do: the newest pod that its controller makes runs, at the address of the process."""
        ready = [{"type": "Ready", "status": "True"}]
        state = {"phase": "Running", "podIP": self.address, "podIPs": [{"ip": self.address}], "conditions": ready}
        path, owner = f"namespaces/{namespace}/pods/{pod}", f"namespaces/{namespace}/statefulsets/{pod[:-2]}"

        def lent() -> bool:
            found, maker = api.request("GET", f"/api/v1/{path}"), api.request("GET", f"/apis/apps/v1/{owner}")
            if found.status != 200 or not _is_newest(found.body, maker.body if maker.status == 200 else None):
                return False
            form = "application/merge-patch+json"
            # Its controller may replace it at any moment.
            return api.request("PATCH", f"/api/v1/{path}/status", {"status": state}, form).status == 200

        until(lent, missing=lambda: f"there is no pod {pod}")


def _is_newest(pod: Mapping[str, Any], maker: Mapping[str, Any] | None) -> bool:
    """Whether a pod stays, and is of the newest revision of the StatefulSet that makes it, where there is one."""
    metadata, status = pod["metadata"], (maker or {}).get("status") or {}
    if "deletionTimestamp" in metadata or maker is None:
        return "deletionTimestamp" not in metadata
    seen = status.get("observedGeneration", 0) >= maker["metadata"]["generation"]
    return bool(seen and metadata["labels"].get("controller-revision-hash") == status.get("updateRevision"))


@contextmanager
def running(
    folder: Path,
    labels: Mapping[str, str] | None = None,
    flags: tuple[str, ...] = EQUAL,
    program: str = "prometheus",
) -> Iterator[Running]:
    """A Prometheus with these external labels and flags, until the block ends."""
    address = own_address()
    with socket.socket() as probe:
        probe.bind((address, 0))
        port = int(probe.getsockname()[1])
    settings = {"global": {"external_labels": dict(LABELS if labels is None else labels)}, "scrape_configs": []}
    file = folder / "prometheus.yml"
    file.write_text(json.dumps(settings))
    listen = f"--web.listen-address={address}:{port}"
    args = (f"--config.file={file}", f"--storage.tsdb.path={folder / 'data'}", listen, *flags)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([str(path_of(program)), *args], stdout=log, stderr=log)
        try:
            until(lambda: accepts(address, port), missing=(folder / "log").read_text)
            yield Running(address, args, folder)
        finally:
            process.kill()
            process.wait()
