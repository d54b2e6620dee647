# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routers, ingestors, a store gateway, a querier and a Prometheus that writes to them, as plain processes.

Each has a loopback address of its own and the ports of production. ``Receivers`` is what gates take for an API server:
its proxy leads to the processes, and a pod that is deleted is stopped as a kubelet does it and started anew.
"""

from __future__ import annotations

import json
import os
import time
import urllib.request
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.phases import Snapshot
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.response import Response, parsed
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.hashring.ring_file import ring_text
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.hashring.rings import Hashring, Ingestor
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.metrics import Metrics
from tests.testbed.build import build
from tests.testbed.process import WITH_PARENT, Command, ProcessGroup
from tests.testbed.progress import Progress

SET, ROUTER = "thanos-receive-default", "thanos-receive-router"
ROUTERS = (f"{ROUTER}-0", f"{ROUTER}-1")
TENANTS = ("shop", "news")
_GRACE = 30


class Receivers:
    """What runs, by the name of its pod. ``revision`` is that of the template, ``text`` the ring file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes = ProcessGroup(folder)
        number = os.getpid() % 16000
        self._network = f"127.{200 + number // 250 % 50}.{number % 250}"
        self._programs = build(("thanos", "prometheus"), Progress(quiet=True))
        self.revision = "1"
        self.text = ""
        self._hosts = {name: 10 + i for i, name in enumerate(ROUTERS)}
        self._hosts |= {f"{SET}-{i}": 20 + i for i in range(4)}
        self._hosts |= {"thanos-store-0": 30, "query": 31, "prometheus": 32}
        self._starts: dict[str, tuple[int, str]] = {}
        (folder / "bucket").mkdir()
        config = {"type": "FILESYSTEM", "config": {"directory": str(folder / "bucket")}}
        (folder / "objstore.yml").write_text(json.dumps(config))

    def ip(self, name: str) -> str:
        """The address of a pod."""
        return f"{self._network}.{self._hosts[name]}"

    def ring(self, count: int) -> Hashring:
        """The ring of the first so many ingestors."""
        return Hashring("default", tuple(Ingestor(f"{self.ip(f'{SET}-{i}')}:10901") for i in range(count)))

    def write(self, count: int) -> None:
        """Write the ring file, as a kubelet does it."""
        self.text = ring_text((self.ring(count),))
        (self.folder / "new.json").write_text(self.text)
        (self.folder / "new.json").replace(self.folder / "hashrings.json")

    # -- processes ---------------------------------------------------------------------------------------------------

    def start(self, name: str) -> None:
        """Start a pod, and wait until it is ready."""
        ip, data = self.ip(name), self.folder / name
        common = (f"--http-address={ip}:10902", f"--grpc-address={ip}:10901")
        kind = name.rpartition("-")[0] or name
        receives = ("receive", *common, f"--remote-write.address={ip}:19291", f"--tsdb.path={data}")
        store = f"--objstore.config-file={self.folder / 'objstore.yml'}"
        arguments = {
            ROUTER: (
                *receives,
                f"--receive.capnproto-address={ip}:19391",
                f"--receive.hashrings-file={self.folder / 'hashrings.json'}",
                "--receive.hashrings-file-refresh-interval=1s",
                "--receive.hashrings-algorithm=ketama",
                "--receive.replication-factor=3",
                '--label=receive_replica="router"',
            ),
            SET: (
                *receives,
                f"--receive.capnproto-address={ip}:19391",
                store,
                f'--label=receive_replica="{name}"',
            ),
            "thanos-store": ("store", *common, f"--data-dir={data}", store, "--sync-block-duration=2s"),
            "query": (
                "query",
                *common,
                "--query.replica-label=receive_replica",
                # The default one leaves gaps where a copy is missing.
                "--deduplication.func=chain",
                *(f"--endpoint={self.ip(f'{SET}-{i}')}:10901" for i in range(4)),
                f"--endpoint={self.ip('thanos-store-0')}:10901",
            ),
        }[kind]
        command = (str(self._programs["thanos"]), *arguments)
        self.processes.start(Command(name, command, WITH_PARENT, {}))
        self.processes.wait_ready(name, lambda: self.is_ready(name), 90)
        self._starts[name] = (self._starts.get(name, (0, ""))[0] + 1, self.revision)

    def stop(self, name: str) -> None:
        """Stop a pod, as a kubelet does it."""
        self.processes.stop(name, grace=_GRACE)

    def start_prometheus(self) -> None:
        """A Prometheus that scrapes itself every second, and writes to each router as a tenant of its own."""
        targets = [{"targets": [f"{self.ip('prometheus')}:9090"]}]
        writes = [
            {
                "url": f"http://{self.ip(router)}:19291/api/v1/receive",
                "headers": {"THANOS-TENANT": tenant},
                "protobuf_message": "prometheus.WriteRequest",
                "queue_config": {"batch_send_deadline": "1s"},
            }
            for router, tenant in zip(ROUTERS, TENANTS, strict=True)
        ]
        config = {
            "global": {"scrape_interval": "1s", "external_labels": {"cluster": "eu"}},
            "scrape_configs": [{"job_name": "self", "static_configs": targets}],
            "remote_write": writes,
        }
        file = self.folder / "prometheus.yml"
        file.write_text(json.dumps(config))
        listen = f"--web.listen-address={self.ip('prometheus')}:9090"
        storage = f"--storage.tsdb.path={self.folder / 'prometheus'}"
        command = (str(self._programs["prometheus"]), f"--config.file={file}", listen, storage)
        self.processes.start(Command("prometheus", command, WITH_PARENT, {}))

    def stop_all(self) -> None:
        """Kill everything."""
        for name in self.processes.names():
            self.processes.stop(name, grace=0)

    def is_ready(self, name: str) -> bool:
        """Whether a kubelet would call it ready."""
        return self.processes.running(name) and self._get(f"http://{self.ip(name)}:10902/-/ready").status == 200

    # -- what is asked -----------------------------------------------------------------------------------------------

    def metrics(self, name: str) -> Metrics:
        """The page of metrics of a pod."""
        port = 9090 if name == "prometheus" else 10902
        return Metrics(self._get(f"http://{self.ip(name)}:{port}/metrics").text)

    def samples(self, tenant: str, until: float) -> tuple[set[float], set[float]]:
        """The timestamps of one series up to a moment: those that Prometheus has, and those that are read back."""
        own = self._range(f"{self.ip('prometheus')}:9090", 'up{job="self"}', until)
        return own, self._range(f"{self.ip('query')}:10902", f'up{{job="self",tenant_id="{tenant}"}}', until)

    def _range(self, address: str, series: str, until: float) -> set[float]:
        query = urlencode({"query": f"{series}[15m]", "time": until})
        body = self._get(f"http://{address}/api/v1/query?{query}").body
        found = body["data"]["result"] if body else []
        return {float(at) for each in found for at, _value in each["values"]}

    def _get(self, url: str) -> Response:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return parsed(answer.status, answer.headers, answer.read())
        except HTTPError as error:
            return parsed(error.code, error.headers, error.read())
        except URLError as error:
            return Response(503, {}, None, str(error))

    # -- the API server ----------------------------------------------------------------------------------------------

    def mask(self, text: str) -> str:
        """There is no secret."""
        return text

    def request(self, method: str, path: str, *, query: Mapping[str, str] | None = None, **_more: Any) -> Response:
        """The ring file, the proxy to a pod, and the deletion of a pod."""
        if method == "DELETE":
            name = path.rpartition("/")[2]
            self.stop(name)
            self.start(name)
            return Response(200, {}, {}, "")
        if "/configmaps/" in path:
            return Response(200, {}, {"data": {"hashrings.json": self.text}}, "")
        root, _proxy, rest = path.partition("/proxy")
        name, _colon, port = root.rpartition("/")[2].partition(":")
        return self._get(f"http://{self.ip(name)}:{port}{rest}?{urlencode(query or {})}")

    def snapshot(self, replicas: int) -> Snapshot:
        """What a gate sees: the pods, and a StatefulSet of so many ingestors."""
        now = datetime.now(timezone.utc)
        pods = tuple(self._pod(name) for name in self._starts if name != "query" and self.processes.running(name))
        ready = sum(self.is_ready(f"{SET}-{i}") for i in range(replicas))
        owner = {
            "kind": "StatefulSet",
            "metadata": {"name": SET, "generation": 1, "uid": "set"},
            "spec": {"replicas": replicas, "updateStrategy": {"type": "OnDelete"}},
            "status": {"observedGeneration": 1, "updateRevision": self.revision, "readyReplicas": ready},
        }
        kinds: dict[str, tuple[dict[str, Any], ...]] = {"Pod": pods, "StatefulSet": (owner,)}
        return Snapshot({**kinds, "Event": (), "PersistentVolumeClaim": ()}, now, now)

    def _pod(self, name: str) -> dict[str, Any]:
        starts, revision = self._starts[name]
        workload = name.rpartition("-")[0]
        component = "thanos-receive" if workload in (SET, ROUTER) else workload
        labels = {"app.kubernetes.io/name": component, "app.kubernetes.io/instance": workload}
        record = self.processes.record(name)
        args = list(record.argv) if record else []
        return {
            "metadata": {
                "name": name,
                "namespace": "monitoring",
                "uid": f"{name}-{starts}",
                "labels": {**labels, "controller-revision-hash": revision},
            },
            "spec": {"containers": [{"name": component, "args": args}]},
            "status": {
                "phase": "Running",
                "conditions": [{"type": "Ready", "status": str(self.is_ready(name))}],
            },
        }


def settled(seconds: float) -> float:
    """A moment that long ago, in whole seconds, for what was written until then to have arrived everywhere."""
    time.sleep(seconds)
    return float(int(time.time() - seconds))
