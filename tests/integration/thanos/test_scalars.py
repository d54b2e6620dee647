# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users of YAML type without quotes is accepted by a real API server, and found unchanged by the next run."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.thanos.conftest import Cluster
from tests.support.modules import run_module

pytestmark = pytest.mark.api

SCALARS = {"example.com/yes": True, "example.com/number": 1, "example.com/gone": None}
TEXTS = {"example.com/yes": "true", "example.com/number": "1"}


def test_numbers_and_booleans_are_applied_as_text(cluster: Cluster) -> None:
    mappings = ("labels", "annotations", "pod_labels", "pod_annotations", "service_account_annotations")
    query: dict[str, Any] = {**dict.fromkeys((*mappings, "node_selector"), SCALARS), "replicas": 1}
    query["service"] = {"annotations": SCALARS, "type": "NodePort"}
    query["env"] = [{"name": "A", "value": 1}, {"name": "B", "value": True}, {"name": "C", "value": ""}]
    first = cluster.stack({"query": query})
    assert not first.failed, first.text
    pod = cluster.get("deployments/thanos-query")["spec"]["template"]
    assert pod["metadata"]["annotations"] == TEXTS
    assert {**pod["spec"]["nodeSelector"], **TEXTS} == pod["spec"]["nodeSelector"]
    env = [{"name": "A", "value": "1"}, {"name": "B", "value": "true"}, {"name": "C"}]
    assert pod["spec"]["containers"][0]["env"] == env
    again = cluster.stack({"query": query})
    assert (again["changed"], again.actions()) == (False, {})


def test_tier_module_takes_them_too(cluster: Cluster) -> None:
    env = [{"name": "A", "value": True}]
    arguments = {**cluster.arguments, "cluster": "eu", "wait": False, "pod_annotations": SCALARS, "env": env}
    result = run_module("query", arguments)
    assert not result.failed, result.text
    pod = cluster.get("deployments/thanos-query")["spec"]["template"]
    assert pod["metadata"]["annotations"] == TEXTS
    assert pod["spec"]["containers"][0]["env"] == [{"name": "A", "value": "true"}]


def test_what_the_api_server_would_refuse_is_refused_before_anything_is_applied(cluster: Cluster) -> None:
    bad = {"labels": {"bad key!": "a"}, "pod_annotations": {"a/b/c": "x"}, "service": {"http_node_port": 30001}}
    result = cluster.stack({"query": bad, "store": {"node_selector": {"disk": "very fast"}}})
    assert result.failed
    assert result.text.count("instances.") >= 4, result.text
    assert cluster.client.request("GET", f"/api/v1/namespaces/{cluster.namespace}/services").body["items"] == []
