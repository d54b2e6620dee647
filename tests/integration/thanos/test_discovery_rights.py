# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles that a message tells to bind are what the real Prometheus needs of a real API server, and no less."""

from __future__ import annotations

import contextlib
import json
import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.scrape_jobs import _READ, VERBS
from tests.support.prometheus import prometheus
from tests.support.waiting import until

from .conftest import Cluster

pytestmark = pytest.mark.api
GROUP_OF = {name: group for pairs in _READ.values() for group, names in pairs for name in names}
QUICK: list[dict[str, Any]] = [{"role": "node"}, {"role": "endpointslice", "attach_metadata": {"node": True}}]
SLOW: list[dict[str, Any]] = [
    *({"role": role} for role in _READ if role != "node"),
    {"role": "pod", "attach_metadata": {"node": True}},
    {"role": "pod", "attach_metadata": {"namespace": True}},
]
_READS = re.compile(r"reads (?P<names>.+) of the whole cluster")


def job(entry: dict[str, Any], **connection: Any) -> dict[str, Any]:
    """A job of this one discovery."""
    return {"job_name": "asks", "kubernetes_sd_configs": [{**entry, **connection}]}


def bind(cluster: Cluster, kind: str, name: str, rules: list[dict[str, Any]]) -> None:
    """Give the ServiceAccount of the pods a role."""
    api = "/apis/rbac.authorization.k8s.io/v1"
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name}
    subject = {"kind": "ServiceAccount", "namespace": cluster.namespace, "name": "thanos-sidecar"}
    cluster.client.request("POST", f"{api}/clusterroles", body={"metadata": {"name": name}, "rules": rules})
    cluster.client.request(
        "POST",
        f"{api}/clusterrolebindings",
        body={"metadata": {"name": name}, "roleRef": reference, "subjects": [subject]},
    )


def refused(cluster: Cluster, entry: dict[str, Any], folder: Path) -> str:
    """What Prometheus logs of refusals, as the ServiceAccount of the pods, until it has what it asked for."""
    user = yaml.safe_load(cluster.plane.service_account_kubeconfig(cluster.namespace, "thanos-sidecar").read_text())
    token = folder / "token"
    token.write_text(user["users"][0]["user"]["token"])
    asks = job(
        entry,
        api_server=cluster.plane.url,
        authorization={"credentials_file": str(token)},
        tls_config={"ca_file": str(cluster.plane.ca_file)},
    )
    log = folder / "log"
    # Of some roles nothing here is a target: then it is enough that nothing is refused all the time.
    with prometheus({"scrape_configs": [asks]}, folder) as port, contextlib.suppress(TimeoutError):
        until(lambda: "is forbidden" in log.read_text() or targets(port), 30)
    return "\n".join(line for line in log.read_text().splitlines() if "is forbidden" in line)


def targets(port: int) -> bool:
    """Whether there are any."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/targets", timeout=5) as answer:
            found = json.load(answer)["data"]
            return bool(found["activeTargets"] or found["droppedTargetCounts"].get("asks"))
    except (OSError, urllib.error.URLError):
        return False


@pytest.fixture
def something(cluster: Cluster) -> Cluster:
    """A namespace with one object of every kind that is discovered."""
    labels = {"app": "x"}
    backend = {"service": {"name": "x", "port": {"number": 80}}}
    assert not cluster.secret().failed
    assert not cluster.stack({"sidecar": {}}).failed
    send = cluster.client.request
    # Without an address a node is no target.
    address = {"type": "InternalIP", "address": "192.0.2.1"}
    send("POST", "/api/v1/nodes", body={"metadata": {"name": cluster.namespace}, "status": {"addresses": [address]}})
    path = f"/namespaces/{cluster.namespace}"
    pod = {"metadata": {"name": "x", "labels": labels}, "spec": {"containers": [{"name": "x", "image": "x"}]}}
    send("POST", f"/api/v1{path}/pods", body=pod)
    port = {"port": 80}
    send("POST", f"/api/v1{path}/services", body={"metadata": {"name": "x"}, "spec": {"ports": [port]}})
    subset = {"addresses": [{"ip": "10.1.2.3"}], "ports": [port]}
    send("POST", f"/api/v1{path}/endpoints", body={"metadata": {"name": "x"}, "subsets": [subset]})
    rule = {"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
    send(
        "POST",
        f"/apis/networking.k8s.io/v1{path}/ingresses",
        body={"metadata": {"name": "x"}, "spec": {"rules": [rule]}},
    )
    return cluster


@pytest.mark.parametrize(
    "entry",
    [*QUICK, *(pytest.param(entry, marks=pytest.mark.slow) for entry in SLOW)],
    ids=lambda entry: "-".join([entry["role"], *entry.get("attach_metadata", ())]),
)
def test_prometheus_reads_all_with_the_role_that_the_message_tells(
    something: Cluster, entry: dict[str, Any], tmp_path: Path
) -> None:
    sidecar = {"scrape_configs": [job(entry)]}
    told = something.stack({"sidecar": sidecar})
    assert told.failed
    assert f"to the ServiceAccount {something.namespace}/thanos-sidecar" in told["msg"]
    (before, after) = (tmp_path / "before", tmp_path / "after")
    before.mkdir()
    after.mkdir()
    assert "is forbidden" in refused(something, entry, before)
    (reads,) = _READS.findall(told["msg"])
    rules = [
        {"apiGroups": [GROUP_OF.get(name, "")], "resources": [name], "verbs": list(VERBS)}
        for name in re.split(r", | and ", reads)
    ]
    bind(something, "ClusterRole", something.namespace, rules)
    granted = something.stack({"sidecar": {**sidecar, "discovery_rights_granted": True}})
    assert not granted.failed, granted["msg"]
    assert refused(something, entry, after) == ""
