# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of queriers, and the addresses that they are published at, on a real API server."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.connection import connect
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import INSTANCE_LABEL
from tests.support.authorities import Authority
from tests.testbed.control_plane import ControlPlane

from .conftest import Cluster

pytestmark = pytest.mark.api
SERVER = {"grpc_tls": {"secret": "thanos-grpc-server"}}
FIRST, SECOND = Authority("first hub"), Authority("second hub")
CANARY = "canary-of-a-private-key"


def certificates(cluster: Cluster, name: str, *, generation: str = "", **files: str) -> None:
    """Make or replace a Secret by hand as if ``pki`` had made it; a file ``eu`` is the key ``eu.crt``."""
    texts = {"tls.crt": "certificate", "tls.key": CANARY, **{f"{file}.crt": text for file, text in files.items()}}
    data = {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()}
    annotations = {"o11y.thanos/generation": generation} if generation else {}
    labels = {INSTANCE_LABEL: "pki-by-hand"}
    body = {"metadata": {"name": name, "annotations": annotations, "labels": labels}, "data": data}
    cluster.client.request("DELETE", f"/api/v1/namespaces/{cluster.namespace}/secrets/{name}", ok=(404,))
    cluster.send("POST", "secrets", body)


def notes(cluster: Cluster) -> dict[str, str]:
    """Those of the querier's pod template."""
    template = cluster.get("deployments/thanos-query")["spec"]["template"]
    return dict(template["metadata"].get("annotations") or {})


@pytest.fixture
def ready(cluster: Cluster) -> Cluster:
    """A namespace with what a published querier needs."""
    cluster.client.request("POST", "/api/v1/namespaces", body={"metadata": {"name": cluster.namespace}})
    certificates(cluster, "thanos-grpc-server", ca=FIRST.certificate)
    return cluster


@pytest.fixture
def node(plane: ControlPlane) -> Iterator[Any]:
    """A function that makes a ready node."""
    client, made = connect({"kubeconfig": str(plane.kubeconfig)}), []

    def make(name: str, address: str) -> None:
        client.request("POST", "/api/v1/nodes", body={"metadata": {"name": name}})
        made.append(name)
        told = [{"type": "InternalIP", "address": address}]
        status = {"conditions": [{"type": "Ready", "status": "True"}], "addresses": told}
        path, kind = f"/api/v1/nodes/{name}/status", "application/merge-patch+json"
        client.request("PATCH", path, body={"status": status}, content_type=kind)

    yield make
    for name in made:
        client.request("DELETE", f"/api/v1/nodes/{name}", ok=(404,))


def test_address_of_a_load_balancer_is_told_as_soon_as_it_has_one(ready: Cluster) -> None:
    instances = {"query": {**SERVER, "publish": {"annotations": {"cloud": "internal"}}}}
    done = ready.stack(instances)
    assert (done.failed, done["published"]) == (False, {})
    service = ready.get("services/thanos-query-published")
    assert service["metadata"]["annotations"] == {"cloud": "internal"}
    assert [(port["name"], port["port"]) for port in service["spec"]["ports"]] == [("grpc", 10901)]
    status = {"status": {"loadBalancer": {"ingress": [{"ip": "2001:db8::7"}]}}}
    ready.edit("services/thanos-query-published/status", status)
    done = ready.stack(instances)
    assert (done["changed"], done["published"]) == (False, {"query": "[2001:db8::7]:10901"})
    assert ready.stack(instances, check=True)["published"] == {"query": "[2001:db8::7]:10901"}


def test_load_balancer_that_gets_no_address_is_told_with_the_service_and_what_to_do(ready: Cluster) -> None:
    instances = {"query": {**SERVER, "replicas": 0, "publish": {}}}
    ready.stack(instances)
    # No controller runs here, so that somebody has to say that the Deployment was seen.
    seen = {"status": {"observedGeneration": ready.get("deployments/thanos-query")["metadata"]["generation"]}}
    ready.edit("deployments/thanos-query/status", seen)
    failed = ready.stack(instances, wait=True, wait_timeout=3)
    assert failed.failed
    begin = "published address: not ready after"
    assert begin in failed["msg"]
    assert f"the Service {ready.namespace}/thanos-query-published of type LoadBalancer has no address" in failed["msg"]
    assert "set publish.type: NodePort, or publish.address" in failed["msg"]


def test_node_that_was_told_others_is_kept_while_it_stays(ready: Cluster, node: Any) -> None:
    instances = {"query": {**SERVER, "publish": {"type": "NodePort"}}}
    refused = ready.stack(instances)
    assert refused.failed
    assert "publish.address is needed, since no node is ready that has an address" in refused["msg"]
    node("second", "10.0.0.2")
    done = ready.stack(instances)
    port = ready.get("services/thanos-query-published")["spec"]["ports"][0]["nodePort"]
    assert done["published"] == {"query": f"10.0.0.2:{port}"}
    node("aaa-first-by-name", "10.0.0.1")
    again = ready.stack(instances)
    assert (again["changed"], again["published"]) == (False, done["published"])
    ready.client.request("DELETE", "/api/v1/nodes/second")
    assert ready.stack(instances)["published"] == {"query": f"10.0.0.1:{port}"}


