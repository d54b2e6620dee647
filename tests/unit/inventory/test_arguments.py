# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of a host become instances, common options and object stores, or one error with every mistake."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._inventory import arguments
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers import TIERS

ALL: dict[str, Any] = {name: {} for name, tier in TIERS.items() if tier.by_default}
S3 = {"type": "S3", "bucket": "metrics"}

INSTANCES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "nothing set is every tier": ({}, ALL),
    "other variables are not looked at": ({"ansible_host": "eu", "thanosaurus": 1}, ALL),
    "enabled tiers only": ({"thanos_enabled": ["query"]}, {"query": {}}),
    "enabled as a survey gives it": ({"thanos_enabled": "query, store"}, {"store": {}, "query": {}}),
    "enabled as a multiple choice gives it": ({"thanos_enabled": "query\nstore"}, {"store": {}, "query": {}}),
    "an empty answer is not set": ({"thanos_enabled": "", "thanos_store": "", "thanos_instances": None}, ALL),
    "options": ({"thanos_store": {"replicas": 2}}, {**ALL, "store": {"replicas": 2}}),
    "options as text": ({"thanos_store": "{replicas: 2}"}, {**ALL, "store": {"replicas": 2}}),
    "a host changes one key of a mapping": (
        {
            "thanos_store": {"replicas": 2, "storage": {"size": "10Gi", "storage_class": "slow"}},
            "thanos_store_group": {"storage": {"size": "50Gi"}},
            "thanos_store_host": {"storage": {"storage_class": "fast"}},
        },
        {**ALL, "store": {"replicas": 2, "storage": {"size": "50Gi", "storage_class": "fast"}}},
    ),
    "a list replaces a list": (
        {"thanos_query": {"endpoints": ["a", "b"]}, "thanos_query_host": {"endpoints": ["c"]}},
        {**ALL, "query": {"endpoints": ["c"]}},
    ),
    "a text replaces a mapping": (
        {
            "thanos_ruler": {"rules": {"a.yml": {"groups": []}}},
            "thanos_ruler_group": {"rules": {"a.yml": "groups: []"}},
        },
        {**ALL, "ruler": {"rules": {"a.yml": "groups: []"}}},
    ),
    "a host takes back what its group set": (
        {"thanos_query_group": {"lookback_delta": "10m"}, "thanos_query_host": {"lookback_delta": None}},
        {**ALL, "query": {"lookback_delta": None}},
    ),
    "further instances": (
        {
            "thanos_enabled": ["query"],
            "thanos_query": {"replicas": 3},
            "thanos_instances": {"query-eu": {"tier": "query"}},
        },
        {"query": {"replicas": 3}, "query-eu": {"tier": "query"}},
    ),
    "absent though its tier is not enabled": (
        {"thanos_enabled": ["query"], "thanos_store_host": {"state": "absent"}},
        {"query": {}, "store": {"state": "absent"}},
    ),
}


@pytest.mark.parametrize(("variables", "expected"), INSTANCES.values(), ids=INSTANCES)
def test_variables_become_instances(variables: dict[str, Any], expected: dict[str, Any]) -> None:
    assert arguments.instances(variables) == expected


def test_a_tier_that_is_asked_for_comes_with_its_further_instances_enabled_or_not() -> None:
    variables = {
        "thanos_enabled": ["query"],
        "thanos_instances": {"store-old": {"tier": "store", "max_time": "-30d"}, "query-eu": {"tier": "query"}},
    }
    assert arguments.instances(variables, ["store"]) == {
        "store": {},
        "store-old": {"tier": "store", "max_time": "-30d"},
    }


def test_layers_stay_as_they_were() -> None:
    variables = {"thanos_store": {"storage": {"size": "1Gi"}}, "thanos_store_host": {"storage": {"size": "2Gi"}}}
    arguments.instances(variables)
    assert variables["thanos_store"] == {"storage": {"size": "1Gi"}}


