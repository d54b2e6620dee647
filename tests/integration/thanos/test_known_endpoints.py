# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Endpoints that a run does not know of are as the querier last knew them, on a real API server."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from .conftest import Cluster

pytestmark = pytest.mark.api
EU = {"name": "eu", "address": "eu.example:10901", "strict": True}
US = {"name": "us", "address": "us.example:10901", "tls": {"min_version": "1.2"}, "server_name": "us.internal"}


def querier(*endpoints: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Instances: a querier with these endpoints."""
    return {"query": {"keep_endpoints": True, "endpoints": list(endpoints), **more}}


def remote(cluster: Cluster) -> list[dict[str, Any]]:
    """The endpoints of other clusters in the live endpoint file."""
    text = cluster.get("configmaps/thanos-query")["data"]["endpoints.yaml"]
    return [entry for entry in yaml.safe_load(text)["endpoints"] if "dnssrv" not in entry["address"]]


def test_address_that_is_not_told_stays(cluster: Cluster) -> None:
    cluster.stack(querier(EU, US))
    before = remote(cluster)
    assert [entry["address"] for entry in before] == ["eu.example:10901", "us.example:10901"]
    untold = {key: value for key, value in US.items() if key != "address"}
    assert cluster.stack(querier(EU, untold))["changed"] is False
    assert cluster.stack(querier(EU, untold), check=True)["changed"] is False
    assert remote(cluster) == before


def test_address_that_nobody_knows_is_left_out_with_a_warning(cluster: Cluster) -> None:
    done = cluster.stack(querier(EU, {"name": "us"}))
    assert [entry["address"] for entry in remote(cluster)] == ["eu.example:10901"]
    assert "query: the endpoint us is left out, since its address is not known yet" in str(done["warnings"])


def test_endpoint_that_is_not_listed_stays_until_it_is_to_be_forgotten(cluster: Cluster) -> None:
    cluster.stack(querier(EU, US))
    before = remote(cluster)
    done = cluster.stack(querier(EU))
    assert done["changed"] is False
    assert "the endpoint us (us.example:10901) stays" in str(done["warnings"])
    assert remote(cluster) == before
    done = cluster.stack(querier(EU, forget_endpoints=["us"]))
    assert [entry["address"] for entry in remote(cluster)] == ["eu.example:10901"]
    assert "stays" not in str(done.values)
    cluster.stack(querier(EU, US, forget_endpoints=["eu"]))
    assert [entry["address"] for entry in remote(cluster)] == ["us.example:10901"]
    cluster.stack(querier(EU, forget_endpoints=["us"]))
    assert cluster.stack(querier(EU))["changed"] is False


def test_endpoint_is_removed_with_its_line_where_nothing_is_to_be_kept(cluster: Cluster) -> None:
    cluster.stack({"query": {"endpoints": [EU, US]}})
    cluster.stack({"query": {"endpoints": [US]}})
    assert [entry["address"] for entry in remote(cluster)] == ["us.example:10901"]


def test_annotation_that_was_edited_by_hand_is_not_believed(cluster: Cluster) -> None:
    cluster.stack(querier(EU))
    body = {"metadata": {"annotations": {"o11y.thanos/endpoints": '{"us": {"address": "us.example:1"}}'}}}
    path = f"/api/v1/namespaces/{cluster.namespace}/configmaps/thanos-query"
    cluster.client.request("PATCH", path, body=body, content_type="application/merge-patch+json")
    assert cluster.stack(querier(EU))["changed"] is True
    assert [entry["address"] for entry in remote(cluster)] == ["eu.example:10901"]
