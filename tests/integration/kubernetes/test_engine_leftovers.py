# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields that we stop rendering and that somebody else holds too stay, and that is told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.kubernetes import samples
from tests.integration.kubernetes.conftest import World

pytestmark = pytest.mark.api


def take(world: World, kind: str, name: str, fields: dict[str, Any], manager: str = "argo") -> None:
    """Another manager applies fields by force."""
    version = samples.API_VERSIONS.get(kind, "v1")
    body = {"apiVersion": version, "kind": kind, "metadata": {"name": name}, **fields}
    path = f"{world.path(kind, name)}?fieldManager={manager}&force=true"
    world.plane.api.must("PATCH", path, body, "application/apply-patch+yaml")


def wipe(world: World, kind: str, name: str) -> None:
    """Somebody empties the record of managers."""
    world.plane.api.must(
        "PATCH", world.path(kind, name), {"metadata": {"managedFields": [{}]}}, "application/merge-patch+json"
    )


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_field_that_another_manager_holds_too_stays_and_is_named(world: World, check_mode: bool) -> None:
    world.run([samples.config("a", mine="1", shared="2")])
    take(world, "ConfigMap", "a", {"data": {"shared": "2"}})
    done = world.run([samples.config("a", mine="1")], check_mode=check_mode)
    assert done.warnings == [
        f"ConfigMap {world.namespace}/a: data.shared is no longer wanted and stays, since argo holds it too; remove it "
        "by hand"
    ]
    assert (world.live("ConfigMap", "a") or {})["data"] == {"mine": "1", "shared": "2"}


def test_a_variable_that_another_manager_took_by_force_stays_and_is_named(world: World) -> None:
    deployment = samples.named(samples.query(), "Deployment")
    env = deployment["spec"]["template"]["spec"]["containers"][0]["env"]
    env.append({"name": "LEVEL", "value": "info"})
    assert world.run([deployment]).warnings == []
    container = {"name": "thanos", "env": [{"name": "LEVEL", "value": "debug"}]}
    take(world, "Deployment", "thanos-query", {"spec": {"template": {"spec": {"containers": [container]}}}})
    env.pop()
    (warning,) = world.run([deployment]).warnings
    assert '.env[{"name":"LEVEL"}].name is no longer wanted and stays, since argo holds it too' in warning
    assert world.run([deployment]).warnings == []


def test_a_wiped_record_is_told_once_and_what_stays_after_it_is_named(world: World) -> None:
    world.run([samples.config("a", one="1", two="2", three="3")])
    wipe(world, "ConfigMap", "a")
    (warning,) = world.run([samples.config("a", one="1", two="2")]).warnings
    assert warning.startswith(f"ConfigMap {world.namespace}/a: the server's record of who wrote its fields")
    assert world.run([samples.config("a", one="1", two="2")]).warnings == []
    (warning,) = world.run([samples.config("a", one="1")]).warnings
    assert "data.two is no longer wanted and stays, since before-first-apply holds it too" in warning


def test_fields_that_go_and_those_of_controllers_and_defaults_are_no_warning(world: World) -> None:
    assert world.run(samples.query() + samples.store()).warnings == []
    changed = samples.query() + samples.store()
    for kind in ("Deployment", "StatefulSet"):
        workload = next(m for m in changed if m["kind"] == kind)
        pod = workload["spec"]["template"]["spec"]
        del pod["terminationGracePeriodSeconds"], pod["tolerations"], pod["containers"][0]["readinessProbe"]
        del workload["spec"]["replicas"]
        world.edit(kind, workload["metadata"]["name"], {"spec": {"replicas": 3}}, manager="kubectl-edit")
    service = next(m for m in changed if m["kind"] == "Service")
    del service["spec"]["ports"][1]
    assert world.run(changed).warnings == []
    assert world.run(samples.store()).warnings == []
