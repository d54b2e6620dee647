# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real cluster of the testbed: what pods get from it, and that it can be brought up and down from any state."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark.structures import ParameterSet

from tests.cluster.testbed.machine import (
    NAME,
    PREFIX,
    ROOT,
    UP,
    cluster,
    command,
    interrupt_up,
    kubectl,
    must,
    must_text,
    traces,
)
from tests.support.waiting import until
from tests.testbed import images
from tests.testbed.ports import accepts

PROCESSES = (
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "containerd",
    "kubelet",
    "kube-proxy",
)
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "runAsUser": 65534,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def slow(value: float) -> ParameterSet:
    """A value that only ``make test-full`` tries."""
    return pytest.param(value, marks=pytest.mark.slow)


@pytest.fixture(scope="module", autouse=True)
def directory() -> Iterator[str]:
    """The folder of a new cluster that is up, for every test here."""
    must("down", NAME)
    must(*UP)
    yield str(Path(cluster()["kubeconfig"]).parents[1])
    must("down", NAME)


def pod(name: str, **container: Any) -> dict[str, Any]:
    """A pod of the helper image under restricted security."""
    default = {"name": "main", "image": images.HELPER.name, "securityContext": RESTRICTED, **container}
    spec = {"terminationGracePeriodSeconds": 0, "containers": [default]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"app": name}}, "spec": spec}


def run_pod(name: str, script: str, manifest: dict[str, Any] | None = None, where: str = NAME) -> str:
    """Log of a pod that ran ``script`` to its end in the cluster ``where``."""
    body = manifest or pod(name, command=["sh", "-c", script])
    body["spec"]["restartPolicy"] = "Never"
    kubectl("apply", "-f", "-", data=body, where=where)
    try:
        kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", f"pod/{name}", "--timeout=60s", where=where)
        return kubectl("logs", name, where=where)
    finally:
        kubectl("delete", "pod", name, "--wait=false", where=where)


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder with a path short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="tb", dir="/tmp") as path:
        yield Path(path)


@pytest.fixture(scope="module")
def web() -> str:
    """Name of a Service on NodePort 30099 before two Prometheis of the production image; it goes with the cluster."""
    container = {"image": images.PROMETHEUS.name, "ports": [{"containerPort": 9090}], "securityContext": {}}
    template = pod(
        "web", **container, readinessProbe={"httpGet": {"path": "/-/ready", "port": 9090}, "periodSeconds": 1}
    )
    template = {"metadata": template["metadata"], "spec": template["spec"]}
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": template},
    }
    ports = [{"name": "web", "port": 9090, "nodePort": 30099}]
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web"},
        "spec": {"type": "NodePort", "selector": {"app": "web"}, "ports": ports},
    }
    both = {"apiVersion": "v1", "kind": "List", "items": [deployment, service]}
    kubectl("apply", "-f", "-", data=both)
    kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    # Pods are ready a moment before kube-proxy has the way to them.
    until(lambda: accepts(cluster()["address"], 30099), 15, missing=lambda: "nothing listens on the NodePort")
    return "web"


