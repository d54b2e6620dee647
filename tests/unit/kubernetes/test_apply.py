# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing one object: what is sent, whether it counts as a change, and how a refusal is met."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.apply import apply_step, delete
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import Manifest, ref_of
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.plan import Step
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.response import ApiError
from tests.unit.kubernetes.recorded import Recorded

MANAGER = "o11y.thanos/thanos/store"
PATH = "/apis/apps/v1/namespaces/monitoring/statefulsets/store"
PATCH = f"PATCH {PATH}"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)


def stateful_set(replicas: int = 1, **metadata: Any) -> Manifest:
    names = {"name": "store", "namespace": "monitoring", **metadata}
    return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": names, "spec": {"replicas": replicas}}


def step(live: Manifest | None, *reasons: str, former: tuple[str, ...] = ()) -> Step:
    return Step(ref_of(stateful_set()), MANAGER, stateful_set(2), live, reasons, former)


def written(manager: str, operation: str, *fields: str) -> dict[str, Any]:
    tree: dict[str, Any] = {"f:spec": {f"f:{field}": {} for field in fields}}
    return {"manager": manager, "operation": operation, "apiVersion": "apps/v1", "fieldsV1": tree}


def test_what_is_as_wanted_is_not_sent() -> None:
    server = Recorded()
    assert apply_step(server, step(stateful_set(2))).action == "unchanged"
    assert server.sent == []


def test_what_is_absent_is_applied_by_the_instances_manager_with_force() -> None:
    server = Recorded()
    done = apply_step(server, step(None))
    assert (done.action, done.before, done.after) == ("created", None, stateful_set(2))
    assert server.asked == [PATCH]
    assert server.sent[0].query == {"fieldManager": MANAGER, "force": "true"}


@pytest.mark.parametrize(("replicas", "action"), [(2, "updated"), (1, "unchanged")])
def test_change_is_what_the_server_says(replicas: int, action: str) -> None:
    answer = stateful_set(replicas, resourceVersion="2", generation=2, managedFields=[{}])
    server = Recorded(answers={PATCH: (200, {**answer, "status": {"replicas": 1}})})
    assert apply_step(server, step(stateful_set(1), ".spec.replicas: differs")).action == action


def test_dry_run_says_so_in_its_one_request() -> None:
    server = Recorded()
    former = ("o11y.thanos/thanos/old",)
    apply_step(server, step(stateful_set(), "differs", former=former), dry_run=True)
    assert [sent.query.get("dryRun") for sent in server.sent] == ["All"]


def test_fields_of_a_former_instance_are_given_up_after_ours_are_there() -> None:
    server = Recorded()
    apply_step(server, step(stateful_set(), "still has fields", former=("o11y.thanos/thanos/old",)))
    assert [sent.query["fieldManager"] for sent in server.sent] == [MANAGER, "o11y.thanos/thanos/old"]
    assert server.sent[1].body == {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "store", "namespace": "monitoring"},
    }


def test_what_the_object_refers_to_may_take_a_moment_to_be_known() -> None:
    answers: dict[str, Any] = {PATCH: [(404, {}), (404, {}), (200, stateful_set(2))]}
    server = Recorded(answers=answers)
    assert apply_step(server, step(None)).action == "created"
    assert len(server.sent) == 3


def test_what_stays_unknown_is_the_servers_sentence() -> None:
    server = Recorded(answers={PATCH: (404, {"message": "namespaces monitoring not found"})})
    with pytest.raises(ApiError, match="answered with 404: namespaces monitoring not found"):
        apply_step(server, step(None))


def test_dry_run_of_what_refers_to_something_absent_is_a_warning() -> None:
    server = Recorded(answers={PATCH: (404, {"message": "role not found"})})
    assert apply_step(server, step(None), dry_run=True).action == "created"
    assert len(server.warnings) == 1
    assert "StatefulSet monitoring/store was not validated" in server.warnings[0]


EDITED = {"managedFields": [written(MANAGER, "Apply", "replicas"), written("kubectl-edit", "Update", "paused")]}


def test_field_of_another_hand_that_makes_ours_invalid_is_taken_and_removed() -> None:
    live = stateful_set(1, resourceVersion="7", **EDITED)
    answers: dict[str, Any] = {PATCH: [(422, {"message": "both"}), (200, {}), (200, stateful_set(2))]}
    server = Recorded([live], answers)
    assert apply_step(server, step(live, "differs")).action == "updated"
    assert server.asked == [PATCH, f"GET {PATH}", PATCH, PATCH]
    version, managers = server.sent[2].body
    assert version == {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"}
    assert managers["value"][0]["fieldsV1"]["f:spec"] == {"f:replicas": {}, "f:paused": {}}


def test_invalid_object_without_another_hand_is_the_servers_sentence() -> None:
    live = stateful_set(1, managedFields=[written(MANAGER, "Apply", "replicas")])
    with pytest.raises(ApiError, match="must not be negative"):
        apply_step(Recorded(answers={PATCH: (422, {"message": "must not be negative"})}), step(live, "differs"))


def test_deletion_is_of_exactly_this_object_and_one_that_is_gone_is_no_error() -> None:
    server = Recorded(answers={f"DELETE {PATH}": (404, {})})
    assert delete(server, stateful_set(uid="u")).action == "deleted"
    assert server.sent[0].body["preconditions"] == {"uid": "u"}


def test_dry_run_of_a_deletion_sends_nothing() -> None:
    server = Recorded()
    assert delete(server, stateful_set(uid="u"), dry_run=True).action == "deleted"
    assert server.sent == []