def test_querier_that_is_published_no_longer_has_no_service_for_it(ready: Cluster) -> None:
    ready.stack({"query": {**SERVER, "publish": {"type": "LoadBalancer"}}})
    done = ready.stack({"query": {**SERVER, "publish": {"address": "eu.example:443"}}})
    assert done["published"] == {"query": "eu.example:443"}
    assert done.actions() == {"Service/thanos-query-published": "deleted"}


def test_pods_are_made_anew_when_the_client_ca_changes_and_not_with_the_certificate(ready: Cluster) -> None:
    instances = {"query": SERVER}
    ready.stack(instances)
    before = notes(ready)
    uid = ready.get("secrets/thanos-grpc-server")["metadata"]["uid"]
    renewed = base64.b64encode(b"renewed").decode()
    ready.edit("secrets/thanos-grpc-server", {"data": {"tls.crt": renewed}})
    assert ready.stack(instances)["changed"] is False
    both = base64.b64encode((FIRST.certificate + SECOND.certificate).encode()).decode()
    ready.edit("secrets/thanos-grpc-server", {"data": {"ca.crt": both}})
    assert ready.stack(instances).actions() == {"Deployment/thanos-query": "updated"}
    assert notes(ready)["o11y.thanos/grpc-ca-digest"] != before["o11y.thanos/grpc-ca-digest"]
    assert ready.get("secrets/thanos-grpc-server")["metadata"]["uid"] == uid


def test_pods_of_a_hub_are_made_anew_by_the_generation_alone(ready: Cluster) -> None:
    def hub(*edges: str) -> dict[str, Any]:
        listed = [{"address": f"{edge}.example:10901", "tls": {"ca": f"{edge}.crt"}} for edge in edges]
        return {"query": {"client_tls": {"secret": "client"}, "endpoints": listed}}

    certificates(ready, "client", generation="1", eu=FIRST.certificate)
    ready.stack(hub("eu"))
    assert notes(ready) == {"o11y.thanos/generation": "1"}
    certificates(ready, "client", generation="1", eu=FIRST.certificate, us=SECOND.certificate)
    done = ready.stack(hub("eu", "us"))
    assert done.actions()["ConfigMap/thanos-query"] == "updated"
    assert notes(ready) == {"o11y.thanos/generation": "1"}
    certificates(ready, "client", generation="2", eu=SECOND.certificate, us=SECOND.certificate)
    done = ready.stack(hub("eu", "us"), diff=True)
    assert done.actions() == {"Deployment/thanos-query": "updated"}
    assert CANARY not in done.text


def test_pods_of_a_hub_are_made_anew_when_the_setting_of_an_endpoint_changes(ready: Cluster) -> None:
    def hub(**names: str) -> dict[str, Any]:
        listed = [
            {"address": f"{edge}.example:10901", "tls": {"ca": "eu.crt"}, "server_name": name}
            for edge, name in names.items()
        ]
        return {"query": {"client_tls": {"secret": "client"}, "endpoints": listed}}

    certificates(ready, "client", eu=FIRST.certificate)
    ready.stack(hub(eu="old.name"))
    before = notes(ready)
    further = ready.stack(hub(eu="old.name", us="us.name"))
    assert (further.actions()["ConfigMap/thanos-query"], notes(ready)) == ("updated", before)
    ready.stack(hub(eu="new.name", us="us.name"))
    changed = notes(ready)
    assert changed == {**before, "o11y.thanos/endpoint-settings-generation": "1"}
    assert ready.stack(hub(eu="new.name", us="us.name"))["changed"] is False
    ready.stack(hub(eu="new.name"))
    assert notes(ready) == changed


def test_secret_that_is_missing_or_empty_stops_the_run_before_anything_is_written(ready: Cluster) -> None:
    instances = {"query": {"grpc_tls": {"secret": "missing"}}}
    dry = ready.stack(instances, check=True, diff=True)
    assert (dry.failed, dry["changed"]) == (False, True)
    assert f"the Secret {ready.namespace}/missing does not exist" in dry.warnings
    assert "known after the Secret is made" in dry.text
    refused = ready.stack(instances)
    assert refused.failed
    assert f"instances.query.grpc_tls.secret: the Secret {ready.namespace}/missing does not exist" in refused["msg"]
    certificates(ready, "missing", ca="")
    refused = ready.stack(instances)
    assert refused.failed
    assert f"ca.crt in the Secret {ready.namespace}/missing holds no certificate" in refused["msg"]
    assert ready.client.request("GET", f"/apis/apps/v1/namespaces/{ready.namespace}/deployments").body["items"] == []
