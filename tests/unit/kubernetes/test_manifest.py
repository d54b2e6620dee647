# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Identity and form of manifests, quantities, the table of kinds."""

from __future__ import annotations

import base64

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.kinds import KINDS
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import (
    Ref,
    Scope,
    labels,
    prepared,
    quantity,
    ref_of,
    written_by,
)

EQUAL = [
    ("1000m", 1),
    ("0.5", "500m"),
    (0.5, "500m"),
    ("1024Mi", "1Gi"),
    ("0.5Ti", "512Gi"),
    ("1e3", "1k"),
    (".5", "0.5"),
    ("1E", "1e18"),
    ("-1", -1),
    ("1u", "1000n"),
    ("+1Gi", "1Gi"),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_quantities_are_equal_in_any_notation(one: object, other: object) -> None:
    assert quantity(one) == quantity(other)
    assert quantity(one) is not None


@pytest.mark.parametrize("text", ["", "x", "1Xi", "1 Gi", True, None, ".", "1e1000"])
def test_what_is_no_quantity(text: object) -> None:
    assert quantity(text) is None


def test_prepared_manifest_has_namespace_and_no_nothing() -> None:
    manifest = {
        "kind": "ConfigMap",
        "metadata": {"name": "a", "labels": None},
        "data": {"a": None, "b": ["c", {"d": None}]},
    }
    assert prepared(manifest, "ns") == {
        "kind": "ConfigMap",
        "metadata": {"name": "a", "namespace": "ns"},
        "data": {"b": ["c", {}]},
    }


def test_text_of_a_secret_becomes_data() -> None:
    secret = {"kind": "Secret", "metadata": {"name": "a"}, "data": {"x": "eA=="}, "stringData": {"y": "ü"}}
    assert prepared(secret, "ns")["data"] == {"x": "eA==", "y": base64.b64encode("ü".encode()).decode()}
    assert "stringData" not in prepared(secret, "ns")


def test_paths_of_objects() -> None:
    assert Ref("Deployment", "ns", "a").path == "/apis/apps/v1/namespaces/ns/deployments/a"
    assert Ref("ConfigMap", "ns", "a").path == "/api/v1/namespaces/ns/configmaps/a"
    assert ref_of({"kind": "Namespace", "metadata": {"name": "a"}}, "ns").path == "/api/v1/namespaces/a"
    assert KINDS["Pod"].path() == "/api/v1/pods"


def test_scope_covers_its_instances_and_never_what_belongs_to_none() -> None:
    assert Scope("s", "ns").includes("query")
    assert not Scope("s", "ns").includes("")
    assert not Scope("s", "ns", frozenset({"store"})).includes("query")


@pytest.mark.parametrize(("stack", "namespace"), [("", "ns"), ("s", ""), ("", "")])
def test_scope_is_never_everything(stack: str, namespace: str) -> None:
    with pytest.raises(ValueError, match="without a stack or a namespace"):
        Scope(stack, namespace)


def test_ours_is_what_a_field_manager_of_the_stack_wrote() -> None:
    item = {"metadata": {"managedFields": [{"manager": "o11y.thanos/thanos/query"}], "labels": labels("other", "x")}}
    assert written_by(item, "thanos")
    assert not written_by(item, "than")


def test_claims_and_namespaces_can_never_be_pruned() -> None:
    assert not {"PersistentVolumeClaim", "Namespace", "Pod", "Event"} & {k.name for k in KINDS.values() if k.prunable}