def test_common_options_are_layered_too() -> None:
    variables = {
        "thanos_common": {"log_level": "info", "labels": {"a": "1"}},
        "thanos_common_host": {"labels": {"b": "2"}},
    }
    assert arguments.common(variables) == {"log_level": "info", "labels": {"a": "1", "b": "2"}}


MISTAKES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "typo": ({"thanos_stroe": {}}, ["thanos_stroe: there is no such variable. Did you mean 'thanos_store'?"]),
    "typo of a layer": (
        {"thanos_query_hosts": {}},
        ["thanos_query_hosts: there is no such variable. Did you mean 'thanos_query_host'?"],
    ),
    "nothing near": ({"thanos_zzz": 1}, ["thanos_zzz: there is no such variable."]),
    "no mapping": ({"thanos_store": ["replicas"]}, ["thanos_store: this must be a mapping."]),
    "text that is no YAML": ({"thanos_store": "{replicas"}, ["thanos_store: this must be a mapping."]),
    "text that is no mapping": ({"thanos_store": "on"}, ["thanos_store: this must be a mapping."]),
    "unknown tier": (
        {"thanos_enabled": ["stroe", "query"]},
        [f"thanos_enabled: 'stroe' is not a tier; tiers are {', '.join(TIERS)}. Did you mean 'store'?"],
    ),
    "no list": ({"thanos_enabled": {"store": True}}, ["thanos_enabled: this must be a list of tiers."]),
    "further instance of a tier's name": (
        {"thanos_instances": {"store": {}}},
        ["thanos_instances.store: the options of the tier's own instance belong in thanos_store."],
    ),
    "further instance without options": (
        {"thanos_instances": {"query-eu": 3}},
        ["thanos_instances.query-eu: this must be a mapping of options."],
    ),
}


@pytest.mark.parametrize(("variables", "problems"), MISTAKES.values(), ids=MISTAKES)
def test_mistake_is_told(variables: dict[str, Any], problems: list[str]) -> None:
    with pytest.raises(InvalidInput) as error:
        arguments.instances(variables)
    assert list(error.value.problems) == problems


def test_all_mistakes_are_told_at_once() -> None:
    everything: dict[str, Any] = {}
    for variables, _problems in MISTAKES.values():
        everything = {**variables, **everything}
    with pytest.raises(InvalidInput) as error:
        arguments.instances(everything)
    assert len(error.value.problems) == len(everything)


def test_unknown_tier_of_a_role_is_told() -> None:
    with pytest.raises(InvalidInput, match="argument of the filter: 'stor' is not a tier"):
        arguments.instances({}, ["stor"])


STORES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "short form": ({"thanos_objstore": S3}, {"default": S3}),
    "short form as text": ({"thanos_objstore": "{type: S3, bucket: metrics}"}, {"default": S3}),
    "by name": ({"thanos_objstores": {"default": S3, "archive": S3}}, {"default": S3, "archive": S3}),
    "both": (
        {"thanos_objstore": S3, "thanos_objstores": {"archive": S3}, "thanos_store": {"objstore": "archive"}},
        {"default": S3, "archive": S3},
    ),
    "none for a querier": ({"thanos_enabled": ["query"]}, {}),
    "none where somebody else makes the Secrets": (
        {"thanos_enabled": ["store"], "thanos_store": {"objstore_secret": {"name": "theirs"}}},
        {},
    ),
    "none where somebody else makes the Secret of each ring": (
        {
            "thanos_enabled": ["receive"],
            "thanos_receive": {
                "objstore": "nowhere",
                "hashrings": [
                    {"name": "a", "objstore_secret": {"name": "a"}},
                    {"name": "b", "objstore_secret": {"name": "b"}},
                ],
            },
        },
        {},
    ),
    "none for a Prometheus that only pushes": (
        {"thanos_enabled": ["sidecar"], "thanos_sidecar": {"agent": "yes", "remote_write": [{"url": "https://hub"}]}},
        {},
    ),
    "none for what goes": ({"thanos_enabled": ["query"], "thanos_store": {"state": "absent"}}, {}),
}


