# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A data source for Grafana: which object its sidecar finds, whom Grafana then asks, and what two may not share."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import yaml

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.checks import check
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Context, Facts, Front, Manifest
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.queriers import beside
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse

from .cases import FACTS, one, render

QUERIER, FRONT = "http://thanos-query.monitoring.svc:10902", "http://thanos-query-frontend.monitoring.svc:10902"
ASKED: dict[str, Any] = {"grafana_datasource": {}}


def source(made: Manifest) -> dict[str, Any]:
    """The data source that Grafana reads in the one file of the object."""
    (text,) = made["data"].values()
    content = base64.b64decode(text).decode() if made["kind"] == "Secret" else text
    file = yaml.safe_load(content)
    assert file["apiVersion"] == 1
    (found,) = file["datasources"]
    return dict(found)


def test_config_map_has_the_label_that_a_sidecar_looks_for_and_asks_the_querier() -> None:
    made = one(render({"query": ASKED}), "ConfigMap", "thanos-query-grafana")
    assert made["metadata"]["labels"]["grafana_datasource"] == "1"
    assert list(made["data"]) == ["monitoring-thanos-query.yaml"]
    assert source(made) == {
        "name": "Thanos",
        "type": "prometheus",
        "access": "proxy",
        "url": QUERIER,
        "isDefault": False,
        "jsonData": {"prometheusType": "Thanos", "httpMethod": "POST"},
    }


def test_secret_holds_the_same_under_labels_and_with_values_of_the_users_own() -> None:
    given = {
        "kind": "Secret",
        "name": "Metrics: all",
        "uid": "thanos-eu",
        "labels": {"dashboards": "yes"},
        "is_default": True,
        "json_data": {"timeInterval": "30s", "httpMethod": "GET"},
    }
    objects = render({"query": {"grafana_datasource": given}})
    made = one(objects, "Secret", "thanos-query-grafana")
    labels = made["metadata"]["labels"]
    assert labels["dashboards"] == "yes"
    assert "grafana_datasource" not in labels
    found = source(made)
    assert (found["name"], found["uid"], found["isDefault"]) == ("Metrics: all", "thanos-eu", True)
    assert found["jsonData"] == {"prometheusType": "Thanos", "httpMethod": "GET", "timeInterval": "30s"}
    names = [(m["kind"], m["metadata"]["name"]) for m in objects]
    assert ("ConfigMap", "thanos-query-grafana") not in names


@pytest.mark.parametrize(
    ("instances", "name", "url"),
    [
        ({"query": ASKED}, "thanos-query", QUERIER),
        ({"query": ASKED, "query_frontend": {}}, "thanos-query", FRONT),
        ({"query": {}, "query_frontend": ASKED}, "thanos-query-frontend", FRONT),
        ({"query": ASKED, "query_frontend": {"state": "absent"}}, "thanos-query", QUERIER),
        ({"query": ASKED, "query_frontend": {"downstream_url": "http://other:9090"}}, "thanos-query", QUERIER),
        (
            {"query": ASKED, "query-eu": {"tier": "query"}, "query_frontend": {"querier": "query-eu"}},
            "thanos-query",
            QUERIER,
        ),
        ({"query": {**ASKED, "external_prefix": "/thanos"}}, "thanos-query", f"{QUERIER}/thanos"),
    ],
)
def test_grafana_asks_the_frontend_of_the_querier_where_there_is_one(
    instances: dict[str, Any], name: str, url: str
) -> None:
    assert source(one(render(instances), "ConfigMap", f"{name}-grafana"))["url"] == url


def test_frontend_that_runs_beside_is_asked_although_the_run_deploys_the_querier_alone() -> None:
    stack = beside(parse({"cluster": "eu", "instances": {"query": ASKED}}), {}, {"front": Front(FRONT, QUERIER, True)})
    (instance,) = stack.instances
    made = instance.tier.render(instance, Context(stack, FACTS))
    assert source(one(made, "ConfigMap", "thanos-query-grafana"))["url"] == FRONT


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        ({}, {}, "the name Thanos"),
        ({"uid": "a"}, {"name": "Other", "uid": "a"}, "the uid a"),
        ({"is_default": True}, {"name": "Other", "is_default": True}, "is_default"),
    ],
)
def test_two_that_grafana_would_not_start_with_are_refused(
    first: dict[str, Any], second: dict[str, Any], shared: str
) -> None:
    given = {"query": {"grafana_datasource": first}, "query_frontend": {"grafana_datasource": second}}
    (problem,), _warnings = check(parse({"cluster": "eu", "instances": given}), Facts())
    assert str(problem).startswith("instances.query_frontend.grafana_datasource: query has ")
    assert f"query has {shared}, too, and Grafana takes one of them at most" in str(problem)


def test_two_of_different_names_are_no_mistake() -> None:
    objects = render({"query": ASKED, "query_frontend": {"grafana_datasource": {"name": "Fast"}}})
    found = [source(m) for m in objects if m["metadata"]["name"].endswith("-grafana")]
    assert sorted((each["name"], each["url"]) for each in found) == [("Fast", FRONT), ("Thanos", FRONT)]
