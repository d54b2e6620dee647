# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One cluster: a control plane and nodes in network namespaces, brought up and taken down in steps that repeat."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.testbed import addons, cgroups, images, kubeconfig, network, node, runtime
from tests.testbed.components import SERVICE_RANGE
from tests.testbed.errors import TestbedError
from tests.testbed.files import read_json, write_file, write_json
from tests.testbed.plan import ClusterPlan, NodePlan
from tests.testbed.process import Command, ProcessGroup, boot_id
from tests.testbed.progress import Progress
from tests.testbed.server import API_SERVER, CONTROLLERS, SCHEDULER, Server
from tests.testbed.shell import run

# Seconds, with room for a machine that is busy with something else.
_START_TIMEOUT = 60.0
_READY_TIMEOUT = 180.0
_NODE_PROCESSES = ("containerd", "kubelet", "kube-proxy")
_SERVER_PROCESSES = ("etcd", API_SERVER, CONTROLLERS, SCHEDULER)


class Cluster:
    """One cluster. ``binaries`` maps program → path; it is empty where the cluster is only looked at or removed."""

    def __init__(self, plan: ClusterPlan, binaries: dict[str, Path], progress: Progress) -> None:
        self.plan = plan
        self.server = Server(plan.server, binaries, plan.nodes[0].enter())
        self._binaries = binaries
        self._progress = progress

    def up(self) -> None:
        """Start what does not run and wait until node, DNS and provisioner are ready."""
        with self._step("network and files"):
            for plan in self.plan.nodes:
                network.create_namespace(plan)
                cgroups.create(plan.cgroup)
                _forget_earlier_boot(plan)
            for plan in self.plan.nodes:
                network.route_to(plan, [other for other in self.plan.nodes if other != plan])
            self.server.write_files()
        with ThreadPoolExecutor() as pool:
            # Images need containerd only, and the control plane needs no image.
            imports = [pool.submit(self._start_runtime, plan) for plan in self.plan.nodes]
            with self._step("control plane ready"):
                self.server.start(with_scheduler=True)
            for plan in self.plan.nodes:
                self._start_node(plan)
            with self._step("add-ons applied"):
                self._apply_addons()
            for done in imports:
                done.result()
        with self._step("node, DNS and provisioner ready"):
            self._wait_ready()

    def lose(self, name: str) -> None:
        """End a node as a power cut does: nobody says goodbye, and what is on its disk stays; ``up`` brings it back."""
        others = {plan.name: plan for plan in self.plan.nodes[1:]}
        if name not in others:
            raise TestbedError(f"{name} is the node with the control plane; there is {', '.join(others) or 'no other'}")
        network.cut(others[name])
        _end(others[name])
        (others[name].directory / "boot.json").unlink(missing_ok=True)

    def down(self) -> None:
        """Remove it with all that it left on the host; what is not there is not an error."""
        for name in reversed(self.server.processes.names()):
            self.server.processes.stop(name, grace=0)
        for plan in self.plan.nodes:
            _end(plan)
            runtime.remove_traces(plan)
        _remove_folder(self.plan.directory)

    def describe(self) -> dict[str, Any]:
        """What a user or a test needs, JSON-ready."""
        plan = self.plan.server
        processes = self.server.running(_SERVER_PROCESSES)
        for node_plan in self.plan.nodes:
            group = ProcessGroup(node_plan.directory)
            where = "" if node_plan == self.plan.nodes[0] else f" of {node_plan.name}"
            processes.update({f"{name}{where}": group.running(name) for name in _NODE_PROCESSES})
        return {
            "name": self.plan.name,
            "ready": all(processes.values()) and self._is_ready(),
            "address": plan.address,
            "url": plan.url,
            "kubeconfig": str(self.server.kubeconfig),
            "audit_log": str(plan.audit_log),
            "pod_range": self.plan.nodes[0].pod_range,
            "nodes": {each.name: {"address": each.address, "zone": each.zone} for each in self.plan.nodes},
            "service_range": SERVICE_RANGE,
            "processes": processes,
        }

    def _start_runtime(self, plan: NodePlan) -> None:
        """containerd with its images: those of the system first, a first pod waits for them."""
        pause = images.PAUSE.name
        config = plan.directory / "containerd.toml"
        write_file(config, node.containerd_config(plan, pause))
        write_json(plan.directory / "cni/10-testbed.conflist", node.cni_config(plan))
        group = ProcessGroup(plan.directory)
        group.start(Command("containerd", node.containerd(plan), plan.enter(), files=(config,)))
        group.wait_ready("containerd", lambda: runtime.serves(plan), _START_TIMEOUT)
        for kind, wanted in (("system", images.SYSTEM), ("workload", images.WORKLOADS)):
            started = time.monotonic()
            imported = runtime.import_images(plan, wanted)
            if imported:
                self._say(f"{len(imported)} {kind} images imported ({time.monotonic() - started:.1f} s)")

    def _start_node(self, plan: NodePlan) -> None:
        pki, server = self.server.authority, self.plan.server
        identity = pki.issue(
            f"kubelet-{plan.name}", f"system:node:{plan.name}", "system:nodes", (plan.name, plan.address)
        )
        proxy = pki.issue(f"proxy-{plan.name}", "system:kube-proxy")
        proxy_kubeconfig = plan.directory / "proxy.kubeconfig"
        kubelet_kubeconfig = kubeconfig.with_certificate(self.plan.name, server.url, pki.certificate, identity)
        write_json(plan.directory / "kubelet.kubeconfig", kubelet_kubeconfig)
        write_json(proxy_kubeconfig, kubeconfig.with_certificate(self.plan.name, server.url, pki.certificate, proxy))
        kubelet_config, proxy_config = plan.directory / "kubelet.json", plan.directory / "proxy.json"
        write_json(kubelet_config, node.kubelet_config(plan, server.pki))
        write_json(proxy_config, node.proxy_config(plan, proxy_kubeconfig))
        group = ProcessGroup(plan.directory)
        group.wait_ready("containerd", lambda: runtime.serves(plan), _START_TIMEOUT)
        kubelet, proxy_argv = (
            node.kubelet(plan, self._binaries["kubelet"]),
            node.proxy(plan, self._binaries["kube-proxy"]),
        )
        group.start(Command("kubelet", kubelet, plan.enter(), files=(kubelet_config,)))
        group.start(Command("kube-proxy", proxy_argv, plan.enter(), files=(proxy_config,)))

    def _apply_addons(self) -> None:
        file = self.plan.directory / "addons.json"
        write_json(file, addons.manifests(self.plan.nodes))
        apply = ("apply", "--server-side", "--force-conflicts", "--field-manager=testbed", "-f", file)
        cache = f"--cache-dir={self.plan.directory / 'kubectl'}"
        run(self._binaries["kubectl"], "--kubeconfig", self.server.own_kubeconfig, cache, *apply)

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + _READY_TIMEOUT
        while not self._is_ready():
            for plan in self.plan.nodes:
                group = ProcessGroup(plan.directory)
                for name in _NODE_PROCESSES:
                    if not group.running(name):
                        raise TestbedError(f"{name} of {plan.name} ended: {group.explain(name)}")
            if time.monotonic() > deadline:
                raise TestbedError(
                    f"cluster {self.plan.name} is not ready after {_READY_TIMEOUT:.0f} s; its logs are in "
                    f"{self.plan.directory}/*/logs"
                )
            time.sleep(0.2)

    def _is_ready(self) -> bool:
        """Whether every node is ready and every add-on available, by the API server's word."""
        api = self.server.api()
        checks: list[tuple[str, Callable[[Any], bool]]] = [
            (f"/api/v1/nodes/{plan.name}", _condition("Ready")) for plan in self.plan.nodes
        ]
        for namespace, name in addons.DEPLOYMENTS:
            checks.append((f"/apis/apps/v1/namespaces/{namespace}/deployments/{name}", _condition("Available")))
        try:
            return all(check(api.request("GET", path).body) for path, check in checks)
        except OSError:
            return False

    def _say(self, text: str) -> None:
        self._progress.say(f"{self.plan.name}: {text}")

    def _step(self, text: str) -> Any:
        return self._progress.step(f"{self.plan.name}: {text}")


