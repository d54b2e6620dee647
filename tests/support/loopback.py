# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole stack as plain processes: each "pod" has a loopback address of its own and the ports of production."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.waiting import until
from tests.testbed import versions
from tests.testbed.ports import accepts
from tests.testbed.process import WITH_PARENT, Command, ProcessGroup

NAMESPACE = "monitoring"
CLUSTER = "eu"
BUCKET = "metrics-eu"
SCRAPE_INTERVAL = 2
ACCESS, SECRET = "loopback-access", "loopback-secret"
ENVIRONMENT = {"ROOT_ACCESS_KEY": ACCESS, "ROOT_SECRET_KEY": SECRET}
STACKS, STACKS_APART = itertools.count(), 1009
STORE_APIS = ("sidecar", "store", "ruler")
FRONT_CACHE = "--query-range.response-cache-config={type: IN-MEMORY, config: {max_size: 16MB}}"
COMMANDS = {"ruler": ("rule",), "bucket-web": ("tools", "bucket", "web")}
PROGRAMS = ("thanos", "prometheus", "promtool", "alertmanager", "versitygw")


@dataclass(frozen=True)
class Pod:
    """One pod: its processes are named ``POD/CONTAINER``."""

    name: str
    tier: str
    instance: str
    ip: str
    containers: tuple[tuple[str, str], ...]  # (container, image)


