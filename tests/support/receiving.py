# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A receive and its queriers as plain processes, with the arguments and the files that are rendered for pods."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.flags import name_of
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.hashring.merge import Merged, merge
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.hashring.ring_file import (
    RING_KEY,
    hashes_of,
    read_rings,
    ring_text,
)
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.hashring.rings import IngestorState, RingPolicy
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.metrics import Metrics
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Context, Facts
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.receive_rings import wanted_rings
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.ring_gates import HASH
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tier import Duty
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.workloads import Workload
from tests.support.kubelet import expanded
from tests.support.loopback import NAMESPACE, Stack
from tests.support.waiting import answers, until
from tests.testbed.build import build
from tests.testbed.progress import Progress

ROUTERS, INGESTORS, QUERIERS = 60, 70, 50
PROGRAMS = ("thanos", "versitygw")


class Receiving(Stack):
    """A stack of routers, ingestors and queriers; the pods are named as those of Deployments and StatefulSets are.

    Certificates are in the folder ``tls``, below it by what they are for.
    """

    params: dict[str, Any]
    _rendered_rings = ""

    def start_receive(self, receive: Mapping[str, Any], **query: Any) -> None:
        """Everything of a receive with these options, and one querier."""
        self.params = {"cluster": "hub", "instances": {"receive": dict(receive), "query": {"replicas": 1, **query}}}
        stack = parse(self.params)
        workloads = [w for instance in stack.instances for w in stack.workloads(instance)]
        hosts = {Duty.QUERY: iter(range(QUERIERS, ROUTERS)), Duty.INGEST: iter(range(INGESTORS, 100))}
        routers = iter(range(ROUTERS, INGESTORS))
        for workload in workloads:
            host = next((each for duty, each in hosts.items() if duty in workload.duties), routers)
            for name in workload.pod_names or [f"{workload.name}-{i}" for i in range(workload.replicas)]:
                self.add_pod(name, str(workload.instance.tier), next(host))
                self.pods[name] = replace(self.pods[name], instance=workload.name.removeprefix("thanos-"))
        self._write_files()
        for workload in workloads:
            for name in self.names(workload):
                self.start_workload(workload, name)

    def names(self, workload: Workload) -> list[str]:
        """The pods of a workload."""
        return [name for name, pod in self.pods.items() if f"thanos-{pod.instance}" == workload.name]

    def start_workload(self, workload: Workload, name: str) -> None:
        """Start a pod, or start it again."""
        given = [*workload.args, *workload.instance["extra_args"]]
        arguments = [self._here(argument, name) for argument in given]
        self.arguments[name] = arguments
        self._start(f"{name}.thanos", "thanos", *arguments)

    def restart(self, name: str) -> None:
        """Start a pod that was stopped."""
        stack = parse(self.params)
        workloads = [w for instance in stack.instances for w in stack.workloads(instance)]
        self.start_workload(next(w for w in workloads if name in self.names(w)), name)

    def address(self, name: str, port: int = 10902) -> str:
        """Where a port of a pod is."""
        return f"{self.pods[name].ip}:{port}"

    def query(self, expression: str, **more: str) -> list[dict[str, Any]]:
        """What the querier answers to an instant query."""
        return list(self._asked("query", {"query": expression, **more})["result"])

    def wait_ready(self) -> None:
        """Until every pod is ready, and the querier reads each ingestor."""
        for name in self.pods:
            self.wait_pod(name)
        members = {self.address(name, 10901) for name in self.pods if name not in self._without_store()}
        until(lambda: members == {store["name"] for store in self._asked("stores", {}).get("receive", ())})

    def wait_pod(self, name: str) -> None:
        """Until a pod is ready."""
        until(lambda: answers(f"http://{self.address(name)}/-/ready"))

    def _asked(self, what: str, query: Mapping[str, str]) -> Any:
        querier = next(name for name in self.pods if "query" in name)
        url = f"http://{self.address(querier)}/api/v1/{what}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=30) as reply:
            return json.load(reply)["data"]

    def ring_file(self) -> str:
        """The text of the ring file with loopback addresses."""
        return (self.directory / "hashrings" / "hashrings.json").read_text()

    def change_rings(self, zones: Mapping[str, str] | None = None, **receive: Any) -> Merged:
        """Do to the ring file what a run with these options does to it, by the ingestors that run now.

        :param zones: Ingestor → the zone of its node.
        """
        self.params["instances"]["receive"] |= receive
        stack = parse(self.params)
        wanted = wanted_rings(next(i for i in stack.instances if str(i.tier) == "receive"), stack)
        live = {
            member.address: IngestorState(True, (zones or {}).get(member.pod, ""))
            for ring in wanted
            for member in ring.members
            if self.processes.running(f"{member.pod}.thanos")
        }
        merged = merge(wanted, live, read_rings(self._rendered_rings), RingPolicy())
        self._rendered_rings = ring_text(merged.rings)
        text = self._addressed(self._rendered_rings)
        (self.directory / "hashrings" / "new.json").write_text(text)
        (self.directory / "hashrings" / "new.json").replace(self.directory / "hashrings" / "hashrings.json")
        routers = [name for name in self.pods if "router" in name]
        until(lambda: all(int(self.metrics(name).total(HASH)) in hashes_of(text) for name in routers))
        return merged

    def metrics(self, name: str) -> Metrics:
        """The page of metrics of a pod."""
        with urllib.request.urlopen(f"http://{self.address(name)}/metrics", timeout=10) as reply:
            return Metrics(reply.read().decode())

    def _write_files(self) -> None:
        """The ring file, the limits and the endpoint file as they are rendered, with loopback addresses."""
        stack = parse(self.params)
        rendered = [m for i in stack.instances for m in i.tier.render(i, Context(stack, Facts()))]
        for manifest in (m for m in rendered if m["kind"] == "ConfigMap"):
            folder = self.directory / manifest["metadata"]["name"].removeprefix("thanos-receive-")
            folder.mkdir(exist_ok=True)
            for name, text in manifest["data"].items():
                (folder / name).write_text(self._addressed(text))
                self._rendered_rings = text if name == RING_KEY else self._rendered_rings
        endpoints = [{"address": self.address(n, 10901)} for n in self.pods if n not in self._without_store()]
        (self.directory / "endpoints.yml").write_text(json.dumps({"endpoints": endpoints}))

    def _without_store(self) -> set[str]:
        return {name for name in self.pods if "router" in name or "query" in name}

    def _addressed(self, text: str) -> str:
        """A text with the addresses of pods in the place of their names."""
        for name, pod in self.pods.items():
            service = f"thanos-{pod.instance}"
            text = text.replace(f"{name}.{service}-headless.{NAMESPACE}.svc", pod.ip)
            text = text.replace(f"{service}.{NAMESPACE}.svc", pod.ip)
        return text

    def _here(self, argument: str, name: str) -> str:
        """An argument of a pod as that of a process."""
        ip, flag = self.pods[name].ip, name_of(argument)
        own = {
            "http-address": f"{ip}:10902",
            "grpc-address": f"{ip}:10901",
            "remote-write.address": f"{ip}:19291",
            "receive.capnproto-address": f"{ip}:19391",
            "tsdb.path": self._data(name),
            "objstore.config-file": self.directory / "objstore.yml",
            "receive.hashrings-file": self.directory / "hashrings" / "hashrings.json",
            "receive.limits-config-file": self.directory / "limits" / "limits.yaml",
            "endpoint.sd-config-file": self.directory / "endpoints.yml",
            "endpoint.sd-config-reload-interval": "2s",
        }
        if flag in own:
            return f"--{flag}={own[flag]}"
        text = argument.replace("/etc/thanos/tls/", f"{self.directory}/tls/")
        return self._addressed(expanded(text, {"POD_NAME": name}))


@contextmanager
def receiving_stack(folder: Path, options: Mapping[str, Any], *more: str, **query: Any) -> Iterator[Receiving]:
    """A receive with these options that takes samples, and a querier; ``more`` are programs to compile for the test.

    ``query`` are options of the querier.
    """
    stack = Receiving(folder, build((*PROGRAMS, *more), Progress(quiet=True)))
    try:
        stack.start_bucket()
        stack.start_receive(options, **query)
        stack.wait_ready()
        yield stack
    finally:
        stack.stop()
