# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real API server with stacks that are as they should be and whose pods are said to be ready; no node, no root."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.benchmarks.delay_proxy import delayed
from tests.benchmarks.measure import Command, once
from tests.benchmarks.plays import Plays, kubeconfig_without_tls
from tests.support.http_server import Answer, HttpServer, Request, forward
from tests.testbed.control_plane import ADDRESS, ControlPlane
from tests.testbed.files import write_json

_STORAGE_CLASS = {
    "metadata": {"name": "local", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
    "provisioner": "example.org/none",
}
# What pods are told of; no task of these benchmarks that reads it talks to a bucket.
OBJSTORE = {"type": "S3", "endpoint": "s3.example.org", "access_key": "a", "secret_key": "b"}
NAMESPACE = "monitoring-of-ours"
_APPLY = "application/apply-patch+yaml"
_KEPT = ("content-type", "content-encoding")


@dataclass(frozen=True)
class Recording:
    """What passed between a run and the API server."""

    answers: dict[str, list[Any]] = field(default_factory=dict)
    """``METHOD path accept`` → status, headers and body, each byte of which is a character."""
    applied: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Path → object, of everything that was applied."""

    def keep(self, request: Request, answer: Answer) -> None:
        """Note one request and its answer."""
        kept = {name: value for name, value in answer.headers.items() if name.lower() in _KEPT}
        body = answer.body.decode("latin-1")
        self.answers[key(request.method, request.path, request.headers)] = [answer.status, kept, body]
        path, _mark, query = request.path.partition("?")
        if request.method == "PATCH" and "dryRun" not in query and applies(request):
            self.applied[path] = yaml.safe_load(request.body)


def applies(request: Request) -> bool:
    """Whether it is a server-side apply, whatever character set its body is said to have."""
    return request.headers.get("Content-Type", "").startswith(_APPLY)


def key(method: str, path: str, headers: Mapping[str, str]) -> str:
    """What tells requests apart: a table of objects is another answer than the objects."""
    accepted = {name.lower(): value for name, value in headers.items()}.get("accept", "")
    return f"{method} {path} {accepted}"


def host(namespace: str, kubeconfig: Path | str, **more: Any) -> dict[str, Any]:
    """An inventory host with all tiers in this namespace."""
    objstore = {**OBJSTORE, "bucket": namespace}
    named = {"thanos_namespace": namespace, "thanos_cluster": "eu", "thanos_kubeconfig": str(kubeconfig)}
    return named | {"thanos_objstore": objstore} | more


class Stage:
    """One control plane for a benchmark."""

    def __init__(self, plane: ControlPlane, plays: Plays) -> None:
        self.plane, self.plays = plane, plays
        plane.api.must("POST", "/apis/storage.k8s.io/v1/storageclasses", _STORAGE_CLASS)
        # Nothing shall undo the pods' readiness, nor take CPU while others are measured.
        plane.stop_controllers()

    def tls(self) -> ssl.SSLContext:
        """How the server is talked to as an administrator."""
        context = ssl.create_default_context(cafile=str(self.plane.ca_file))
        context.load_cert_chain(self.plane.admin.certificate, self.plane.admin.key)
        return context

    @contextmanager
    def recorded(self) -> Iterator[tuple[Path, Recording]]:
        """A kubeconfig whose requests are passed on to the server and kept."""
        context, recording = self.tls(), Recording()

        def passed(request: Request) -> Answer:
            answer = forward(self.plane.url, request, context)
            recording.keep(request, answer)
            return answer

        with HttpServer(passed) as server:
            yield kubeconfig_without_tls(self.plays.folder, server.url, "recorded"), recording

    @contextmanager
    def far(self, milliseconds: int) -> Iterator[Path]:
        """A kubeconfig of the server as it is, or behind a network of that latency."""
        if not milliseconds:
            yield self.plane.kubeconfig
            return
        port = int(self.plane.url.rpartition(":")[2])
        with delayed(ADDRESS, port, milliseconds, self.plays.folder) as proxy:
            config = yaml.safe_load(self.plane.kubeconfig.read_text())
            config["clusters"][0]["cluster"]["server"] = f"https://{proxy.endpoint}"
            path = self.plays.folder / f"far-{milliseconds}.kubeconfig"
            write_json(path, config)
            yield path

    def make_secret(self, collections: Path, variables: Mapping[str, Any]) -> None:
        """The namespace of a host, and the Secret of the object store that its pods mount."""
        task = {"namespace": "{{ thanos_namespace }}", "kubeconfig": "{{ thanos_kubeconfig }}"}
        play = self.plays.play(
            "secret", tasks=[{"o11y.thanos.objstore_secret": {**task, "store": "{{ thanos_objstore }}"}}]
        )
        once(self.plays.command("secret", play, self.plays.inventory("secret", {"eu": variables}), [collections]))

    def apply(self, name: str, collections: Path, variables: Mapping[str, Any], **more: Any) -> Command:
        """The command that applies the stack of a host, without waiting for pods."""
        task = {
            "namespace": "{{ thanos_namespace }}",
            "cluster": "{{ thanos_cluster }}",
            "common": "{{ hostvars[inventory_hostname] | o11y.thanos.common }}",
            "instances": "{{ hostvars[inventory_hostname] | o11y.thanos.instances }}",
            "kubeconfig": "{{ thanos_kubeconfig }}",
            "purge": True,
            "wait": False,
        }
        play = self.plays.play(name, tasks=[{"o11y.thanos.stack": task}])
        return self.plays.command(name, play, self.plays.inventory(name, {"eu": variables}), [collections], **more)

    def deploy(self, collections: Path, namespace: str, **more: Any) -> Recording:
        """A stack as it should be, with pods that are said to be ready; and what was applied for it."""
        self.make_secret(collections, host(namespace, self.plane.kubeconfig, **more))
        with self.recorded() as (kubeconfig, recording):
            once(self.apply("first", collections, host(namespace, kubeconfig, **more)))
        self.be_ready(namespace)
        return recording

    def be_ready(self, namespace: str) -> None:
        """Write the status that controllers write when all pods of the newest revision are ready."""
        base = f"/apis/apps/v1/namespaces/{namespace}"
        for plural in ("deployments", "statefulsets"):
            for item in self.plane.api.must("GET", f"{base}/{plural}")["items"]:
                self.be_ready_at(f"{base}/{plural}/{item['metadata']['name']}")

    def be_ready_at(self, path: str) -> None:
        """The same for one workload."""
        item = self.plane.api.must("GET", path)
        wanted = item["spec"]["replicas"]
        counts = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
        status = {**dict.fromkeys(counts, wanted), "observedGeneration": item["metadata"]["generation"]}
        if "/statefulsets/" in path:
            status |= {"currentRevision": "one", "updateRevision": "one"}
        self.plane.api.must("PATCH", f"{path}/status", {"status": status}, "application/merge-patch+json")
