# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds that a cluster may lack: asked for once, missed in one sentence, used where they are, survived when they go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import Failure
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.apis import Apis
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.engine import run
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.kinds import KINDS
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import Manifest
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.phases import Phase
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.running import Settings
from tests.integration.kubernetes import samples
from tests.integration.kubernetes.conftest import World, kubeconfig_with_role
from tests.support.waiting import until
from tests.testbed.control_plane import ControlPlane

pytestmark = pytest.mark.api

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
PROBE = "get /apis/monitoring.coreos.com/v1"


def definition(kind: str) -> Manifest:
    """A small definition of an optional kind, with an open schema below ``spec``."""
    row = KINDS[kind]
    name, version = f"{row.plural}.{row.group}", row.api_version.rpartition("/")[2]
    open_object = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    schema = {"openAPIV3Schema": {"type": "object", "properties": {"spec": open_object}}}
    names = {"kind": kind, "plural": row.plural, "singular": kind.lower()}
    versions = [{"name": version, "served": True, "storage": True, "schema": schema}]
    spec = {"group": row.group, "scope": "Namespaced", "names": names, "versions": versions}
    return {"metadata": {"name": name}, "spec": spec}


@contextmanager
def installed(plane: ControlPlane, kind: str) -> Iterator[None]:
    """The cluster has this kind."""
    body = definition(kind)
    path = f"{DEFINITIONS}/{body['metadata']['name']}"
    row = KINDS[kind]
    plane.api.must("POST", DEFINITIONS, body)
    until(lambda: plane.api.request("GET", row.path()).status == 200 and kind in served(plane, row.api_version))
    try:
        yield
    finally:
        plane.api.request("DELETE", path)
        until(lambda: plane.api.request("GET", path).status == 404 and kind not in served(plane, row.api_version))


def served(plane: ControlPlane, api_version: str) -> set[str]:
    answer = plane.api.request("GET", f"/apis/{api_version}")
    return {each["kind"] for each in answer.body["resources"]} if answer.status == 200 else set()


def monitor(**spec: Any) -> Manifest:
    spec = spec or {"endpoints": [{"port": "http", "interval": "30s"}], "selector": {"matchLabels": {"a": "b"}}}
    return {**samples.manifest("ServiceMonitor", "thanos-query", spec=spec), "apiVersion": "monitoring.coreos.com/v1"}


def alerts() -> Manifest:
    return {**samples.manifest("PrometheusRule", "thanos", spec={}), "apiVersion": "monitoring.coreos.com/v1"}


@pytest.mark.parametrize("check_mode", [False, True], ids=["run", "check"])
def test_kind_that_the_cluster_lacks_is_named_before_anything_is_changed(world: World, check_mode: bool) -> None:
    world.make("ConfigMap", {"metadata": {"name": "taken"}, "data": {"a": "b"}})
    mark = world.plane.audit_mark()
    with pytest.raises(Failure) as failure:
        world.run([samples.config("taken"), monitor(), alerts()], check_mode=check_mode)
    lines = str(failure.value).splitlines()
    assert lines[0] == "this task changed nothing:"
    assert (
        f"- ServiceMonitor {world.namespace}/thanos-query cannot be made: this cluster has no ServiceMonitor in the "
        "API monitoring.coreos.com/v1, which comes with the Prometheus Operator; install that, or turn off the option "
        "that asks for the ServiceMonitor"
    ) in lines
    assert [line.split()[1] for line in lines[1:]] == ["ConfigMap", "PrometheusRule", "ServiceMonitor"]
    assert world.requests(mark).count(PROBE) == 1
    assert {request.split()[0] for request in world.requests(mark)} == {"get", "list"}


def test_one_kind_of_a_group_does_not_stand_for_another(world: World) -> None:
    with installed(world.plane, "ServiceMonitor"), pytest.raises(Failure, match="no PrometheusRule in the API") as f:
        world.run([monitor(), alerts()])
    assert "no ServiceMonitor" not in str(f.value)


def test_optional_kind_is_made_compared_changed_and_pruned_as_any_other(world: World) -> None:
    with installed(world.plane, "ServiceMonitor"):
        assert world.run([samples.config("a"), monitor()]).changed
        mark = world.plane.audit_mark()
        assert not world.run([samples.config("a"), monitor()]).changed
        assert sorted(world.requests(mark)) == [
            PROBE,
            "get configmaps",
            "get namespaces",
            "list configmaps",
            "list servicemonitors",
        ]
        assert world.run([samples.config("a"), monitor(endpoints=[])]).changed
        assert (world.live("ServiceMonitor", "thanos-query") or {})["spec"] == {"endpoints": []}
        world.run([samples.config("a")])
        assert world.live("ServiceMonitor", "thanos-query") is None


def test_run_that_asks_for_no_optional_kind_does_not_probe(world: World) -> None:
    mark = world.plane.audit_mark()
    world.run([samples.config("a")])
    assert [request for request in world.requests(mark) if "/apis/" in request] == []


def test_recorded_kind_whose_api_has_gone_fails_neither_a_run_nor_a_teardown(world: World) -> None:
    with installed(world.plane, "ServiceMonitor"):
        world.run([samples.config("a"), monitor()])
    assert f"ServiceMonitor.{world.namespace}" in (world.live("ConfigMap", "o11y-thanos-thanos") or {})["data"]
    assert not world.run([samples.config("a")]).changed
    assert world.teardown().changed
    assert world.names("ConfigMap") == set()


def test_what_is_known_of_apis_is_not_asked_again_by_the_run(world: World) -> None:
    with installed(world.plane, "ServiceMonitor"):
        client = world.client()
        mark = world.plane.audit_mark()
        apis = Apis(client)
        assert apis.lacks(["ServiceMonitor", "PrometheusRule", "Route", "ConfigMap"]) == {"PrometheusRule", "Route"}
        run(client, world.scope(), [Phase("all", [monitor()])], Settings(wait=False), apis)
        assert world.requests(mark).count(PROBE) == 1


def test_a_role_in_one_namespace_suffices_to_ask(world: World) -> None:
    world.user, world.kubeconfig = kubeconfig_with_role(world.plane, world.namespace, [])
    assert Apis(world.client()).lacks(["ServiceMonitor"]) == {"ServiceMonitor"}
