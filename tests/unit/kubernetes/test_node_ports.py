# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node port that nobody can have: looked for before the run, and told in a sentence where only the server knows."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.apply import apply_step
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import (
    STACK_LABEL,
    Manifest,
    Scope,
    ref_of,
)
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.node_ports import taken
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.plan import Step
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.response import ApiError
from tests.unit.kubernetes.recorded import Recorded

MANAGER = "o11y.thanos/thanos/query"
SERVICES = "GET /api/v1/services"
ADVICE = "choose another one in the option of the node port, or leave it out, and the cluster chooses one"
SAID = [
    (
        'Service "query" is invalid: spec.ports[0].nodePort: Invalid value: 30001: provided port is already allocated',
        "Service ops/query: the node port 30001 is taken by another Service of the cluster (kubectl get services -A "
        f"tells by which); {ADVICE}",
    ),
    (
        'Service "query" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid '
        "range. The range of valid ports is 30000-32767",
        "Service ops/query: the node port 80 is not in the range that the cluster has for node ports, which is "
        f"30000-32767; {ADVICE}",
    ),
]


def service(port: int | None = 30001, name: str = "query", **metadata: Any) -> Manifest:
    ports = [{"name": "http", "port": 10902, **({"nodePort": port} if port else {})}]
    named = {"name": name, "namespace": "ops", **metadata}
    return {"apiVersion": "v1", "kind": "Service", "metadata": named, "spec": {"ports": ports}}


def step(desired: Manifest, live: Manifest | None = None) -> Step:
    return Step(ref_of(desired), MANAGER, desired, live, ("differs",))


def told(steps: list[Step], *services: Manifest, status: int = 200) -> tuple[list[str], int]:
    """What is told of these steps in a cluster with these Services, and how often it was asked."""
    server = Recorded(answers={SERVICES: (status, {"items": list(services)})})
    return taken(server, Scope("thanos", "ops"), steps), len(server.sent)


@pytest.mark.parametrize(
    "others",
    [
        service(name="theirs", namespace="shop"),
        {**service(None, "theirs", namespace="shop"), "spec": {"healthCheckNodePort": 30001}},
        service(name="theirs", namespace="shop", labels={STACK_LABEL: "thanos"}),
    ],
)
def test_node_port_of_another_service_is_told_with_its_name(others: Manifest) -> None:
    assert told([step(service())], others) == (
        [f"Service ops/query: the node port 30001 is that of the Service shop/theirs; {ADVICE}"],
        1,
    )


def test_port_that_a_service_of_ours_may_give_up_is_left_to_the_server() -> None:
    ours = service(name="other", labels={STACK_LABEL: "thanos"})
    assert told([step(service())], ours, service(30002, "theirs")) == ([], 1)


def test_services_are_looked_at_only_for_a_port_that_is_new_and_named() -> None:
    unchanged = Step(ref_of(service()), MANAGER, service(), service())
    theirs = service(name="theirs", namespace="shop")
    assert told([unchanged, step(service(None)), step(service(), service())], theirs) == ([], 0)


def test_services_that_may_not_be_read_are_no_problem() -> None:
    assert told([step(service())], status=403) == ([], 1)


@pytest.mark.parametrize(("message", "sentence"), SAID)
@pytest.mark.parametrize("fields", [None, [], ["f:paused"]])
def test_what_the_server_says_of_a_node_port_is_a_sentence(
    message: str, sentence: str, fields: list[str] | None
) -> None:
    others = [{"manager": "kubectl", "operation": "Update", "fieldsV1": {"f:spec": {f: {}}}} for f in fields or ()]
    live = None if fields is None else service(None, managedFields=others)
    server = Recorded(answers={"PATCH /api/v1/namespaces/ops/services/query": (422, {"message": message})})
    with pytest.raises(ApiError) as raised:
        apply_step(server, step(service(), live))
    assert str(raised.value) == sentence
