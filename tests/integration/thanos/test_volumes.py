# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another size of a claim, on a real API server: the way that the message tells is gone, with kubectl."""

from __future__ import annotations

import re
import shlex
import subprocess

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.connection import connect
from tests.support.waiting import until
from tests.testbed.build import build
from tests.testbed.control_plane import ControlPlane
from tests.testbed.progress import Progress

from .conftest import Cluster

pytestmark = pytest.mark.api
SIZE = {"size": "30Gi", "storage_class": "grows"}
REPLICAS = {"sidecar": 2, "store": 1}


def claims(cluster: Cluster) -> dict[str, str]:
    """Claim → size that it asks for."""
    items = cluster.get("persistentvolumeclaims")["items"]
    return {item["metadata"]["name"]: item["spec"]["resources"]["requests"]["storage"] for item in items}


def bind(cluster: Cluster, tier: str) -> None:
    """Volumes for the claims of a StatefulSet, as a provisioner makes them; the control plane binds them."""
    names = [f"data-thanos-{tier}-{i}" for i in range(REPLICAS[tier])]
    for name in names:
        spec = {
            "capacity": {"storage": "30Gi"},
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "grows",
            "hostPath": {"path": "/nowhere"},
            "claimRef": {"namespace": cluster.namespace, "name": name},
        }
        body = {"metadata": {"name": f"{cluster.namespace}-{name}"}, "spec": spec}
        cluster.client.request("POST", "/api/v1/persistentvolumes", body=body)

    def bound() -> list[str]:
        items = {item["metadata"]["name"]: item for item in cluster.get("persistentvolumeclaims")["items"]}
        return [name for name in names if items.get(name, {}).get("status", {}).get("phase") == "Bound"]

    until(lambda: bound() == names, missing=lambda: f"bound of {names}: {bound()}")


@pytest.fixture(scope="session", autouse=True)
def growing(plane: ControlPlane) -> None:
    """A storage class of which claims can become larger."""
    body = {"metadata": {"name": "grows"}, "provisioner": "example.com/none", "allowVolumeExpansion": True}
    connect({"kubeconfig": str(plane.kubeconfig)}).request("POST", "/apis/storage.k8s.io/v1/storageclasses", body=body)


def kubectl(cluster: Cluster, command: str) -> None:
    """Run a command of a message as it is."""
    program = str(build(("kubectl",), Progress(quiet=True))["kubectl"])
    arguments = shlex.split(command)[1:]
    subprocess.run([program, f"--kubeconfig={cluster.plane.kubeconfig}", *arguments], check=True, capture_output=True)


def test_volumes_become_larger_on_the_way_that_the_message_tells(cluster: Cluster) -> None:
    tier = "sidecar"
    assert not cluster.secret().failed
    assert not cluster.stack({tier: {"storage": SIZE}}).failed
    bind(cluster, tier)
    larger = {tier: {"storage": {**SIZE, "size": "50Gi"}}}
    refused = cluster.stack(larger)
    assert f"instances.{tier}.storage.size: 50Gi differs from the 30Gi of the existing StatefulSet" in refused["msg"]
    enlarge, detach = re.findall(r"\((kubectl .*?)\)", refused["msg"])
    # Without the first step, the next run would give the new pods the old claims and report success.
    kubectl(cluster, detach)
    left = cluster.stack(larger)
    assert left.failed
    assert f"the claim data-thanos-{tier}-0 is there already and has 30Gi instead of 50Gi" in left["msg"]
    assert enlarge in left["msg"]
    kubectl(cluster, enlarge)
    done = cluster.stack(larger)
    assert not done.failed, done["msg"]
    assert set(claims(cluster).values()) == {"50Gi"}
    assert (
        f"data-thanos-{tier}-0 is there already and has 30Gi instead of 50Gi; it is being made larger" in done.warnings
    )
    assert not cluster.stack(larger)["changed"]


def test_smaller_size_is_refused_with_what_it_costs(cluster: Cluster) -> None:
    assert not cluster.secret().failed
    assert not cluster.stack({"store": {"storage": SIZE}}).failed
    refused = cluster.stack({"store": {"storage": {**SIZE, "size": "3Gi"}}})
    assert refused.failed
    assert "Keep the size, for claims do not shrink; or remove the instance" in refused["msg"]
    command = f"kubectl -n {cluster.namespace} delete pvc data-thanos-store-0"
    assert command in refused["msg"]


def test_claim_of_a_removed_instance_is_told_and_one_of_its_size_is_taken(cluster: Cluster) -> None:
    assert not cluster.secret().failed
    assert not cluster.stack({"store": {"storage": SIZE}}).failed
    bind(cluster, "store")
    assert not cluster.stack({"store": {"state": "absent"}}).failed
    assert cluster.stack({"store": {"storage": {**SIZE, "size": "31Gi"}}}).failed
    result = cluster.stack({"store": {"storage": SIZE}})
    assert not result.failed, result["msg"]
