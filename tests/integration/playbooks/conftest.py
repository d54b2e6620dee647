# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clusters without nodes, eu and us in one kubeconfig, and an S3 server: enough for what need not run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.testbed.control_plane import ControlPlane
from tests.testbed.stores.base import Place
from tests.testbed.stores.store import Store

NAMES = ("eu", "us")
STORAGE_CLASS = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {"name": "local", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
    "provisioner": "example.org/none",
}


@dataclass(frozen=True)
class World:
    """The clusters, and the environment that the examples read."""

    planes: dict[str, ControlPlane]
    store: Place
    folder: Path

    @property
    def kubeconfig(self) -> Path:
        """With one context for each cluster, of the cluster's name."""
        return self.folder / "kubeconfig"

    def environment(self) -> dict[str, str]:
        """What a user exports."""
        return {
            "KUBECONFIG": str(self.kubeconfig),
            "S3_ENDPOINT": self.store.endpoint,
            "S3_INSECURE": "true",
            "AWS_ACCESS_KEY_ID": self.store.access_key,
            "AWS_SECRET_ACCESS_KEY": self.store.secret_key,
        }

    def objstore(self, bucket: str) -> dict[str, Any]:
        """A bucket of the S3 server, for an inventory."""
        keys = {"access_key": self.store.access_key, "secret_key": self.store.secret_key}
        return {"type": "S3", "bucket": bucket, "endpoint": self.store.endpoint, "insecure": True, **keys}

    def exists(self, cluster: str, path: str) -> bool:
        """Whether an object is on the server of a cluster."""
        return self.planes[cluster].api.request("GET", path).status == 200

    def buckets(self) -> set[str]:
        """Names of the buckets that there are; beside them versitygw keeps a folder of its own, with a dot."""
        found = (path.name for path in (self.store.directory / "buckets").iterdir())
        return {name for name in found if not name.startswith(".")}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[World]:
    """Booted once for the tests of a file, which may have other NAMES."""
    with ExitStack() as stack:
        names = getattr(request.module, "NAMES", NAMES)
        planes = {name: stack.enter_context(ControlPlane()) for name in names}
        store = stack.enter_context(Store("versitygw"))
        world = World(planes, store.place, tmp_path_factory.mktemp("world"))
        world.kubeconfig.write_text(yaml.safe_dump(_joined(planes)))
        for plane in planes.values():
            plane.api.must("POST", "/apis/storage.k8s.io/v1/storageclasses", STORAGE_CLASS)
        yield world


@pytest.fixture
def world(servers: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The two clusters, and the environment that says where they are."""
    for name, value in servers.environment().items():
        monkeypatch.setenv(name, value)
    return servers


def _joined(planes: dict[str, ControlPlane]) -> dict[str, Any]:
    joined: dict[str, Any] = {"apiVersion": "v1", "kind": "Config", "clusters": [], "users": [], "contexts": []}
    for name, plane in planes.items():
        config = yaml.safe_load(plane.kubeconfig.read_text())
        joined["clusters"].append({"name": name, "cluster": config["clusters"][0]["cluster"]})
        joined["users"].append({"name": name, "user": config["users"][0]["user"]})
        joined["contexts"].append({"name": name, "context": {"cluster": name, "user": name}})
    return joined
