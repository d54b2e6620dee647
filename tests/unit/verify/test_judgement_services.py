# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prometheis of others: those found by labels of Services, and those with a sidecar of ours in their pods."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.channels import GRPC, HTTP, Channel
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.existing import knowing
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.metrics import Metrics
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Existing, Replica
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._verify.expect import Expectations, expectations
from tests.support.judging import expect, judge, pod

SERVICES = {"replicas": 1, "endpoint_services": [{"labels": {"a": "b"}}]}


def entry(number: int, **more: Any) -> dict[str, Any]:
    """A sidecar as a querier lists it."""
    labels = {"cluster": "eu", "prometheus": "shop", "prometheus_replica": f"shop-{number}"}
    return {"name": f"10.0.1.{number}:10901", "labelSets": [labels], "lastError": None, "maxTime": 2**63 - 1, **more}


def vector(*values: tuple[dict[str, str], str]) -> dict[str, Any]:
    """An instant vector."""
    return {"result": [{"metric": labels, "value": [0, value]} for labels, value in values]}


def test_prometheis_found_by_labels_are_asked_for_new_samples_and_single_copies() -> None:
    stores = {"sidecar": [entry(0), entry(1)]}
    found = vector(*(({"prometheus_replica": f"shop-{i}"}, "1") for i in range(2)))
    bodies = {"/api/v1/stores": stores, "max(count without": vector(({}, "1")), "count by": found}
    for check, words in (("fresh", "2 Prometheis of other clusters"), ("dedup", "1 set of replicas in other clusters")):
        (line,) = judge(check, expect(query=SERVICES), [pod("q", "query")], bodies)
        assert (line.severity, words in line.what) == ("pass", True), line
    lately = {"/api/v1/stores": stores, "last_over_time": found, "count by": vector()}
    lines = judge("fresh", expect(query=SERVICES), [pod("q", "query")], lately)
    assert [line.where for line in lines] == ["endpoint found by labels"] * 2
    assert 'no sample of {cluster="eu",prometheus="shop",prometheus_replica="shop-0"}' in lines[0].what


def test_endpoint_found_by_labels_with_an_error_fails() -> None:
    stores = {"sidecar": [entry(0, lastError="connection refused")]}
    (line,) = judge("endpoints", expect(query=SERVICES), [pod("q", "query")], {"/api/v1/stores": stores})
    assert line.options == ("instances.query.endpoint_services",)


def beside(**more: Any) -> Expectations:
    """A sidecar beside two pods of somebody else's."""
    replicas = [
        Replica(f"main-{i}", "3.9.1", {"cluster": "eu", "prometheus_replica": f"main-{i}"}, {}, "1m") for i in range(2)
    ]
    found = Existing("StatefulSet", "main", replicas=2, selector={"app": "main"}, pods=tuple(replicas))
    named = {"stateful_set": "main", "restart_prometheus": True}
    stack = parse({"cluster": "eu", "instances": {"sidecar": {"prometheus": named}}})
    return expectations(knowing(stack, {"sidecar": (replace(found, **more),)}))


def test_a_container_that_the_owner_took_away_is_a_failure() -> None:
    expected = beside()
    (promise,) = expected.promises
    assert promise.workload.pod_names == ("main-0", "main-1")
    assert (promise.interval, promise.common_labels()) == (60, {"cluster": "eu"})
    channels = {"http": HTTP, "grpc": GRPC, "web": Channel("web", 9090, whole=True)}
    metrics = Metrics('thanos_build_info{version="0.42.4"} 1')
    pods = [replace(pod(f"main-{i}", "sidecar"), images={"prometheus": "x"}, channels=channels) for i in range(2)]
    lines = judge("pods", expected, pods, {"/metrics": metrics})
    assert {(line.severity, line.found, line.advice) for line in lines} == {("fail", "none", "run deploy")}
    theirs = judge("pods", beside(sidecar="theirs"), pods, {})
    assert [(line.severity, line.what) for line in theirs] == [("pass", "2 sidecar ready, Thanos 0.42.4")]