def test_claim_of_a_pod_without_root_is_writable_and_kept() -> None:
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    kubectl("apply", "-f", "-", data=claim)
    for name, script, output in (("writer", "echo kept > /data/file", ""), ("reader", "cat /data/file", "kept\n")):
        manifest = pod(name, command=["sh", "-c", script], volumeMounts=[{"name": "data", "mountPath": "/data"}])
        manifest["spec"]["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
        assert run_pod(name, "", manifest) == output
    kubectl("delete", "pvc", "data")


@pytest.mark.usefixtures("web")
def test_node_port_is_reached_from_the_host() -> None:
    with urllib.request.urlopen(f"http://{cluster()['address']}:30099/api/v1/status/buildinfo") as answer:
        version = json.load(answer)["data"]["version"]
    assert images.PROMETHEUS.name.endswith(f":v{version}")


def test_services_are_found_by_name_and_port_name(web: str) -> None:
    script = f"wget -qO- http://{web}:9090/-/ready && nslookup -type=srv _web._tcp.{web}.default.svc.cluster.local"
    output = run_pod("finder", script)
    assert "Prometheus Server is Ready" in output
    assert "0 100 9090 web.default.svc.cluster.local" in output


def test_pods_of_one_node_reach_each_other_through_their_service(web: str) -> None:
    # Answers that took a shortcut past the node's packet filter would never arrive.
    assert (
        run_pod("caller", f"for i in 1 2 3 4 5 6; do wget -qO- http://{web}:9090/-/healthy; done").count("Healthy") == 6
    )


def test_api_server_reaches_pods_logs_and_commands(web: str) -> None:
    path = f"/api/v1/namespaces/default/services/{web}:9090/proxy/-/healthy"
    assert "Healthy" in kubectl("get", "--raw", path)
    assert "check rules" in kubectl("exec", f"deploy/{web}", "--", "/bin/promtool", "--help")
    assert "Server is ready to receive web requests" in kubectl("logs", f"deploy/{web}")


def test_pods_reach_an_object_store_of_the_host() -> None:
    store = must("store", "up", "versitygw", "--suffix", "tbtest")
    try:
        assert store["endpoint"].startswith("10.99.0.1:")
        assert "403 Forbidden" in run_pod("bucket", f"wget -qO- {store['url']}/ 2>&1 || true")
    finally:
        must("store", "down", "versitygw", "--suffix", "tbtest")


def test_only_requests_of_users_are_in_the_audit_log() -> None:
    kubectl("get", "configmap", "-n", "kube-system", "coredns")
    events = [json.loads(line) for line in Path(cluster()["audit_log"]).read_text().splitlines()]
    assert {event["user"]["username"] for event in events} == {"admin"}
    assert any(event["requestURI"].endswith("/configmaps/coredns") for event in events)


def test_second_up_changes_nothing(directory: str) -> None:
    before = sorted(Path(directory).glob("*/pids/*.json"))
    content = [file.read_text() for file in before]
    must(*UP)
    assert [file.read_text() for file in before] == content


@pytest.mark.parametrize("name", PROCESSES)
def test_up_replaces_a_killed_process(directory: str, name: str) -> None:
    record = next(Path(directory).glob(f"*/pids/{name}.json"))
    os.kill(json.loads(record.read_text())["pid"], signal.SIGKILL)
    must(*UP)
    # The node still counted as ready from before: a new kubelet says once that its runtime has not answered yet.
    until(lambda: cluster()["ready"], 120, every=1, missing=cluster)
    assert run_pod("after", "echo works") == "works\n"


def test_cluster_comes_back_after_a_reboot(directory: str) -> None:
    kubectl("create", "configmap", "kept")
    for record in Path(directory).glob("*/pids/*.json"):
        os.kill(json.loads(record.read_text())["pid"], signal.SIGKILL)
    # What a reboot ends: processes, mounts, namespaces.
    for pid in subprocess.run(
        ["pgrep", "-f", f"containerd-shim.*{directory}"], capture_output=True, text=True, check=False
    ).stdout.split():
        os.kill(int(pid), signal.SIGKILL)
    for file in Path("/sys/fs/cgroup").glob(f"**/o11y-{NAME}/**/cgroup.procs"):
        for pid in file.read_text().split():
            os.kill(int(pid), signal.SIGKILL)
    for line in reversed(Path("/proc/self/mountinfo").read_text().splitlines()):
        if directory in line.split()[4]:
            subprocess.run(["umount", "--lazy", line.split()[4]], check=False)
    subprocess.run(["ip", "netns", "delete", NAME], check=True)
    (Path(directory) / "node/boot.json").write_text('"an earlier boot"')
    must(*UP)
    assert "kept" in kubectl("get", "configmap", "kept", "-o", "name")
    assert run_pod("after-reboot", "echo works") == "works\n"


@pytest.mark.slow
def test_pods_reach_the_node_port_of_another_cluster(web: str) -> None:
    must(*UP, "--clusters", "2")
    try:
        url = f"http://{cluster()['address']}:30099/-/healthy"
        assert "Healthy" in run_pod("neighbour", f"wget -qO- {url}", where=f"{PREFIX}2")
        assert web in kubectl("get", "service", web, "-o", "name")
    finally:
        must("down", f"{PREFIX}2")


@pytest.mark.parametrize("seconds", [slow(0.4), 1.0, slow(3.0), 6.0])
def test_up_after_an_interrupted_up_ends_in_a_working_cluster(seconds: float) -> None:
    must("down", NAME)
    interrupt_up(seconds)
    must(*UP)
    assert run_pod("works", "echo works") == "works\n"


@pytest.mark.parametrize("seconds", [slow(0.4), 1.0, 3.0, slow(6.0), slow(20.0)])
def test_down_twice_leaves_no_trace_whatever_there_was(directory: str, seconds: float) -> None:
    must("down", NAME)
    interrupt_up(seconds)
    must("down", NAME)
    must("down", NAME)
    assert traces(directory) == []


def test_cluster_that_up_has_made_is_ready() -> None:
    must("down", NAME)
    must(*UP)
    assert kubectl("get", "nodes", "--no-headers").split()[1] == "Ready"


def test_cluster_of_another_state_folder_is_left_alone(folder: Path) -> None:
    must(*UP)
    done = command(*UP, environment={"O11Y_THANOS_STATE": str(folder)})
    assert done.returncode == 1
    assert f"the network namespace {NAME} exists and belongs to no cluster in {folder}" in done.stderr
    assert command("down", "--all", environment={"O11Y_THANOS_STATE": str(folder)}).returncode == 0
    assert cluster()["ready"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("up", "--prefix", "full"), "the disk that holds {0} has 0.0 GiB free, and the start of 1 cluster"),
        (("control-plane", "up", "--name", "full"), "the disk that holds {0}/control-planes has 0.0 GiB free"),
    ],
    ids=["cluster", "control plane"],
)
def test_full_disk_is_told_in_one_sentence(folder: Path, arguments: tuple[str, ...], message: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)], check=True)
    try:
        done = command("--quiet", *arguments, environment={"O11Y_THANOS_STATE": str(folder)})
        assert done.returncode == 1
        assert done.stderr.startswith(f"testbed: {message.format(folder)}")
        assert len(done.stderr.splitlines()) == 1
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_user_without_root_is_told_what_still_works() -> None:
    script = "import os, sys; from tests.testbed.cli import main; os.setuid(65534); sys.exit(main(['up']))"
    argv = [sys.executable, "-c", script]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "a testbed cluster needs root" in done.stderr
    assert "'make check'" in done.stderr


def test_kubeconfig_prints_a_path_or_the_file() -> None:
    path = must_text("kubeconfig", NAME)
    assert Path(path).read_text().strip() == must_text("kubeconfig", NAME, "--content")
