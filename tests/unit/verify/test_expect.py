# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What verify expects follows from the options."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Facts
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._verify.expect import Expectations, expectations


def expect(facts: Facts | None = None, **instances: dict[str, Any]) -> Expectations:
    stack = parse({"cluster": "eu", "instances": instances})
    return expectations(stack, facts)


def test_pods_of_stateful_tiers_are_known_by_name() -> None:
    (store,) = expect(store={"replicas": 3}).promises
    assert store.workload.pod_names == ("thanos-store-0", "thanos-store-1", "thanos-store-2")


def test_pods_of_queriers_are_only_counted() -> None:
    (query,) = expect(query={"replicas": 3}).promises
    assert (query.replicas, query.workload.pod_names) == (3, ())


def test_paused_compactor_has_no_pod() -> None:
    (compact,) = expect(compact={"paused": True, "paused_reason": "repair"}).promises
    assert compact.replicas == 0


def test_each_prometheus_has_its_own_replica_label() -> None:
    (sidecar,) = expect(sidecar={"external_labels": {"team": "a"}}).promises
    assert sidecar.labels["thanos-sidecar-1"] == {
        "cluster": "eu",
        "team": "a",
        "prometheus_replica": "thanos-sidecar-1",
    }
    assert sidecar.common_labels() == {"cluster": "eu", "team": "a"}


def test_replica_label_may_be_built_from_the_pod_name() -> None:
    (ruler,) = expect(ruler={"external_labels": {"rule_replica": "eu-$(POD_NAME)"}}).promises
    assert ruler.labels["thanos-ruler-0"]["rule_replica"] == "eu-thanos-ruler-0"


@pytest.mark.parametrize(
    ("options", "version"), [({}, "0.42.4"), ({"version": "v0.41.0"}, "0.41.0"), ({"image": "own/thanos:x"}, "")]
)
def test_version_is_not_expected_of_an_image_of_the_users_own(options: dict[str, str], version: str) -> None:
    (query,) = expect(query=options).promises
    assert query.version() == version


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        ({}, 30),
        ({"scrape_interval": "1m"}, 60),
        ({"scrape_configs": [{"job_name": "a", "scrape_interval": "10s"}]}, 30),
        ({"scrape_configs": [{"job_name": "a", "scrape_interval": "5m"}]}, 30),
        ({"scrape_configs": [{"job_name": "a", "scrape_interval": "5m"}], "default_scrape": False}, 300),
        (
            {
                "scrape_configs": [{"job_name": "a", "scrape_interval": "5s"}, {"job_name": "b"}],
                "default_scrape": False,
            },
            30,
        ),
        ({"default_scrape": False}, None),
    ],
)
def test_freshness_follows_a_job_that_has_targets(options: dict[str, Any], seconds: float | None) -> None:
    (sidecar,) = expect(sidecar=options).promises
    assert sidecar.interval == seconds


def test_rules_are_expected_by_file_and_group_from_every_source() -> None:
    group = {"name": "g", "rules": [{"record": "a", "expr": "1"}, {"record": "b", "expr": "2"}]}
    facts = Facts(rule_sources={"ruler": {"file.yml": "groups: [{name: h, rules: []}]"}})
    found = expect(facts, ruler={"rules": {"inline.yaml": {"groups": [group]}}}).rule_sets["ruler"]
    assert dict(found.rules) == {
        ("inline.yaml", "g"): ("a", "b"),
        ("file.yml", "h"): (),
        ("o11y-thanos-generation-0.yaml", "o11y_thanos_generation_0"): ("o11y_thanos_rules_info",),
    }
    assert list(found.digests) == ["0"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("groups: [", "a.yaml: is not YAML"),
        ("alerts: []", "a.yaml: must be a mapping with a list 'groups'."),
        ("groups: [{name: g}]", "a.yaml: group 'g': has no list 'rules'."),
    ],
)
def test_rule_file_of_a_source_that_is_none_is_a_mistake(text: str, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(f"instances.ruler.rule_files: {sentence}")):
        expect(Facts(rule_sources={"ruler": {"a.yaml": text}}), ruler={})


def test_instances_that_are_to_be_absent_are_not_expected() -> None:
    assert [w.name for w in expect(query={}, store={"state": "absent"}).promises] == ["query"]
