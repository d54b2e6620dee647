# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input gets a sentence that names the option, the value, what is allowed and what to do; all of them at once."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse

from .cases import render

ROWS: list[tuple[dict[str, Any], str]] = [
    ({"store": {"replcas": 2}}, "instances.store.replcas: there is no such option. Did you mean 'replicas'?"),
    ({"stroe": {}}, "there is no tier 'stroe'; tiers are sidecar, store, query, compact, ruler. Did you mean 'store'?"),
    ({"query": {"replicas": -1}}, "instances.query.replicas: -1 is too small; the least is 0."),
    ({"query": {"timeout": "two minutes"}}, "'two minutes' is not a duration such as 30s, 5m, 2h or 30d"),
    ({"store": {"storage": {"size": "10 GB"}}}, "'10 GB' is not a Kubernetes quantity"),
    ({"store": {"storage": {"size": "1048576K"}}}, "'1048576K' is not a Kubernetes quantity"),
    ({"store": {"chunk_pool_size": "2"}}, "'2' is not a size such as 250MB or 2GB"),
    (
        {"store": {"resources": {"limits": {"cpu": "fast"}}}},
        "resources.limits.cpu: 'fast' is not a Kubernetes quantity",
    ),
    ({"query": {"labels": {"a": "b c"}}}, "labels.a: 'b c' is not a Kubernetes label value"),
    ({"query": {"replica_labels": ["a-b"]}}, "replica_labels[0]: 'a-b' is not a Prometheus label name"),
    ({"s" * 40: {"tier": "query"}}, "has 47 characters"),
    ({"Store": {"tier": "store"}}, "an instance's name is lower-case letters"),
    ({"sidecar": {"external_labels": {"prometheus_replica": "a"}}}, "'a' would be equal on every replica"),
    ({"sidecar": {"external_labels": {"region": ""}}}, "external_labels.region is empty"),
    ({"sidecar": {"replica_label": "replica"}}, "replica_label: replica is not among replica_labels"),
    ({"ruler": {"external_labels": {"rule_replica": "a"}}}, "'a' would be equal on every replica"),
    ({"sidecar": {"retention": "1h"}}, "retention: 1h is shorter than 6h"),
    ({"compact": {"retention_resolution_raw": "10h"}}, "Keep at least 40h, or set downsampling: false."),
    ({"compact": {"retention_resolution_5m": "9d"}}, "Keep at least 10d, or set downsampling: false."),
    ({"compact": {"paused": True}}, "paused_reason is required when paused is true"),
    ({"compact": {"deduplication_func": "penalty"}}, "needs deduplication_replica_labels"),
    ({"compact": {"deduplication_replica_labels": ["x"]}}, "x is not among replica_labels"),
    ({"query": {"store_response_timeout": "3m"}}, "store_response_timeout: 3m is not shorter than timeout (2m)"),
    ({"query": {"endpoints": ["edge"]}}, "'edge' has no port"),
    ({"store": {"min_time": "-1h", "max_time": "-2h"}}, "min_time: -1h is not before max_time (-2h)"),
    ({"query": {"extra_args": ["--store=x:1"]}}, "--store was removed from Thanos; use the endpoint file"),
    ({"query": {"extra_args": ["--query.timeouts=1m"]}}, "no flag --query.timeouts. Did you mean 'query.timeout'?"),
    ({"query": {"extra_args": ["--query.timeout=1m"]}}, "--query.timeout is already set by an option"),
    ({"store": {"extra_args": ["--cache-index-header=true"]}}, "takes no value; write --cache-index-header or --no-"),
    ({"query": {"extra_args": ["--tracing.config-file"]}}, "'--tracing.config-file': the flag needs a value; write "),
    (
        {"query": {"extra_args": ["--no-query.timeout"]}},
        "no flag --no-query.timeout. Did you mean 'query.timeout'?",
    ),
    ({"query": {"extra_args": ["verbose"]}}, "'verbose' is not a flag; write it as --name=value."),
    (
        {"query": {"version": "0.41.0", "extra_args": ["--grpc-server-tls-ciphers=x"]}},
        "--grpc-server-tls-ciphers is not in Thanos 0.41.0; it came with 0.42.",
    ),
    ({"query": {"version": "0.12.0"}}, "Thanos 0.12.0 is not supported; supported are 0.39, 0.40, 0.41, 0.42"),
    ({"query": {"version": "0.42.1"}}, "Thanos 0.42.1 is known to be bad: receive loses the upload"),
    ({"ruler": {"test_alert": True}}, "there is nowhere to send the alert to; set alertmanagers."),
    ({"ruler": {"alertmanagers": ["alertmanager:9093"]}}, "is not a URL with its scheme"),
    ({"ruler": {"rules": {"a.txt": "groups: []"}}}, "'a.txt' is not a file name ending in .yaml or .yml"),
    ({"ruler": {"rules": {"a.yaml": "groups: ["}}}, "a.yaml: is not YAML"),
    ({"ruler": {"rules": {"a.yaml": {"groups": [{"name": "g"}]}}}}, "group 'g': has no list 'rules'"),
    (
        {"ruler": {"rules": {"a.yaml": {"groups": [{"name": "g", "rules": [{"record": "x"}]}]}}}},
        "rule 0: has no 'expr'",
    ),
    ({"store": {}, "store-2": {"tier": "store", "fullname": "thanos-store"}}, "would both be named thanos-store"),
    ({"store": "yes"}, "instances.store: 'yes' is not a mapping of options."),
    ({}, "instances is empty"),
]


@pytest.mark.parametrize(("instances", "sentence"), ROWS, ids=lambda x: str(x)[:60])
def test_mistake_is_named(instances: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        render(instances)
    assert sentence in str(raised.value)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(InvalidInput) as raised:
        render({"store": {"replcas": 2, "min_time": "x"}, "query": {"timeout": "x"}}, common={"log_level": "loud"})
    assert len(raised.value.problems) == 4


def test_cluster_is_required() -> None:
    with pytest.raises(InvalidInput, match="cluster is required"):
        parse({"instances": {"query": {}}})


def test_text_from_a_survey_is_converted() -> None:
    stack = parse({"cluster": "eu", "instances": {"query": {"replicas": "3", "partial_response": "false"}}})
    assert (stack.instances[0]["replicas"], stack.instances[0]["partial_response"]) == (3, False)


def test_empty_text_means_not_set() -> None:
    stack = parse({"cluster": "eu", "instances": {"query": {"replicas": "", "lookback_delta": ""}}})
    assert (stack.instances[0]["replicas"], stack.instances[0]["lookback_delta"]) == (2, None)
