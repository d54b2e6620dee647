# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wait for Prometheis of others, which carry no label of ours, until they run with what was added."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, cast

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.client import Client
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.phases import Snapshot, Verdict
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.response import Response
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.existing_gate import existing_gate
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Existing

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)
SET = Existing("StatefulSet", "main", replicas=2, selector={"app": "main"})
RESOURCE = Existing("Prometheus", "main", replicas=2, selector={"app": "main"})
ROLLED = {"observedGeneration": 2, "replicas": 2, "readyReplicas": 2, "updatedReplicas": 2}
MARKS = {"o11y.thanos/objstore": "1"}
SEEN = [{"type": "Reconciled", "status": "True", "observedGeneration": 2}]


def pod(made: bool) -> dict[str, Any]:
    """A pod as it is wanted, or one of before."""
    metadata = {"name": "main", "labels": {"app": "main", "more": ""}, "annotations": MARKS if made else {}}
    return {"metadata": metadata, "spec": {"containers": [{"name": "thanos-sidecar"}]}}


class Live:
    """Stands for a Client: the one object, with this status, and so many pods that are made as it says."""

    def __init__(self, status: dict[str, Any] | None, pods: int) -> None:
        self.status, self.pods = status, pods
        self.asked: list[Any] = []

    def request(self, _method: str, path: str, query: Any = None, **_more: Any) -> Response:
        if path.endswith("/pods"):
            self.asked.append(query)
            return Response(200, {}, {"items": [pod(number < self.pods) for number in range(2)]}, "")
        metadata = {"name": "main", "generation": 2, "uid": "1"}
        spec = {"replicas": 2, "podMetadata": {"annotations": MARKS}}
        body = {"metadata": metadata, "spec": spec, "status": self.status}
        return Response(404 if self.status is None else 200, {}, body, "")


def verdict(existing: Existing, status: dict[str, Any] | None, pods: int = 2) -> Verdict:
    """What the gate thinks of an object with this status."""
    gate = existing_gate("monitoring", [existing])
    assert gate.action
    snapshot = Snapshot({"Event": ()}, NOW, NOW)
    answer = gate.action(cast(Client, Live(status, pods)), snapshot)
    return gate.check(Snapshot({"Event": ()}, NOW, NOW, answer=answer))


@pytest.mark.parametrize(
    ("existing", "status", "state", "reason"),
    [
        (SET, ROLLED, "done", ""),
        (SET, None, "waiting", "StatefulSet monitoring/main does not exist"),
        (SET, {**ROLLED, "updatedReplicas": 1}, "waiting", "StatefulSet monitoring/main: 1 of 2 pods updated"),
        (RESOURCE, {"conditions": SEEN, "updatedReplicas": 2, "availableReplicas": 2}, "done", ""),
        (RESOURCE, None, "waiting", "Prometheus monitoring/main does not exist"),
        (RESOURCE, {}, "waiting", "Prometheus monitoring/main: the operator has not seen the new generation"),
        (
            RESOURCE,
            {"conditions": SEEN, "updatedReplicas": 2, "availableReplicas": 1},
            "waiting",
            "Prometheus monitoring/main: 1 of 2 pods available",
        ),
        (
            RESOURCE,
            {"conditions": [{**SEEN[0], "status": "False", "message": "no Secret"}]},
            "waiting",
            "Prometheus monitoring/main: the operator cannot do it: no Secret",
        ),
    ],
)
def test_gate_opens_when_all_pods_have_what_was_added(
    existing: Existing, status: dict[str, Any] | None, state: str, reason: str
) -> None:
    found = verdict(existing, status)
    assert (found.state, found.reason) == (state, reason)


def test_gate_waits_for_pods_as_they_are_wanted_whatever_the_operator_says_of_them() -> None:
    status = {"conditions": SEEN, "updatedReplicas": 2, "availableReplicas": 2}
    found = verdict(RESOURCE, status, pods=1)
    wanted = "Prometheus monitoring/main: 1 of 2 pods have the sidecar as it is wanted"
    assert (found.state, found.reason) == ("waiting", wanted)


def test_gate_reads_no_pods_but_theirs() -> None:
    """A namespace may hold thousands of others."""
    several = Existing("StatefulSet", "main", replicas=2, selector={"tier": "db", "app": "main"})
    gate, live = existing_gate("monitoring", [several]), Live(ROLLED, 2)
    assert gate.action
    gate.action(cast(Client, live), Snapshot({"Event": ()}, NOW, NOW))
    assert live.asked == [{"labelSelector": "app=main,tier=db"}]
