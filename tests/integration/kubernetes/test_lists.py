# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of lists with keys against what a real API server says of itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.kinds import KINDS
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.lists import MAP_KEYS

from .conftest import World

pytestmark = pytest.mark.api


def lists(definitions: Mapping[str, Any], name: str, path: tuple[str, ...] = ()) -> Iterator[tuple[str, list[str]]]:
    """(path, keys) of every list with keys in the spec of a definition."""
    for field, row in definitions[name].get("properties", {}).items():
        below = (row.get("items") or row).get("$ref", "").rpartition("/")[2]
        if row.get("x-kubernetes-list-type") == "map":
            yield ".".join((*path, field)), row["x-kubernetes-list-map-keys"]
        if below and field not in ("status", "metadata") and "JSONSchemaProps" not in below:
            yield from lists(definitions, below, (*path, field))


def test_table_has_every_list_that_the_server_merges_by_keys(world: World) -> None:
    definitions = world.client().request("GET", "/openapi/v2", accept="application/json").body["definitions"]
    named = {
        row["kind"]: (name, row["group"])
        for name, definition in definitions.items()
        for row in definition.get("x-kubernetes-group-version-kind", ())
        if row["kind"] in KINDS and row["group"] == KINDS[row["kind"]].group and row["version"] in name
    }
    rendered = ("ServiceAccount", "Role", "RoleBinding", "ConfigMap", "Secret", "Service", "PodDisruptionBudget")
    for kind in (*rendered, "Deployment", "StatefulSet"):
        found = {path: tuple(keys) for path, keys in lists(definitions, named[kind][0])}
        assert MAP_KEYS.get(kind, {}) == found, kind
