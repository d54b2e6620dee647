# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A number of pods that somebody else decides is neither written nor expected to be another one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.counts import counts_among, following
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Count
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse

from .cases import FACTS, one, render

LEFT: dict[str, Any] = {"replicas": 3, "manage_replicas": False}
OURS = {"manager": "o11y.thanos/thanos/query", "operation": "Apply", "fieldsV1": {"f:spec": {"f:replicas": {}}}}
SCALER = {
    "manager": "kube-controller-manager",
    "operation": "Update",
    "subresource": "scale",
    "fieldsV1": {"f:spec": {"f:replicas": {}}},
}
STATUS = {"manager": "kube-controller-manager", "subresource": "status", "fieldsV1": {"f:status": {"f:replicas": {}}}}


def live(*managers: dict[str, Any], replicas: int = 5, namespace: str = "monitoring") -> dict[str, Any]:
    """A querier's Deployment."""
    metadata = {"name": "thanos-query", "namespace": namespace, "managedFields": list(managers)}
    return {"metadata": metadata, "spec": {"replicas": replicas}}


@pytest.mark.parametrize(
    ("item", "count"),
    [
        (live(OURS, STATUS), Count(5, others=False)),
        (live(SCALER, STATUS), Count(5, others=True)),
        (live(OURS, SCALER), Count(5, others=True)),
        (live({"manager": "x"}, replicas=0), Count(0, others=False)),
    ],
)
def test_count_and_who_wrote_it_is_read(item: dict[str, Any], count: Count) -> None:
    stack = parse({"cluster": "eu", "instances": {"query": LEFT, "store": {}}})
    assert counts_among(stack, [item, live(SCALER, namespace="other")]) == {"thanos-query": count}


def test_count_that_is_ours_to_set_is_not_read() -> None:
    assert counts_among(parse({"cluster": "eu", "instances": {"query": {}, "compact": {}}}), [live(SCALER)]) == {}


@pytest.mark.parametrize(("others", "written"), [(False, 3), (True, None)])
def test_count_is_written_until_somebody_else_has(others: bool, written: int | None) -> None:
    facts = replace(FACTS, counts={"thanos-query": Count(3, others)})
    spec = one(render({"query": LEFT}, facts=facts), "Deployment", "thanos-query")["spec"]
    assert spec.get("replicas") == written


@pytest.mark.parametrize("tier", ["sidecar", "store", "query", "ruler"])
def test_new_workload_begins_with_the_typed_count_and_a_budget(tier: str) -> None:
    objects = render({tier: {**LEFT, "replicas": 1}})
    (workload,) = [o for o in objects if o["kind"] in ("Deployment", "StatefulSet")]
    assert workload["spec"]["replicas"] == 1
    assert one(objects, "PodDisruptionBudget", f"thanos-{tier}")


def test_what_is_expected_follows_the_live_count() -> None:
    stack = parse({"cluster": "eu", "instances": {"query": LEFT, "store": {"replicas": 2}}})
    seen = following(stack, {"thanos-query": Count(7, others=True)})
    assert [workload.replicas for i in seen.instances for workload in seen.workloads(i)] == [7, 2]
