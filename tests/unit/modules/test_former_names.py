# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An option that was renamed is taken under its former name, at every level, until the release that drops that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.o11y.thanos.plugins.module_utils._findings import Finding
from ansible_collections.o11y.thanos.plugins.module_utils._options import former
from ansible_collections.o11y.thanos.plugins.module_utils._options.convert import convert
from ansible_collections.o11y.thanos.plugins.module_utils._options.levels import secrets_below
from ansible_collections.o11y.thanos.plugins.module_utils._options.rows import Option, Options, argument_spec
from ansible_collections.o11y.thanos.plugins.module_utils._parameters import deprecations
from ansible_collections.o11y.thanos.plugins.module_utils._thanos import spec
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.common import COMMON
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.task import STACK, tier
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers import TIERS
from ansible_collections.o11y.thanos.plugins.module_utils._verify.task import VERIFY

SIZE = Option(default="1GB", form="size", former={"pool": "2.0.0"})
ROWS = {"pool_size": SIZE, "cache": Option("dict", options={"pool_size": SIZE})}


@pytest.mark.parametrize("name", ["pool", "pool_size"])
def test_a_value_counts_under_both_names_at_every_level(name: str) -> None:
    found: list[Finding] = []
    values = convert(ROWS, {name: "3GB", "cache": {name: "4GB"}}, "", found)
    assert (values["pool_size"], values["cache"], found) == ("3GB", {"pool_size": "4GB"}, [])


def test_a_former_name_that_is_not_set_leaves_the_default() -> None:
    assert convert(ROWS, {"pool": ""}, "", [])["pool_size"] == "1GB"


@pytest.mark.parametrize("order", [("pool", "pool_size"), ("pool_size", "pool")])
def test_both_names_at_once_are_a_mistake(order: tuple[str, str]) -> None:
    found: list[Finding] = []
    convert(ROWS, dict.fromkeys(order, "3GB"), "store.", found)
    assert [str(each) for each in found] == [
        "store.pool is the former name of pool_size, which is set too; leave it out."
    ]


def test_a_wrong_name_is_led_to_the_name_of_today() -> None:
    found: list[Finding] = []
    convert(ROWS, {"pool_sise": "3GB"}, "", found)
    assert "Did you mean 'pool_size'?" in str(found[0])


def test_ansible_takes_the_former_name_and_says_until_when() -> None:
    checked: Any = ArgumentSpecValidator(argument_spec(ROWS)).validate({"pool": "3GB"})
    assert checked.error_messages == []
    assert checked.validated_parameters["pool_size"] == "3GB"
    assert [(row["version"], "pool" in row["msg"]) for row in checked._deprecations] == [("2.0.0", True)]


IN_LIST = Option("list", elements=Option("dict", options={"pool_size": SIZE}))
FOLDED = Option("dict", options={"pool_size": SIZE, "list": IN_LIST}, folded=True)
BY_NAME = Option("dict", elements=Option("dict", options={"pool_size": SIZE}))
SHORT = Option("dict", options={"pool_size": SIZE, "kind": Option()}, shorthand="kind")
LEVELS: dict[str, tuple[Options, Any, list[str]]] = {
    "Ansible warns": (ROWS, {"pool": "3GB", "cache": {"pool": "4GB"}}, []),
    "in a list that Ansible sees": ({"list": IN_LIST}, {"list": [{"pool": "3GB"}]}, []),
    "folded": ({"store": FOLDED}, {"store": {"pool": "3GB"}}, ["store.pool"]),
    "below a folded one": ({"store": FOLDED}, {"store": {"list": [{}, {"pool": 1}]}}, ["store.list[1].pool"]),
    "names of the user's": ({"caches": BY_NAME}, {"caches": {"mine": {"pool": "3GB"}}}, ["caches.mine.pool"]),
    "mapping of a shorthand": ({"cache": SHORT}, {"cache": {"pool": "3GB"}}, ["cache.pool"]),
    "shorthand": ({"cache": SHORT}, {"cache": "pool"}, []),
    "other types and names": ({"store": FOLDED, "caches": BY_NAME}, {"store": 3, "caches": [1], "none": {}}, []),
}


