# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Prometheus pushes to a hub over mutual TLS, with the certificates that the module pki makes in both clusters."""

from __future__ import annotations

import base64
import ssl
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.credentials import SECRETS_DIR
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.remote_write import remote_writes
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from tests.support.modules import Result, run_module
from tests.support.prometheus import prometheus
from tests.support.receiving import Receiving, receiving_stack
from tests.support.waiting import until
from tests.testbed.control_plane import ControlPlane

from .conftest import Cluster

pytestmark = pytest.mark.api
NAME = "receive.hub.example"
ONE = {
    "mode": "combined",
    "replicas": 1,
    "replication_factor": 1,
    "remote_write_tls": {"secret": "push-grpc-server"},
    "tenant_certificate_field": "organizationalUnit",
}
INGESTOR = "thanos-receive-default-0"


def pki(place: Cluster, **options: Any) -> Result:
    result = run_module("pki", {**place.arguments, "name": "push", **options})
    assert not result.failed, result["msg"]
    return result


def files(cluster: Cluster, secret: str, folder: Path) -> None:
    """The keys of a Secret as the files that a pod has."""
    folder.mkdir(parents=True)
    for key, value in cluster.get(f"secrets/{secret}")["data"].items():
        (folder / key).write_bytes(base64.b64decode(value))


@pytest.fixture
def edge(cluster: Cluster, plane: ControlPlane) -> Iterator[Cluster]:
    """The namespace that stands for the cluster which pushes."""
    other = replace(cluster, namespace=f"{cluster.namespace}-edge", plane=plane)
    yield other
    cluster.client.request("DELETE", f"/api/v1/namespaces/{other.namespace}", ok=(404,))


@pytest.fixture
def hub(cluster: Cluster, edge: Cluster, tmp_path: Path) -> Iterator[Receiving]:
    """A receive that lets in whom the edge's CA signed, and the edge's certificates beside it."""
    client_ca = pki(edge, cluster="edge", client_ca=True)["client_ca"]
    server_ca = pki(cluster, cluster="hub", server_ca=True)["server_ca"]
    pki(cluster, cluster="hub", server={"names": [NAME], "trust": [client_ca]})
    pki(edge, cluster="edge", client={"trust": {"hub": server_ca}})
    files(cluster, "push-grpc-server", tmp_path / "tls" / "remote-write")
    files(edge, "push-grpc-client", tmp_path / "push-grpc-client")
    with receiving_stack(tmp_path, ONE, "prometheus") as stack:
        yield stack


def test_samples_arrive_over_mutual_tls_and_nobody_else_may_write(hub: Receiving, tmp_path: Path) -> None:
    url = f"https://{hub.address(INGESTOR, 19291)}/api/v1/receive"
    tls = {"secret": "push-grpc-client", "ca": "hub.crt", "server_name": NAME}
    options = {"remote_write": [{"url": url, "tenant": "another", "tls": tls}]}
    (instance,) = parse({"cluster": "edge", "instances": {"sidecar": options}}).instances
    (entry,) = remote_writes(instance)
    here = {key: value.replace(SECRETS_DIR, str(tmp_path)) for key, value in entry["tls_config"].items()}
    config = {
        "global": {"scrape_interval": "1s", "external_labels": {"cluster": "edge"}},
        "scrape_configs": [{"job_name": "self", "static_configs": [{"targets": ["127.0.0.1:1"]}]}],
        "remote_write": [{**entry, "tls_config": here}],
    }
    folder = tmp_path / "prometheus"
    folder.mkdir()
    with prometheus(config, folder):
        # The tenant is the cluster that the certificate names.
        until(lambda: hub.query('up{tenant_id="edge",cluster="edge"}'))
        assert not hub.query('up{tenant_id="another"}')
    trusting = ssl.create_default_context(cafile=str(tmp_path / "push-grpc-client" / "hub.crt"))
    trusting.check_hostname = False
    with pytest.raises(OSError, match=r"certificate required|alert"):
        urllib.request.urlopen(url, data=b"", context=trusting, timeout=10)
