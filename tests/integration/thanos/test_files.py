# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets and ConfigMaps of others as files of the pods, on a real API server."""

from __future__ import annotations

import pytest

from .conftest import Cluster

pytestmark = pytest.mark.api
QUERY = {
    "secrets": ["tls"],
    "config_maps": ["tracing"],
    "extra_args": ["--grpc-client-tls-ca=/etc/thanos/secrets/tls/ca.crt"],
}


def test_files_are_asked_for_first_and_then_mounted(cluster: Cluster) -> None:
    cluster.stack({"query": {}})
    refused = cluster.stack({"query": QUERY})
    assert refused.failed
    for name in (f"Secret {cluster.namespace}/tls", f"ConfigMap {cluster.namespace}/tracing"):
        assert f"the {name} does not exist" in refused["msg"]
    foreseen = cluster.stack({"query": QUERY}, check=True)
    assert not foreseen.failed
    assert f"the Secret {cluster.namespace}/tls does not exist" in foreseen.text
    cluster.send("POST", "secrets", {"metadata": {"name": "tls"}, "stringData": {"ca.crt": "canary-certificate"}})
    cluster.send("POST", "configmaps", {"metadata": {"name": "tracing"}, "data": {"a": "b"}})
    done = cluster.stack({"query": QUERY}, diff=True)
    assert done.actions() == {"Deployment/thanos-query": "updated"}
    assert "canary-certificate" not in done.text
    assert cluster.stack({"query": QUERY})["changed"] is False
