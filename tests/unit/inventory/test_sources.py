# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every option of a stack is traced back to the variable that was typed."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._inventory.arguments import instances
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.sources import sources
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers import TIERS

COMPACT = {
    "thanos_compact": {"retention_resolution_raw": "30d", "resources": {"requests": {"cpu": "1"}}},
    "thanos_compact_group": {"retention_resolution_raw": "60d", "resources": {"limits": {"cpu": "2"}}},
    "thanos_compact_host": {"resources": {"limits": {"memory": "1Gi"}}, "retention_resolution_1h": "2y"},
}


def source(variables: dict[str, Any], option: str) -> str:
    """The variable path of an option, by the longest path above it."""
    found = sources(variables)
    above = max((path for path in found if f"{option}.".startswith(f"{path}.")), key=len)
    return found[above] + option[len(above) :]


def value(variables: dict[str, Any], path: str) -> Any:
    found: Any = variables
    for part in path.split("."):
        found = found[part]
    return found


@pytest.mark.parametrize(
    ("option", "variable"),
    {
        "instances.compact.retention_resolution_raw": "thanos_compact_group.retention_resolution_raw",
        "instances.compact.retention_resolution_1h": "thanos_compact_host.retention_resolution_1h",
        "instances.compact.resources.requests.cpu": "thanos_compact.resources.requests.cpu",
        "instances.compact.resources.limits.cpu": "thanos_compact_group.resources.limits.cpu",
        "instances.compact.resources.limits.memory": "thanos_compact_host.resources.limits.memory",
        "instances.compact.replica": "thanos_compact.replica",
    }.items(),
)
def test_option_has_the_layer_that_said_it(option: str, variable: str) -> None:
    assert source(COMPACT, option) == variable


def test_every_value_is_found_where_its_source_says() -> None:
    merged = {"instances": instances(COMPACT)}

    def walk(path: str, given: Any) -> list[str]:
        if not isinstance(given, dict):
            return [path]
        return [leaf for key in given for leaf in walk(f"{path}.{key}", given[key])]

    paths = walk("instances.compact", merged["instances"]["compact"])
    assert len(paths) == 5
    assert {path: value(COMPACT, source(COMPACT, path)) for path in paths} == {p: value(merged, p) for p in paths}


def test_only_layer_that_is_given_is_where_an_option_belongs() -> None:
    assert source({"thanos_store_host": {"replicas": 2}}, "instances.store.min_time") == "thanos_store_host.min_time"
    assert source({}, "instances.store.min_time") == "thanos_store.min_time"


def test_layer_that_replaces_a_mapping_is_the_source_of_all_of_it() -> None:
    variables = {
        "thanos_store": {"cache": {"size": 1}},
        "thanos_store_group": {"cache": "off"},
        "thanos_store_host": {"cache": {"age": 2}},
    }
    assert source(variables, "instances.store.cache.age") == "thanos_store_host.cache.age"
    assert source(variables, "instances.store.cache") == "thanos_store_host.cache"


def test_layer_that_empties_a_list_is_its_source() -> None:
    variables = {"thanos_store": {"arguments": ["a"]}, "thanos_store_group": {"arguments": []}}
    assert source(variables, "instances.store.arguments") == "thanos_store_group.arguments"


def test_further_instances_common_options_and_plain_ones_have_their_variables() -> None:
    variables = {"thanos_common": {"log_level": "info"}, "thanos_common_group": {"log_level": "debug"}}
    assert source(variables, "instances.query-eu.replicas") == "thanos_instances.query-eu.replicas"
    assert source(variables, "common.log_level") == "thanos_common_group.log_level"
    assert source(variables, "version") == "thanos_version"


def test_secret_that_somebody_else_makes_is_said_by_the_object_store() -> None:
    theirs = {"credentials_mode": "external", "credentials_from": {"name": "theirs"}}
    store = {"type": "S3", "bucket": "b"}
    option = "instances.store.objstore_secret.name"
    assert source({"thanos_objstore": {**store, **theirs}}, option) == "thanos_objstore.credentials_from.name"
    named = {"thanos_objstores": {"eu": {**store, "access": {"reader": theirs}}}, "thanos_store": {"objstore": "eu"}}
    assert source(named, option) == "thanos_objstores.eu.access.reader.credentials_from.name"
    mine = {"thanos_objstore": {**store, **theirs}, "thanos_store": {"objstore_secret": {"name": "mine"}}}
    assert source(mine, option) == "thanos_store.objstore_secret.name"


def test_task_for_one_object_store_has_its_name_and_that_of_the_stack() -> None:
    found = sources({"thanos_objstores": {"eu": {}}}, "eu")
    assert (found["store"], found["name"]) == ("thanos_objstores.eu", "thanos_objstores.eu")
    assert (found["stack"], sources({})["name"]) == ("thanos_stack", "thanos_stack")


@pytest.mark.parametrize("name", TIERS)
def test_bad_variables_are_told_by_the_instances_and_not_here(name: str) -> None:
    assert sources({f"thanos_{name}": 5, "thanos_instances": 5, "thanos_common": "{"})[f"instances.{name}"]