@pytest.mark.parametrize(("rows", "raw", "told"), LEVELS.values(), ids=LEVELS)
def test_we_warn_where_ansible_does_not_look(rows: Options, raw: Any, told: list[str]) -> None:
    checked: Any = ArgumentSpecValidator(argument_spec(rows)).validate({k: v for k, v in raw.items() if k in rows})
    found = list(former.renamed(rows, raw, told=True))
    assert [(each.where, each.name, each.until) for each in found] == [(path, "pool_size", "2.0.0") for path in told]
    # Not both of us.
    assert not (found and checked._deprecations)


SECRET = Option(secret=True, former={"password": "2.0.0"})
OUTER = Option("dict", options={"store": replace(FOLDED, options={"pool_size": SIZE, "key": SECRET})})


@pytest.mark.parametrize("outer", ["outer", "shell"])
def test_only_a_secret_is_one_under_its_former_name(outer: str) -> None:
    rows = {"outer": replace(OUTER, former={"shell": "2.0.0"})}
    assert secrets_below(rows, {outer: {"store": {"pool": "3GB", "password": "s3cr3t"}}}) == {"s3cr3t"}


@pytest.fixture
def renamed_options(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if an option of stores, and one of all instances, had had another name."""
    rows = dict(TIERS["store"].options)
    monkeypatch.setitem(TIERS, "store", replace(TIERS["store"], options={**rows, "replicas": older(rows["replicas"])}))
    monkeypatch.setattr(spec, "COMMON", {**COMMON, "log_level": older(COMMON["log_level"])})


def older(row: Option) -> Option:
    """The row of an option that was called ``earlier``."""
    return replace(row, former={"earlier": "2.0.0"})


@pytest.mark.usefixtures("renamed_options")
@pytest.mark.parametrize("body", [STACK, VERIFY], ids=["stack", "verify"])
def test_former_names_in_instances_and_common_are_warned_of_as_the_user_typed_them(body: Any) -> None:
    raw = {
        "cluster": "eu",
        "common": {"earlier": "debug"},
        "instances": {"store": {}, "second": {"tier": "store", "earlier": 2}, "query": None, "none": {"earlier": 1}},
        "sources": {"instances.second": "thanos_instances.second"},
    }
    assert deprecations(body, raw) == [
        {
            "msg": f"{where} is a former name: the option is {name} now.",
            "version": "2.0.0",
            "collection_name": "o11y.thanos",
        }
        for where, name in (("common.earlier", "log_level"), ("thanos_instances.second.earlier", "replicas"))
    ]


@pytest.mark.usefixtures("renamed_options")
def test_former_names_of_common_and_of_an_instance_stand_beside_those_of_today() -> None:
    common = {"earlier": "debug"}
    stack = spec.parse({"cluster": "eu", "common": common, "instances": {"store": {"log_level": "warn"}, "query": {}}})
    assert [each["log_level"] for each in stack.instances] == ["warn", "debug"]


@pytest.mark.usefixtures("renamed_options")
def test_mistake_under_a_former_name_of_common_is_told_where_it_was_typed() -> None:
    raw = {"cluster": "eu", "common": {"earlier": "loud"}, "instances": {"query": {}}}
    assert spec.inherited(raw) == {"instances.query.log_level": "common.earlier"}


def test_what_an_instance_has_of_a_mapping_in_common_is_told_where_it_was_typed() -> None:
    raw = {"common": {"labels": {"a/b": "1", "c": "2"}}, "instances": {"query": {"labels": {"c": "3"}}, "store": {}}}
    assert spec.inherited(raw) == {
        "instances.query.labels.a/b": "common.labels.a/b",
        "instances.store.labels": "common.labels",
    }


def test_module_of_a_tier_leaves_its_own_level_to_ansible() -> None:
    declared = TIERS["store"]
    body = tier(replace(declared, options={**declared.options, "replicas": older(declared.options["replicas"])}))
    raw = {"cluster": "eu", "earlier": 2}
    checked: Any = ArgumentSpecValidator(body.argument_spec).validate(raw)
    assert (len(checked._deprecations), deprecations(body, raw)) == (1, [])
