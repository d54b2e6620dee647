# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real cluster of the testbed with an S3 server, and a stack that the playbook deploy made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.client import Client
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.connection import connect
from tests.cluster.testbed.machine import UP, cluster, must
from tests.support.playbooks import Play, play
from tests.testbed.plan import BRIDGE_ADDRESS
from tests.testbed.stores.base import Place
from tests.testbed.stores.store import Store

RULES = {"groups": [{"name": "test", "rules": [{"record": "test:up:count", "expr": "count(up)"}]}]}


@dataclass
class Site:
    """One host of an inventory: a cluster, a namespace, a bucket, and how to look at them."""

    kubeconfig: str
    namespace: str
    store: Place
    folder: Path
    variables: dict[str, Any] = field(default_factory=dict)

    @property
    def client(self) -> Client:
        """An administrator's connection."""
        return connect({"kubeconfig": self.kubeconfig})

    def inventory(self, **more: Any) -> dict[str, Any]:
        """The host ``eu`` with the stack's variables."""
        return {
            "eu": {
                "thanos_kubeconfig": self.kubeconfig,
                "thanos_namespace": self.namespace,
                "thanos_objstore": objstore(self.store, self.namespace),
                "thanos_ruler": {"rules": {"test.yaml": RULES}},
                "thanos_wait_timeout": 180,
                **self.variables,
                **more,
            }
        }

    def play(self, playbook: str, *arguments: str, **more: Any) -> Play:
        """Run a playbook of the collection on this site."""
        return play(playbook, self.inventory(**more), self.folder, *arguments)

    def objects(self, plural: str, group: str = "api/v1") -> list[dict[str, Any]]:
        """Live objects of the namespace."""
        return list(self.client.request("GET", f"/{group}/namespaces/{self.namespace}/{plural}").body["items"])

    def pods(self, tier: str) -> list[dict[str, Any]]:
        """The pods of a tier that are not on their way out."""
        return [
            p
            for p in self.objects("pods")
            if p["metadata"]["labels"].get("app.kubernetes.io/name") == f"thanos-{tier}"
            and not p["metadata"].get("deletionTimestamp")
        ]

    def ready(self, tier: str) -> bool:
        """Whether every pod of a tier is ready now."""
        conditions = [{c["type"]: c["status"] for c in p["status"].get("conditions") or ()} for p in self.pods(tier)]
        return bool(conditions) and all(c.get("Ready") == "True" for c in conditions)

    def delete_pod(self, name: str) -> None:
        """Kill a pod at once, as a lost node does."""
        path = f"/api/v1/namespaces/{self.namespace}/pods/{name}"
        self.client.request("DELETE", path, query={"gracePeriodSeconds": "0"})


def objstore(place: Place, bucket: str, **more: Any) -> dict[str, Any]:
    """The inventory's mapping for a bucket of a testbed store."""
    return {
        "type": "S3",
        "bucket": bucket,
        "endpoint": place.endpoint,
        "insecure": not place.tls,
        "region": "us-east-1",
        "access_key": place.access_key,
        "secret_key": place.secret_key,
        **more,
    }


@pytest.fixture(scope="session")
def kubeconfig() -> str:
    """The cluster that the task runner has booted; booted here when a test is run alone."""
    must(*UP)
    return str(cluster()["kubeconfig"])


@pytest.fixture(scope="session")
def store(kubeconfig: str) -> Iterator[Place]:
    """An S3 server that controller and pods both reach: it listens on the bridge of the clusters, so one is there."""
    assert kubeconfig
    with Store("versitygw", address=BRIDGE_ADDRESS) as running:
        yield running.place


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where inventories are written."""
    return tmp_path_factory.mktemp("play")


def remove(site: Site) -> None:
    """Take the namespace away and wait until it is gone, so that the next module has the node for itself."""
    path = f"/api/v1/namespaces/{site.namespace}"
    site.client.request("DELETE", path, ok=(404,))
    for pod in site.objects("pods"):
        site.client.request(
            "DELETE", f"{path}/pods/{pod['metadata']['name']}", query={"gracePeriodSeconds": "0"}, ok=(404,)
        )


@pytest.fixture(scope="module")
def site(kubeconfig: str, store: Place, folder: Path, request: pytest.FixtureRequest) -> Iterator[Site]:
    """A namespace under restricted pod security, with nothing in it."""
    name = str(request.module.__name__).rsplit(".", 1)[-1].removeprefix("test_").replace("_", "-")
    # Several servers for one module: a namespace is still on its way out when that of the next one is made.
    name = f"{name}-{store.kind}"
    made = Site(kubeconfig, name, store, folder)
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    made.client.request("POST", "/api/v1/namespaces", body={"metadata": {"name": name, "labels": labels}}, ok=(409,))
    yield made
    remove(made)


@pytest.fixture(scope="module")
def deployed(site: Site) -> Site:
    """A site after ``deploy``."""
    done = site.play("deploy")
    assert done.code == 0, done.text
    return site
