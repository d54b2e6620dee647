# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the owner of a Prometheus is told where a tool keeps it as it is."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.checks import check
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import (
    Existing,
    Facts,
)
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.owners import chart_of, controller_of, tool_of
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.render import owners_part, phases

from .cases import FACTS
from .existing_cases import CHARTED, MAIN, NAMED, OPERATED, RESOURCE, live, stack

OWNED: list[tuple[dict[str, Any], Existing, str, str]] = [
    (
        RESOURCE,
        CHARTED,
        "the values of the chart kube-prometheus-stack",
        '{"prometheus": {"prometheusSpec": {"thanos": {"image": "quay.io/thanos/thanos:v0.42.4"',
    ),
    (
        NAMED,
        replace(MAIN, tool="Helm", chart="prometheus"),
        "the chart prometheus",
        '{"server": {"sidecarContainers": {"tha',
    ),
    (
        NAMED,
        replace(MAIN, tool="Flux"),
        "the StatefulSet main, where Flux has it from",
        '{"spec": {"template": {"spec": ',
    ),
    (
        RESOURCE,
        replace(OPERATED, tool="Argo CD"),
        "the Prometheus main, where Argo CD has it from",
        '{"spec": {"thanos"',
    ),
]


@pytest.mark.parametrize(("named", "found", "where", "values"), OWNED)
def test_owner_with_a_tool_gets_values_and_nothing_is_written(
    named: dict[str, Any], found: Existing, where: str, values: str
) -> None:
    made = stack({"prometheus": named}, found)
    (told,) = owners_part(made, FACTS)
    assert f"Add this to {where}" in told or f"Add this to the values of {where}" in told
    assert values in told
    assert not any(phase.borrows for phase in phases(made, FACTS))
    asked = stack({"prometheus": {**named, "apply_beside_owner": True}}, found)
    assert owners_part(asked, FACTS) == []
    assert any(phase.borrows for phase in phases(asked, FACTS))


def test_chart_takes_the_secret_below_another_name() -> None:
    (told,) = owners_part(stack({"prometheus": RESOURCE}, CHARTED), FACTS)
    values = json.loads(told[told.index("{") : told.index(" - or set")])
    thanos = values["prometheus"]["prometheusSpec"]["thanos"]
    assert thanos["objectStorageConfig"] == {
        "existingSecret": {"name": "thanos-objstore-default", "key": "objstore.yml"}
    }


def test_chart_of_prometheus_takes_containers_by_name_and_volumes_beside_them() -> None:
    (told,) = owners_part(stack({"prometheus": NAMED}, replace(MAIN, tool="Helm", chart="prometheus")), FACTS)
    server = json.loads(told[told.index("{") : told.index(" - or set")])["server"]
    assert "name" not in server["sidecarContainers"]["thanos-sidecar"]
    assert [volume["name"] for volume in server["extraVolumes"]] == ["o11y-thanos-objstore"]


def test_sidecar_that_the_owner_has_is_only_found() -> None:
    made = stack({"prometheus": {"custom_resource": "main"}}, replace(OPERATED, sidecar="theirs"))
    assert check(made, FACTS) == ([], [])
    assert owners_part(made, FACTS) == []
    assert not any(phase.borrows for phase in phases(made, Facts()))


@pytest.mark.parametrize(
    ("metadata", "tool"),
    [
        ({}, ""),
        ({"labels": {"app.kubernetes.io/managed-by": "Helm"}}, "Helm"),
        ({"annotations": {"meta.helm.sh/release-name": "x"}}, "Helm"),
        ({"annotations": {"argocd.argoproj.io/tracking-id": "x"}, "labels": {"helm.sh/chart": "p-1"}}, "Argo CD"),
        ({"labels": {"kustomize.toolkit.fluxcd.io/name": "x"}}, "Flux"),
        ({"managedFields": [{"manager": "kustomize-controller"}]}, "Flux"),
    ],
)
def test_marks_tell_the_tool(metadata: dict[str, Any], tool: str) -> None:
    assert tool_of(live(**metadata)) == tool


def test_chart_and_controller_are_read_from_metadata() -> None:
    assert chart_of(live(labels={"chart": "kube-prometheus-stack-88.2.0"})) == "kube-prometheus-stack"
    assert chart_of(live(labels={"helm.sh/chart": "prometheus-27.1.0"})) == "prometheus"
    owners = [{"kind": "Node", "name": "n"}, {"kind": "Prometheus", "name": "k8s", "controller": True}]
    assert controller_of(live(ownerReferences=owners)) == "Prometheus k8s"