@pytest.mark.parametrize(("variables", "expected"), STORES.values(), ids=STORES)
def test_variables_become_object_stores(variables: dict[str, Any], expected: dict[str, Any]) -> None:
    assert arguments.objstores(variables) == expected


BAD_STORES: dict[str, tuple[dict[str, Any], str]] = {
    "none": ({}, "no object store is given, and sidecar needs one: set thanos_objstore"),
    "unknown": (
        {"thanos_objstore": S3, "thanos_objstores": {"archive": S3}, "thanos_store": {"objstore": "archiv"}},
        "store: there is no object store 'archiv' in thanos_objstores; there is default, archive. "
        "Did you mean 'archive'?",
    ),
    "of a ring, where the instance has a Secret of somebody else's": (
        {
            "thanos_enabled": ["receive"],
            "thanos_objstore": S3,
            "thanos_receive": {
                "objstore_secret": {"name": "theirs"},
                "hashrings": [{"name": "a", "objstore": "archive"}, {"name": "b"}],
            },
        },
        "receive: there is no object store 'archive' in thanos_objstores; there is default.",
    ),
    "of a ring beside one of its own": (
        {
            "thanos_enabled": ["receive"],
            "thanos_receive": {"hashrings": [{"name": "a", "objstore_secret": {"name": "theirs"}}, {"name": "b"}]},
        },
        "no object store is given, and receive needs one",
    ),
    "twice": ({"thanos_objstore": S3, "thanos_objstores": {"default": S3}}, "leave one out"),
    "no mapping": ({"thanos_objstores": {"default": "canary"}}, "thanos_objstores.default: this must be a mapping"),
    "name of another one's Secret": (
        {"thanos_objstores": {"default": S3, "default-reader": S3}},
        "thanos_objstores.default-reader: the Secret of default.access.reader has the same name",
    ),
    "text that is no YAML": ({"thanos_objstore": "{secret_key: canary"}, "thanos_objstore: this must be a mapping"),
    "a typo elsewhere": ({"thanos_objstore": S3, "thanos_objstre": S3}, "thanos_objstre: there is no such variable"),
}


@pytest.mark.parametrize(("variables", "sentence"), BAD_STORES.values(), ids=BAD_STORES)
def test_bad_object_store_is_told_without_its_values(variables: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput) as error:
        arguments.objstores(variables)
    assert sentence in str(error.value)
    assert "canary" not in str(error.value)


THEIRS = {"credentials_mode": "external", "credentials_from": {"name": "theirs", "key": "thanos.yaml"}}


def test_tiers_are_told_the_secret_that_somebody_else_makes() -> None:
    made = arguments.instances(
        {"thanos_objstore": {**S3, **THEIRS}, "thanos_ruler": {"objstore_secret": {"name": "mine"}}}
    )
    assert made["store"]["objstore_secret"] == {"name": "theirs", "key": "thanos.yaml"}
    assert made["ruler"]["objstore_secret"] == {"name": "mine"}
    unset = arguments.instances({"thanos_objstore": {**S3, **THEIRS}, "thanos_store": {"objstore_secret": None}})
    assert unset["store"]["objstore_secret"]["name"] == "theirs"
    assert "objstore_secret" not in made["query"]


def test_one_access_role_may_have_a_secret_that_somebody_else_makes() -> None:
    made = arguments.instances({"thanos_objstore": {**S3, "access": {"reader": THEIRS}}})
    assert made["store"]["objstore_secret"]["name"] == "theirs"
    assert "objstore_secret" not in made["compact"]


@pytest.mark.parametrize("tier", TIERS)
def test_tiers_that_need_an_object_store_are_those_with_the_option(tier: str) -> None:
    needs_one = {"thanos_enabled": [tier]}
    if "objstore" not in TIERS[tier].options:
        assert arguments.objstores(needs_one) == {}
        return
    with pytest.raises(InvalidInput, match="no object store is given"):
        arguments.objstores(needs_one)