@dataclass
class Stack:
    """Two Prometheis with sidecars, two queriers, two rulers, a store gateway and a compactor on one bucket.

    In front of the queriers is a query frontend, beside the compactor a bucket UI.
    """

    directory: Path
    binaries: Mapping[str, Path]
    pods: dict[str, Pod] = field(default_factory=dict)
    arguments: dict[str, list[str]] = field(default_factory=dict)
    pretend_ready: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.processes = ProcessGroup(self.directory)
        # Every stack has a network of its own in 127/8, also where one process runs two: on a shared address the second
        # program that wants the port ends, and its tests wait for a pod that never gets ready.
        number = os.getpid() + STACKS_APART * next(STACKS)
        self._network = f"127.{64 + number % 128}.{number // 128 % 256}"
        self.store_address = f"{self._network}.100:7070"
        self.alertmanager = f"{self._network}.101:9093"
        self._write_objstore()

    # -- the parts ---------------------------------------------------------------------------------------------------

    def start_bucket(self) -> None:
        """The S3 server, with an empty bucket."""
        (self.directory / "s3" / BUCKET).mkdir(parents=True)
        self._start("s3", "versitygw", "--port", self.store_address, "posix", str(self.directory / "s3"))
        self._wait_port(self.store_address)

    def start_alertmanager(self) -> None:
        """An Alertmanager that notifies nobody."""
        config = self.directory / "alertmanager.yml"
        config.write_text("route: {receiver: none}\nreceivers: [{name: none}]\n")
        data = self._data("alertmanager")
        arguments = (f"--config.file={config}", f"--storage.path={data}", "--cluster.listen-address=")
        self._start("alertmanager", "alertmanager", f"--web.listen-address={self.alertmanager}", *arguments)

    def start_stack(self, rules: Mapping[str, str], replicas: int = 2) -> None:
        """All tiers; ``rules`` maps file name → text of the rulers' rule files."""
        for number in range(replicas):
            self.add_pod(f"thanos-sidecar-{number}", "sidecar", 10 + number)
        self.add_pod("thanos-store-0", "store", 20)
        self.add_pod("thanos-compact-0", "compact", 30)
        for number in range(replicas):
            self.add_pod(f"thanos-ruler-{number}", "ruler", 40 + number)
        for number in range(replicas):
            self.add_pod(f"thanos-query-5d9c7b-{number}", "query", 50 + number)
        self.add_pod("thanos-query-frontend-7f6c9d-0", "query-frontend", 60)
        self.add_pod("thanos-bucket-web-6b5d8f-0", "bucket-web", 70)
        self.write_rules(rules)
        endpoints = [{"address": f"{pod.ip}:10901"} for pod in self.pods.values() if pod.tier in STORE_APIS]
        (self.directory / "endpoints.yml").write_text(json.dumps({"endpoints": endpoints}))
        for pod in self.pods.values():
            self.start_pod(pod.name)

    def write_rules(self, files: Mapping[str, str]) -> None:
        """Replace the rule files; a running ruler reads them when it is told to."""
        folder = self.directory / "rules"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text)

    def reload_rulers(self) -> None:
        """Have every ruler read its rule files again."""
        for pod in self.pods.values():
            if pod.tier == "ruler":
                request = urllib.request.Request(f"http://{pod.ip}:10902/-/reload", method="POST")
                urllib.request.urlopen(request, timeout=10).close()

    def reload_prometheus(self, name: str, copies: int = 1) -> None:
        """Have a Prometheus read its configuration again, with this many copies of its only job."""
        self._write_prometheus(self.pods[name], copies)
        record = self.processes.record(f"{name}.prometheus")
        assert record is not None
        os.kill(record.pid, signal.SIGHUP)

    def add_pod(self, name: str, tier: str, host: int) -> None:
        """Declare a pod; nothing runs yet."""
        image = f"quay.io/thanos/thanos:v{versions.THANOS}"
        containers = [(f"thanos-{tier}", image)]
        if tier == "sidecar":
            containers.insert(0, ("prometheus", f"quay.io/prometheus/prometheus:v{versions.PROMETHEUS}"))
        self.pods[name] = Pod(name, tier, tier, f"{self._network}.{host}", tuple(containers))

    def start_pod(self, name: str, without: Collection[str] = (), more: Sequence[str] = ()) -> None:
        """Start the processes of a declared pod, Thanos without and with these arguments."""
        pod = self.pods[name]
        if pod.tier == "sidecar":
            self._start_prometheus(pod)
        common = (f"--http-address={pod.ip}:10902", "--log.level=info")
        grpc = (f"--grpc-address={pod.ip}:10901",) if pod.tier in (*STORE_APIS, "query") else ()
        command = COMMANDS.get(pod.tier, (pod.tier,))
        own = [argument for argument in self._arguments(pod) if argument not in without]
        self.arguments[name] = [*command, *common, *grpc, *own, *more]
        self._start(f"{name}.thanos", "thanos", *self.arguments[name])

    def stop_pod(self, name: str) -> None:
        """Kill the processes of a pod; the pod object stays, not ready."""
        for process in (f"{name}.thanos", f"{name}.prometheus"):
            self.processes.stop(process, grace=0)

    def is_ready(self, name: str) -> bool:
        """Whether a kubelet would call the pod ready."""
        return name in self.pretend_ready or self.processes.running(f"{name}.thanos")

    def stop_process(self, name: str) -> None:
        """Kill one process (``alertmanager``, ``thanos-sidecar-0.prometheus``); its pod stays ready."""
        self.processes.stop(name, grace=0)

    def stop(self) -> None:
        """Kill everything."""
        for name in self.processes.names():
            self.processes.stop(name, grace=0)

    def upload_history(self, metric: str = "up", hours_ago: int = 12) -> None:
        """Put blocks of one series with the cluster's labels into the bucket, as the demo does."""
        end = int(time.time()) // 7200 * 7200 - hours_ago * 3600
        lines = [f'{metric}{{job="history",instance="a"}} {i % 2} {end - i * 60}' for i in reversed(range(60))]
        text = self.directory / f"{metric}.txt"
        text.write_text("\n".join([f"# TYPE {metric} gauge", *lines, "# EOF", ""]))
        blocks = self.directory / f"{metric}-blocks"
        self._run("promtool", "tsdb", "create-blocks-from", "openmetrics", str(text), str(blocks))
        labels = (f'--label=cluster="{CLUSTER}"', '--label=prometheus_replica="thanos-sidecar-0"')
        self._run("thanos", "tools", "bucket", "upload-blocks", f"--path={blocks}", *labels, self._objstore)

    # -- arguments ---------------------------------------------------------------------------------------------------

    def _arguments(self, pod: Pod) -> tuple[str, ...]:
        data = self._data(pod.name)
        return {
            "sidecar": (f"--prometheus.url=http://{pod.ip}:9090", f"--tsdb.path={data}", self._objstore),
            "store": (f"--data-dir={data}", self._objstore, "--sync-block-duration=5s"),
            "compact": (f"--data-dir={data}", self._objstore, "--wait", "--wait-interval=2s", "--consistency-delay=0s"),
            "query": (
                f"--endpoint.sd-config-file={self.directory / 'endpoints.yml'}",
                "--endpoint.sd-config-reload-interval=2s",
                "--query.replica-label=prometheus_replica",
                "--query.replica-label=rule_replica",
            ),
            "query-frontend": (
                f"--query-frontend.downstream-url=http://{self._network}.50:10902",
                FRONT_CACHE,
            ),
            "bucket-web": (self._objstore, "--refresh=10s", "--timeout=5s"),
            "ruler": (
                f"--data-dir={data}",
                self._objstore,
                f"--rule-file={self.directory / 'rules'}/*",
                f"--query=http://{self._network}.50:10902",
                f"--alertmanagers.url=http://{self.alertmanager}",
                "--eval-interval=2s",
                f'--label=cluster="{CLUSTER}"',
                '--label=ruler="thanos-ruler"',
                f'--label=rule_replica="{pod.name}"',
                "--alert.label-drop=rule_replica",
            ),
        }[pod.tier]

    def _write_prometheus(self, pod: Pod, copies: int = 1) -> Path:
        targets = [f"{self._network}.{host}:9090" for host in (10, 11)]
        jobs: list[dict[str, Any]] = [{"job_name": "prometheus", "static_configs": [{"targets": targets}]}]
        labels = {"cluster": CLUSTER, "prometheus_replica": pod.name}
        settings = {"scrape_interval": f"{SCRAPE_INTERVAL}s", "external_labels": labels}
        config = self.directory / f"{pod.name}.yml"
        config.write_text(json.dumps({"global": settings, "scrape_configs": jobs * copies}))
        return config

    def _start_prometheus(self, pod: Pod) -> None:
        config = self._write_prometheus(pod)
        blocks = ("--storage.tsdb.min-block-duration=2h", "--storage.tsdb.max-block-duration=2h")
        storage = f"--storage.tsdb.path={self._data(pod.name)}"
        listen = f"--web.listen-address={pod.ip}:9090"
        self._start(f"{pod.name}.prometheus", "prometheus", f"--config.file={config}", storage, listen, *blocks)

    def _write_objstore(self) -> None:
        config = {"bucket": BUCKET, "endpoint": self.store_address, "insecure": True, "region": "us-east-1"}
        config |= {"access_key": ACCESS, "secret_key": SECRET}
        path = self.directory / "objstore.yml"
        path.write_text(json.dumps({"type": "S3", "config": config}))
        self._objstore = f"--objstore.config-file={path}"

    # -- processes ---------------------------------------------------------------------------------------------------

    def _data(self, name: str) -> Path:
        path = self.directory / "data" / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def _start(self, name: str, program: str, *arguments: str) -> None:
        environment = ENVIRONMENT if program == "versitygw" else {}
        # A pytest that is killed tidies nothing up.
        self.processes.start(Command(name, (str(self.binaries[program]), *arguments), WITH_PARENT, environment))

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run([str(self.binaries[program]), *arguments], check=True, capture_output=True, timeout=60)

    def _wait_port(self, address: str) -> None:
        host, port = address.split(":")
        until(lambda: accepts(host, int(port)), missing=lambda: f"nothing listens on {address}")
