# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a ConfigMap and a Secret hold on a real API server, and that more is refused before anything is written."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import prepared
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.sizes import LARGEST, too_large
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.rule_files import FILE_BYTES
from tests.support.modules import run_module

from .conftest import Cluster

pytestmark = pytest.mark.api


def rules(size: int) -> str:
    """A rule file of so many bytes."""
    group = "groups: [{name: g, rules: [{record: x, expr: up}]}]\n#"
    return group + "ä" * ((size - len(group)) // 2) + "x" * ((size - len(group)) % 2)


def test_largest_rule_file_is_written_and_a_larger_one_refused_by_name(cluster: Cluster) -> None:
    assert not cluster.secret().failed
    result = cluster.stack({"ruler": {"rules": {"big.yaml": rules(FILE_BYTES), "small.yaml": rules(100)}}})
    assert not result.failed, result["msg"]
    refused = cluster.stack({"ruler": {"rules": {"big.yaml": rules(FILE_BYTES + 1)}}})
    assert refused.failed
    assert "instances.ruler.rules: big.yaml has 1,047,577 bytes, and a ConfigMap holds 1,047,576" in refused["msg"]


def test_configuration_that_no_config_map_holds_is_refused_before_anything_is_written(cluster: Cluster) -> None:
    assert not cluster.secret().failed
    jobs = [{"job_name": f"job{i}", "static_configs": [{"targets": ["x" * 1000]}]} for i in range(1100)]
    for check in (True, False):
        result = cluster.stack({"sidecar": {"scrape_configs": jobs}}, check=check)
        assert result.failed
        assert "this task changed nothing:" in result["msg"]
        assert f"ConfigMap {cluster.namespace}/thanos-sidecar would hold" in result["msg"]
        assert "(prometheus.yml alone" in result["msg"]
    accounts = cluster.get("serviceaccounts")["items"]
    assert [item for item in accounts if item["metadata"]["name"].startswith("thanos")] == []


def test_secret_that_is_too_large_is_refused_before_it_is_sent(cluster: Cluster) -> None:
    large = "0123456789abcdef" * (LARGEST // 16 + 1)
    options = {**cluster.arguments, "name": "large", "items": [{"key": "a", "value": large}]}
    for check in (True, False):
        result = run_module("secret", options, check=check)
        assert result.failed
        assert f"Secret {cluster.namespace}/large would hold" in result["msg"]
        assert large not in result["msg"]
    assert cluster.get("secrets")["items"] == []


@pytest.mark.parametrize("kind", ["ConfigMap", "Secret"])
def test_limit_is_that_of_the_server(cluster: Cluster, kind: str) -> None:
    assert not cluster.secret().failed

    def of(size: int) -> dict[str, Any]:
        text = "x" * (size - 10)
        data: dict[str, Any] = {"data": {"a": text}, "binaryData": {"b": base64.b64encode(b"y" * 10).decode()}}
        parts = {"stringData": {"a": text, "b": "y" * 10}} if kind == "Secret" else data
        return prepared({"apiVersion": "v1", "kind": kind, "metadata": {"name": "size"}, **parts}, cluster.namespace)

    path = f"/api/v1/namespaces/{cluster.namespace}/{kind.lower()}s"
    dry = {"dryRun": "All"}
    for size, fits in ((LARGEST, True), (LARGEST + 1, False)):
        assert (too_large([of(size)]) == []) == fits
        answer = cluster.client.request("POST", path, query=dry, body=of(size), ok=(422,))
        assert (answer.status == 201) == fits
