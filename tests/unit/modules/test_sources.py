# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""With the option ``sources``, refusals name what the user typed."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._body import Body, Mode, sourced
from tests.support.in_process import run_main

WRONG: dict[str, Any] = {
    "cluster": "eu",
    "common": {"log_level": "loud"},
    "instances": {"compact": {"retention_resolution_raw": "x", "wait_interval": "y"}, "query": {"replicas": -1}},
}
SOURCES = {
    "common": "thanos_common",
    "instances.compact": "thanos_compact",
    "instances.compact.retention_resolution_raw": "thanos_compact_group.retention_resolution_raw",
}


@pytest.mark.parametrize("module", ["stack", "verify"])
def test_mistakes_name_variables_where_a_layer_set_the_value(module: str) -> None:
    failed = run_main(module, {**WRONG, "sources": SOURCES}).values
    assert sorted(finding["where"] for finding in failed["findings"]) == [
        "instances.query.replicas",
        "thanos_common.log_level",
        "thanos_compact.wait_interval",
        "thanos_compact_group.retention_resolution_raw",
    ]
    assert "- thanos_compact_group.retention_resolution_raw: 'x' is not a duration" in failed["msg"]


@pytest.mark.parametrize("module", ["stack", "verify"])
def test_mistakes_name_options_where_a_task_did(module: str) -> None:
    failed = run_main(module, WRONG).values
    assert "instances.compact.retention_resolution_raw: 'x' is not a duration" in failed["msg"]
    assert {finding["id"] for finding in failed["findings"]} == {"option-form", "option-choice", "option-range"}


def test_sources_of_a_wrong_type_are_a_mistake_like_any_other() -> None:
    (finding,) = run_main("stack", {"cluster": "eu", "instances": {"query": {}}, "sources": ["x"]}).values["findings"]
    assert (finding["id"], finding["where"]) == ("option-type", "sources")


@pytest.mark.parametrize(
    ("warning", "told"),
    [
        ("instances.query.secrets: it is not there.", "thanos_query.secrets: it is not there."),
        ("instances.query.labels.a.b/c has no effect: x.", "thanos_common.labels.a.b/c has no effect: x."),
        ("query: no Service of ns/instances.query is there", "query: no Service of ns/instances.query is there"),
        ("of two, common.log_level (x) counts", "of two, thanos_common.log_level (x) counts"),
        ("instances.store.labels.app.b/c has no effect.", "thanos_store.labels.app.b/c has no effect."),
    ],
)
def test_warnings_name_what_was_typed(warning: str, told: str) -> None:
    raw = {"sources": {"instances.query": "thanos_query", "common": "thanos_common"}}
    raw["sources"] |= {"instances.store": "thanos_store", "instances.store.labels.app": "thanos_store_group.labels.app"}
    there = Body({}, lambda _raw: lambda _params, _mode: {"warnings": [warning, warning]})
    inherited = {"instances.query.labels": "common.labels"}
    assert sourced(there, lambda _raw: inherited).check(raw)({}, Mode()) == {"warnings": [told]}


@pytest.mark.parametrize("of", ["thanos_common", "thanos_common_group", "thanos_common_host"])
def test_what_layers_say_below_an_option_is_followed_to_every_instance_that_has_it(of: str) -> None:
    """One key of a mapping that all instances have may be of another layer than its neighbours."""
    warning = "instances.{}.labels.app/name has no effect."
    two = [warning.format("store"), warning.format("query")]
    there = Body({}, lambda _raw: lambda _params, _mode: {"warnings": two})
    raw = {"sources": {"common": "thanos_common", "common.labels.app/name": f"{of}.labels.app/name"}}
    inherited = {f"instances.{name}.labels": "common.labels" for name in ("store", "query")}
    told = sourced(there, lambda _raw: inherited).check(raw)({}, Mode())
    assert told == {"warnings": [f"{of}.labels.app/name has no effect."]}


BAD_VERSION = {"cluster": "eu", "version": "0.12.0", "instances": {"query": {}, "store": {}}}


@pytest.mark.parametrize(
    ("params", "where"),
    [
        (BAD_VERSION, ["version"]),
        (
            {**BAD_VERSION, "sources": {"version": "thanos_version", "instances.query": "thanos_query"}},
            ["thanos_version"],
        ),
        ({**BAD_VERSION, "common": {"version": "0.13.0"}}, ["common.version"]),
        (
            {**BAD_VERSION, "instances": {"query": {"version": "0.14.0"}, "store": {}}},
            ["instances.query.version", "version"],
        ),
    ],
)
def test_a_mistake_in_what_instances_share_is_told_once_where_it_was_typed(
    params: dict[str, Any], where: list[str]
) -> None:
    assert sorted(finding["where"] for finding in run_main("stack", params).values["findings"]) == where
