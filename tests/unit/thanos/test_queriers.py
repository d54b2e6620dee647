# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A ruler that is deployed alone asks the queriers that run beside it, at the addresses that they have now."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Facts
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.queriers import (
    COMPONENT,
    address_of,
    asked_by,
    beside,
)
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.render import phases
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tier import Duty
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers import TIERS

HTTP = "http://thanos-query.monitoring.svc:10902"


def workload(component: str, *args: str) -> dict[str, Any]:
    pod = {"containers": [{"name": "proxy"}, {"name": "thanos-query", "args": list(args)}]}
    labels = {"app.kubernetes.io/component": component}
    metadata = {"name": "thanos-query", "namespace": "monitoring"}
    return {"metadata": metadata, "spec": {"template": {"metadata": {"labels": labels}, "spec": pod}}}


@pytest.mark.parametrize(
    ("args", "address"),
    [
        ((COMPONENT, "query"), HTTP),
        ((COMPONENT, "query", "--web.external-prefix=/thanos"), f"{HTTP}/thanos"),
        ((COMPONENT, "query", "--web.external-prefix=/thanos", "--web.route-prefix=/"), HTTP),
        (("rule-evaluation-engine", "rule", "--query=http://query"), ""),
    ],
)
def test_address_of_a_live_workload_is_read_from_its_arguments(args: tuple[str, ...], address: str) -> None:
    assert address_of(workload(*args)) == address


def test_component_is_that_of_the_tier() -> None:
    assert [tier.component for tier in TIERS.values() if Duty.QUERY in tier.duties] == [COMPONENT]


def queries(instances: dict[str, Any], live: dict[str, str]) -> list[str]:
    """The ``--query`` arguments of the ruler."""
    stack = beside(parse({"cluster": "eu", "instances": {"ruler": {}, **instances}}), live)
    objects = [m for phase in phases(stack, Facts()) for m in phase.objects if m["metadata"]["name"] == "thanos-ruler"]
    (args,) = [m["spec"]["template"]["spec"]["containers"][0]["args"] for m in objects if m["kind"] == "StatefulSet"]
    return [arg.removeprefix("--query=") for arg in args if arg.startswith("--query=")]


def test_ruler_asks_the_queriers_of_the_run_and_those_beside_it() -> None:
    live = {"query": f"{HTTP}/old", "other": "http://other"}
    assert queries({}, {}) == [HTTP]
    assert queries({}, live) == [f"{HTTP}/old", "http://other"]
    assert queries({"query": {"external_prefix": "/new"}}, live) == [f"{HTTP}/new", "http://other"]
    assert queries({"query": {"state": "absent"}}, live) == ["http://other"]
    assert queries({"ruler": {"query": ["http://mine"]}}, live) == ["http://mine"]


@pytest.mark.parametrize(
    "declared", [("query", "global", "eu"), ("eu", "query", "global"), ("query",), ("global",), ()]
)
def test_ruler_asks_in_one_order_whichever_queriers_the_run_deploys(declared: tuple[str, ...]) -> None:
    live = {name: f"http://thanos-{name}.monitoring.svc:10902" for name in ("global", "eu", "query")}
    own = {name: {"tier": "query"} for name in declared}
    assert queries(own, live) == [live["query"], live["eu"], live["global"]]


def test_argument_that_is_no_url_names_no_querier() -> None:
    asking = ("rule", "--query=http://[x", "--query=http://thanos-query.monitoring.svc:10902")
    assert asked_by(workload("rule-evaluation-engine", *asking)) == {"thanos-query": HTTP}
