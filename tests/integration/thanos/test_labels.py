# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The labels that make an object ours, edited by hand on every object: the next run restores them, removes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import (
    INSTANCE_LABEL,
    MANAGED_BY_LABEL,
    STACK_LABEL,
    Manifest,
    Ref,
    ref_of,
)
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.gather import gather
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse

from .conftest import FIVE_TIERS, Cluster
from .test_every_field import rendered

pytestmark = pytest.mark.api


def label(cluster: Cluster, ref: Ref, name: str, value: str | None) -> None:
    """Write or remove a label, as ``kubectl label`` does."""
    cluster.client.request(
        "PATCH",
        ref.path,
        query={"fieldManager": "by-hand"},
        body={"metadata": {"labels": {name: value}}},
        content_type="application/merge-patch+json",
    )


def labels_of(cluster: Cluster, manifests: list[Manifest]) -> dict[Ref, Any]:
    """The live labels of every object."""
    refs = [ref_of(manifest) for manifest in manifests]
    return {ref: cluster.client.request("GET", ref.path).body["metadata"]["labels"] for ref in refs}


@pytest.mark.parametrize("value", [None, "other"], ids=["removed", "edited"])
@pytest.mark.parametrize("name", [MANAGED_BY_LABEL, STACK_LABEL, INSTANCE_LABEL])
def test_edited_label_of_every_object_is_restored(deployed: Cluster, name: str, value: str | None) -> None:
    manifests = rendered(deployed)
    before = labels_of(deployed, manifests)
    for ref in before:
        label(deployed, ref, name, value)
    result = deployed.stack(FIVE_TIERS)
    assert not result.failed, result["msg"]
    assert result.actions() == {f"{ref.kind}/{ref.name}": "updated" for ref in before}
    assert labels_of(deployed, manifests) == before
    assert deployed.stack(FIVE_TIERS)["changed"] is False


def test_object_that_was_labelled_as_another_instance_is_not_removed_with_it(deployed: Cluster) -> None:
    for kind, name in (("StatefulSet", "thanos-store"), ("Service", "thanos-store"), ("ConfigMap", "thanos-query")):
        instance = "ruler" if kind == "ConfigMap" else "compact"
        label(deployed, Ref(kind, deployed.namespace, name), INSTANCE_LABEL, instance)
    result = deployed.stack({"compact": {"state": "absent"}, "ruler": {}})
    assert not result.failed, result["msg"]
    assert {name for name in result.actions() if "compact" not in name} == set()
    assert set(deployed.stack({**FIVE_TIERS, "compact": {"state": "absent"}}).actions()) == {
        "StatefulSet/thanos-store",
        "Service/thanos-store",
        "ConfigMap/thanos-query",
    }


@pytest.mark.parametrize("value", [None, "other"], ids=["removed", "edited"])
def test_service_that_lost_its_instance_is_still_an_endpoint(deployed: Cluster, value: str | None) -> None:
    label(deployed, Ref("Service", deployed.namespace, "thanos-store-headless"), INSTANCE_LABEL, value)
    stack = parse({"cluster": "eu", "namespace": deployed.namespace, "instances": {"query": {}}})
    assert "thanos-store-headless" in gather(deployed.client, stack).facts.store_apis
    assert deployed.stack({"query": {}})["changed"] is False
