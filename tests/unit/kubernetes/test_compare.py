# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparison of what is wanted with what is there; tests/integration/kubernetes has the cases that a server shows."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.compare import (
    claimed,
    content,
    differences,
    former_managers,
)

OURS = "o11y.thanos/thanos/query"


def live(fields: dict[str, Any], *, manager: str = OURS, operation: str = "Apply", **parts: Any) -> dict[str, Any]:
    entry = {"manager": manager, "operation": operation, "apiVersion": "v1", "fieldsV1": fields}
    return {"apiVersion": "v1", "kind": "X", "metadata": {"name": "x", "managedFields": [entry]}, **parts}


def wanted(**parts: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "X", "metadata": {"name": "x"}, **parts}


PORTS: dict[str, Any] = {'k:{"containerPort":1,"protocol":"TCP"}': {".": {}, "f:containerPort": {}, "f:name": {}}}
SAME: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "a value": ({"f:a": {}}, {"a": 1}, {"a": 1}),
    "defaults beside it": ({"f:a": {"f:b": {}}}, {"a": {"b": 1}}, {"a": {"b": 1, "default": 2}}),
    "below an atomic field": ({"f:a": {}}, {"a": {"b": [{"c": 1}]}}, {"a": {"b": [{"c": 1, "default": 2}]}}),
    "a defaulted key": ({"f:ports": PORTS}, {"ports": [{"containerPort": 1, "name": "n"}]}, {
        "ports": [{"containerPort": 9, "protocol": "TCP"}, {"containerPort": 1, "protocol": "TCP", "name": "n"}]
    }),
    "a set": ({"f:a": {'v:"x"': {}}}, {"a": ["x"]}, {"a": ["y", "x"]}),
    "an empty mapping that is left out": ({"f:a": {}}, {"a": {}}, {}),
    "an empty list without owner": ({"f:b": {}}, {"a": [], "b": 1}, {"b": 1}),
    "false that is left out": ({"f:a": {}}, {"a": False}, {}),
    "a quantity": ({"f:limits": {"f:cpu": {}}}, {"limits": {"cpu": "1000m"}}, {"limits": {"cpu": "1"}}),
    "a number as a quantity": ({"f:limits": {"f:cpu": {}}}, {"limits": {"cpu": 0.5}}, {"limits": {"cpu": "500m"}}),
}  # fmt: skip


@pytest.mark.parametrize(("fields", "want", "there"), SAME.values(), ids=SAME.keys())
def test_same(fields: dict[str, Any], want: dict[str, Any], there: dict[str, Any]) -> None:
    assert differences(wanted(spec=want), live({"f:spec": fields}, spec=there), OURS) == ()


DIFFERENT: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any], str]] = {
    "a value": ({"f:a": {}}, {"a": 1}, {"a": 2}, ".spec.a: differs"),
    "true for one": ({"f:a": {}}, {"a": True}, {"a": 1}, ".spec.a: differs"),
    "owned by another": ({"f:b": {}}, {"a": 1, "b": 1}, {"a": 1, "b": 1}, ".spec.a: removed or written by another"),
    "no longer wanted": ({"f:a": {}, "f:b": {}}, {"a": 1}, {"a": 1, "b": 1}, ".spec.b: no longer wanted"),
    "item no longer wanted": ({"f:ports": PORTS}, {"ports": []}, {"ports": [{"containerPort": 1}]}, ".spec.ports: an"),
    "atomic list grew": ({"f:a": {}}, {"a": ["x"]}, {"a": ["x", "y"]}, ".spec.a: has another number of items"),
    "set lost a value": ({"f:a": {'v:"x"': {}}}, {"a": ["x"]}, {"a": []}, ".spec.a[0]: removed"),
    "text is no quantity": ({"f:a": {}}, {"a": "1000m"}, {"a": "1"}, ".spec.a: differs"),
    "mapping became text": ({"f:a": {}}, {"a": {"b": 1}}, {"a": "x"}, ".spec.a: absent"),
}


@pytest.mark.parametrize(("fields", "want", "there", "reason"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_different(fields: dict[str, Any], want: dict[str, Any], there: dict[str, Any], reason: str) -> None:
    found = differences(wanted(spec=want), live({"f:spec": fields}, spec=there), OURS)
    assert len(found) == 1
    assert found[0].startswith(reason)


NOT_OURS = {
    "another manager": live({"f:spec": {"f:a": {}}}, manager="kubectl", spec={"a": 1}),
    "an update, not an apply": live({"f:spec": {"f:a": {}}}, operation="Update", spec={"a": 1}),
    "no record of fields": {"apiVersion": "v1", "kind": "X", "metadata": {"name": "x"}, "spec": {"a": 1}},
}


@pytest.mark.parametrize("item", NOT_OURS.values(), ids=NOT_OURS.keys())
def test_object_that_we_did_not_apply_is_different(item: dict[str, Any]) -> None:
    assert differences(wanted(spec={"a": 1}), item, OURS) == (f"not yet written by {OURS}",)


def test_reasons_hold_no_values() -> None:
    secret = live({"f:data": {"f:a": {}}}, data={"a": "c4n4ry"})
    assert "c4n4ry" not in str(differences(wanted(data={"a": "c4n4ry2"}), secret, OURS))


def test_remains_of_other_instances_of_the_stack_are_found() -> None:
    item = live({"f:spec": {}}, manager="o11y.thanos/thanos/old")
    assert former_managers(item, "thanos", OURS) == ("o11y.thanos/thanos/old",)
    assert former_managers(item, "other", OURS) == ()


def test_claiming_moves_what_hands_set_in_the_spec_and_leaves_controllers_alone() -> None:
    item = live({"f:spec": {"f:a": {}}})
    hand = {"manager": "kubectl-edit", "operation": "Update", "fieldsV1": {"f:spec": {"f:b": {}}, "f:metadata": {}}}
    status = {"manager": "m", "operation": "Update", "subresource": "status", "fieldsV1": {"f:spec": {"f:c": {}}}}
    item["metadata"]["managedFields"] += [hand, status]
    result = claimed(item, OURS)
    assert result == [
        status,
        {**hand, "fieldsV1": {"f:metadata": {}}},
        {**item["metadata"]["managedFields"][0], "fieldsV1": {"f:spec": {"f:a": {}, "f:b": {}}}},
    ]


def test_nothing_is_claimed_where_no_hand_set_anything() -> None:
    assert claimed(live({"f:spec": {}}), OURS) is None


def test_book_keeping_of_the_server_is_no_content() -> None:
    item = live({"f:spec": {}}, spec={"a": 1}, status={"b": 1})
    item["metadata"] |= {"resourceVersion": "1", "generation": 1, "uid": "u"}
    assert content(item) == wanted(spec={"a": 1}) | {"metadata": {"name": "x", "uid": "u"}}
