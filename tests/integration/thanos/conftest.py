# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real API server, and a namespace with an object-store Secret for each test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.client import Client
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.connection import connect
from tests.support.modules import Result, run_module
from tests.testbed.control_plane import ControlPlane

FIVE_TIERS: dict[str, Any] = {"sidecar": {}, "store": {}, "query": {}, "compact": {}, "ruler": {}}
STORE = {
    "type": "S3",
    "bucket": "metrics",
    "endpoint": "s3.example:9000",
    "access_key": "canary-access-key",
    "secret_key": "canary-secret-key-value",
}
_NUMBERS = itertools.count()


@dataclass
class Cluster:
    """One namespace of a real API server, and how to run modules on it."""

    plane: ControlPlane
    client: Client
    namespace: str

    @property
    def arguments(self) -> dict[str, Any]:
        """What every module is told."""
        return {"kubeconfig": str(self.plane.kubeconfig), "namespace": self.namespace}

    def stack(self, instances: dict[str, Any], **more: Any) -> Result:
        """Run the module ``stack`` without waiting: there are no pods on a mere control plane."""
        mode = {k: more.pop(k) for k in ("check", "diff") if k in more}
        return run_module(
            "stack", {**self.arguments, "cluster": "eu", "wait": False, "instances": instances, **more}, **mode
        )

    def secret(self, **more: Any) -> Result:
        """Make the object-store Secret."""
        store = {**STORE, "bucket": self.namespace}
        return run_module("objstore_secret", {**self.arguments, "store": store, **more})

    def get(self, path: str) -> dict[str, Any]:
        """An object below the namespace, such as ``services/thanos-query``."""
        group = "/apis/apps/v1" if path.split("/")[0] in ("deployments", "statefulsets") else "/api/v1"
        return dict(self.client.request("GET", f"{group}/namespaces/{self.namespace}/{path}").body)

    def send(self, method: str, path: str, body: Any = None, content_type: str = "application/json") -> None:
        """What somebody does by hand."""
        group = "/apis/apps/v1" if path.split("/")[0] in ("deployments", "statefulsets") else "/api/v1"
        self.client.request(
            method,
            f"{group}/namespaces/{self.namespace}/{path}",
            body=body,
            content_type=content_type,
            query={"fieldManager": "by-hand"},
        )

    def ingestors(self, workload: str, count: int, zone: str = "eu-1a") -> None:
        """So many ingestors of a ring are ready from now on, as far as EndpointSlices tell: no pod runs here."""
        labels = {"kubernetes.io/service-name": f"{workload}-headless", "o11y.thanos/stack": "thanos"}
        ready = {"conditions": {"ready": True, "serving": True}, "zone": zone}
        body = {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {"name": f"{workload}-made", "labels": labels},
            "addressType": "IPv4",
            "ports": [{"name": "grpc", "port": 10901}],
            "endpoints": [
                {"addresses": [f"192.0.2.{i}"], "hostname": f"{workload}-{i}", **ready} for i in range(count)
            ],
        }
        self.client.request(
            "PATCH",
            f"/apis/discovery.k8s.io/v1/namespaces/{self.namespace}/endpointslices/{workload}-made",
            body=body,
            content_type="application/apply-patch+yaml",
            query={"fieldManager": "test", "force": "true"},
        )

    def edit(self, path: str, body: Any) -> None:
        """A merge patch by hand."""
        self.send("PATCH", path, body, "application/merge-patch+json")


@contextmanager
def control_plane(release: str = "") -> Iterator[ControlPlane]:
    """A control plane with a default storage class, of the usual Kubernetes or of another release."""
    with ControlPlane(release=release) as running:
        client = connect({"kubeconfig": str(running.kubeconfig)})
        body = {
            "metadata": {
                "name": "standard",
                "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
            },
            "provisioner": "example.com/none",
        }
        client.request("POST", "/apis/storage.k8s.io/v1/storageclasses", body=body)
        yield running


@pytest.fixture(scope="session")
def plane() -> Iterator[ControlPlane]:
    """The control plane of all tests that need nothing of their own in it."""
    with control_plane() as running:
        yield running


@pytest.fixture
def cluster(plane: ControlPlane) -> Iterator[Cluster]:
    """A namespace of its own."""
    client = connect({"kubeconfig": str(plane.kubeconfig)})
    namespace = f"test-{next(_NUMBERS)}"
    yield Cluster(plane, client, namespace)
    client.request("DELETE", f"/api/v1/namespaces/{namespace}", ok=(404,))


@pytest.fixture
def deployed(cluster: Cluster) -> Cluster:
    """A namespace with the five tiers."""
    assert not cluster.secret().failed
    result = cluster.stack(FIVE_TIERS)
    assert not result.failed, result["msg"]
    return cluster