def _end(plan: NodePlan) -> None:
    """End whatever runs on a node, and its network; what is not there is not an error."""
    processes = ProcessGroup(plan.directory)
    # The kubelet first: it would start again what the next lines end.
    processes.stop("kubelet", grace=0)
    cgroups.remove(plan.cgroup)
    runtime.remove_containers(plan)
    for name in processes.names():
        processes.stop(name, grace=0)
    for pid in network.processes_in(plan):
        # It may have ended since it was listed.
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    network.remove_namespace(plan)
    runtime.remove_containers(plan)


def _condition(kind: str) -> Callable[[Any], bool]:
    """A check of one condition in an object's status."""

    def holds(found: Any) -> bool:
        conditions = ((found or {}).get("status") or {}).get("conditions") or []
        return any(entry["type"] == kind and entry["status"] == "True" for entry in conditions)

    return holds


def _forget_earlier_boot(plan: NodePlan) -> None:
    """Run-time state is about processes and mounts, which a reboot ends."""
    file = plan.directory / "boot.json"
    if read_json(file) != boot_id():
        shutil.rmtree(plan.directory / "run", ignore_errors=True)
        write_json(file, boot_id())


def _remove_folder(folder: Path) -> None:
    """Remove a folder in which the kernel may still hold something for a moment."""
    for _unused in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)
    raise TestbedError(f"{folder} cannot be removed: something in it is still mounted or written")
