# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server notes of an image that an admission policy rewrites, and of one that somebody sets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._verify.images import edited_by, rewritten
from tests.integration.kubernetes import samples
from tests.integration.kubernetes.conftest import World
from tests.support.waiting import until

pytestmark = pytest.mark.api

IMAGE = "quay.io/thanos/thanos:v0.42.4"
MIRRORED = "mirror.corp/thanos/thanos:v0.42.4"
GROUP = "/apis/admissionregistration.k8s.io/v1"
MANAGER = "o11y.thanos/thanos/query"


@pytest.fixture
def mirror(world: World) -> Iterator[None]:
    """A policy that leads the images of Deployments in the namespace to a mirror."""
    operation = f'JSONPatch{{op: "replace", path: "/spec/template/spec/containers/0/image", value: "{MIRRORED}"}}'
    rule = {
        "apiGroups": ["apps"],
        "apiVersions": ["v1"],
        "operations": ["CREATE", "UPDATE"],
        "resources": ["deployments"],
    }
    policy: dict[str, Any] = {
        "metadata": {"name": world.namespace},
        "spec": {
            "matchConstraints": {"resourceRules": [rule]},
            "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": f"[{operation}]"}}],
            "reinvocationPolicy": "Never",
            "failurePolicy": "Fail",
        },
    }
    own = {"matchLabels": {"kubernetes.io/metadata.name": world.namespace}}
    spec = {"policyName": world.namespace, "matchResources": {"namespaceSelector": own}}
    api = world.plane.api
    api.must("POST", f"{GROUP}/mutatingadmissionpolicies", policy)
    api.must(
        "POST",
        f"{GROUP}/mutatingadmissionpolicybindings",
        {"metadata": {"name": world.namespace}, "spec": spec},
    )
    yield
    for plural in ("mutatingadmissionpolicybindings", "mutatingadmissionpolicies"):
        api.must("DELETE", f"{GROUP}/{plural}/{world.namespace}")


def image(workload: dict[str, Any]) -> str:
    return str(workload["spec"]["template"]["spec"]["containers"][0]["image"])


@pytest.mark.usefixtures("mirror")
def test_an_image_that_a_policy_rewrites_stays_ours(world: World) -> None:
    deployment = samples.named(samples.query(), "Deployment")

    def made() -> dict[str, Any] | None:
        world.run([deployment])
        live = world.live("Deployment", "thanos-query") or {}
        if image(live) == MIRRORED:
            return live
        # The server does not know the policy at once, and what is as we want it is not sent to it again.
        world.plane.api.must("DELETE", f"/apis/apps/v1/namespaces/{world.namespace}/deployments/thanos-query")
        return None

    live = until(made)
    assert rewritten(IMAGE, image(live))
    assert edited_by(live, MANAGER, "thanos") == ""
    assert not world.run([deployment]).changed


def test_an_image_that_somebody_sets_is_his(world: World) -> None:
    world.run([samples.named(samples.query(), "Deployment")])
    patch = [{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": MIRRORED}]
    live = world.edit("Deployment", "thanos-query", patch, manager="kubectl-set")
    assert edited_by(live, MANAGER, "thanos") == "kubectl-set"
