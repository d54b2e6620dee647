# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is tried before the first write, and how a node port that nobody can have is told."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.apply import apply_step
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import Manifest, ref_of
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.plan import Step
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.response import ApiError
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.trial import refused
from tests.unit.kubernetes.recorded import Recorded

MANAGER = "o11y.thanos/thanos/query"
ADVICE = "choose another one in the option of the node port, or leave it out, and the cluster chooses one"
TAKEN = (
    'Service "query" is invalid: spec.ports[0].nodePort: Invalid value: 30001: provided port is already allocated',
    f"Service ops/query: the node port 30001 is taken by another Service of the cluster (kubectl get services -A tells "
    f"by which); {ADVICE}",
)
OUTSIDE = (
    'Service "query" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. '
    "The range of valid ports is 30000-32767",
    "Service ops/query: the node port 80 is not in the range that the cluster has for node ports, which is "
    f"30000-32767; {ADVICE}",
)


def service(port: int | None = 30001, name: str = "query", **metadata: Any) -> Manifest:
    ports = [{"name": "http", "port": 10902, **({"nodePort": port} if port else {})}]
    named = {"name": name, "namespace": "ops", **metadata}
    return {"apiVersion": "v1", "kind": "Service", "metadata": named, "spec": {"ports": ports}}


def step(desired: Manifest, live: Manifest | None = None) -> Step:
    return Step(ref_of(desired), MANAGER, desired, live, ("differs",))


def server(message: str = "", status: int = 422) -> Recorded:
    refusal = {"PATCH /api/v1/namespaces/ops/services/query": (status, {"message": message})}
    return Recorded(answers=refusal if message else {})


@pytest.mark.parametrize(("message", "sentence"), [TAKEN, OUTSIDE])
def test_node_port_that_cannot_be_had_is_told_before_anything_is_written(message: str, sentence: str) -> None:
    asked = server(message)
    assert refused(asked, [step(service())]) == [sentence]
    assert [sent.query.get("dryRun") for sent in asked.writes] == ["All"]


@pytest.mark.parametrize("fields", [[], ["f:paused"]])
def test_service_that_is_there_gets_the_same_sentence(fields: list[str]) -> None:
    others = [{"manager": "kubectl", "operation": "Update", "fieldsV1": {"f:spec": {name: {}}}} for name in fields]
    live = service(None, managedFields=others)
    with pytest.raises(ApiError) as raised:
        apply_step(server(TAKEN[0]), step(service(), live))
    assert str(raised.value) == TAKEN[1]


def test_service_without_a_node_port_of_its_own_is_not_tried() -> None:
    asked = server()
    assert refused(asked, [step(service(None))]) == []
    assert asked.sent == []


@pytest.mark.parametrize("leaves", [True, False])
def test_port_that_another_service_of_ours_gives_up_is_not_tried(leaves: bool) -> None:
    other, asked = service(name="other"), server(TAKEN[0])
    steps = [step(service()), *([] if leaves else [step(service(None, "other"), other)])]
    assert refused(asked, steps, [other] if leaves else []) == []
    assert [sent.path for sent in asked.sent if sent.path.endswith("/query")] == []


def test_trial_that_is_refused_for_another_reason_says_nothing() -> None:
    assert refused(server("admission webhook does not support dry run", 400), [step(service())]) == []
