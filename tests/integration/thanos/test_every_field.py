# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every rendered object that is deleted, and every rendered field that is edited by hand, is found and restored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.compare import differences
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import (
    INSTANCE_LABEL,
    Manifest,
    field_manager,
    label_of,
    prepared,
    ref_of,
)
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.gather import gather
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.render import phases
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse

from .conftest import FIVE_TIERS, Cluster

pytestmark = pytest.mark.api


def rendered(cluster: Cluster) -> list[Manifest]:
    """The objects as a run would apply them."""
    stack = parse({"cluster": "eu", "namespace": cluster.namespace, "instances": FIVE_TIERS})
    facts = gather(cluster.client, stack).facts
    return [prepared(m, cluster.namespace) for phase in phases(stack, facts) for m in phase.objects]


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """JSON pointers of every text, number and switch below a value."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield from leaves(below, f"{path}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from leaves(below, f"{path}/{index}")
    else:
        yield path, value


def edited(value: Any) -> Any:
    """Another value of the same type."""
    return (not value) if isinstance(value, bool) else value + 1 if isinstance(value, int) else f"{value}x"


def test_every_deleted_object_is_restored(deployed: Cluster) -> None:
    manifests = rendered(deployed)
    for manifest in manifests:
        deployed.client.request("DELETE", ref_of(manifest).path)
    restored = deployed.stack(FIVE_TIERS).actions()
    assert restored == {f"{m['kind']}/{m['metadata']['name']}": "created" for m in manifests}


def test_every_edited_field_is_found(deployed: Cluster) -> None:
    """Each edit is a dry run of what a hand would do; the answer is what the next run would see."""
    tried, missed = 0, []
    for manifest in rendered(deployed):
        manager = field_manager("thanos", label_of(manifest, INSTANCE_LABEL))
        for pointer, value in leaves({k: v for k, v in manifest.items() if k not in ("apiVersion", "kind")}):
            if pointer in ("/metadata/name", "/metadata/namespace"):
                continue
            answer = deployed.client.request(
                "PATCH",
                ref_of(manifest).path,
                query={"dryRun": "All", "fieldManager": "by-hand"},
                body=[{"op": "replace", "path": pointer, "value": edited(value)}],
                content_type="application/json-patch+json",
                ok=(400, 403, 404, 422),
            )
            if answer.status == 200:
                tried += 1
                if not differences(manifest, answer.body, manager):
                    missed.append(f"{ref_of(manifest)}{pointer}")
    assert missed == []
    # What the server refuses to change (selectors, claims) cannot drift; everything else was tried.
    assert tried > 500
