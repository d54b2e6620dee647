# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every option of every tier changes what is rendered, and refuses a bad value in a sentence with its name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers import TIERS

from .cases import ALERT_RULES, render

COMMON_GOOD: dict[str, Any] = {
    "fullname": "other-name",
    "version": "0.41.0",
    "registry": "mirror.example",
    "image": "mirror.example/thanos:v0.42.4",
    "image_pull_policy": "Always",
    "image_pull_secrets": ["pull"],
    "resources": {"requests": {"cpu": "1"}, "limits": {"memory": "1Gi"}},
    "node_selector": {"disk": "ssd"},
    "tolerations": [{"key": "dedicated", "operator": "Exists"}],
    "affinity": {"nodeAffinity": {}},
    "topology_spread_constraints": [{"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"}],
    "priority_class_name": "high",
    "labels": {"team": "o11y"},
    "annotations": {"owner": "o11y"},
    "pod_labels": {"mesh": "off"},
    "pod_annotations": {"mesh": "off"},
    "service_account_annotations": {"role": "arn"},
    "env": [{"name": "A", "value": "b"}],
    "secrets": ["certificates"],
    "config_maps": ["tracing"],
    "extra_args": ["--tracing.config=x"],
    "log_level": "debug",
    "log_format": "json",
    "service": {"type": "NodePort", "http_node_port": 30001, "grpc_node_port": 30002, "annotations": {"a": "b"}},
}
STORAGE = {"size": "99Gi", "storage_class": "fast"}
OBJSTORE = {"objstore": "other", "objstore_secret": {"name": "mine", "key": "thanos.yaml"}}
GOOD: dict[str, dict[str, Any]] = {
    "sidecar": {
        **OBJSTORE,
        "replicas": 3,
        "storage": STORAGE,
        "prometheus_version": "3.8.0",
        "prometheus_image": "mirror.example/prometheus:v3",
        "prometheus_resources": {"limits": {"memory": "4Gi"}},
        "prometheus_extra_args": ["--query.max-concurrency=4"],
        "external_labels": {"region": "eu"},
        "replica_label": "rule_replica",
        "retention": "1w",
        "scrape_interval": "15s",
        "scrape_configs": [{"job_name": "x", "static_configs": [{"targets": ["x:1"]}]}],
        "default_scrape": False,
        "config_reload_interval": "1m",
    },
    "query": {
        "replicas": 3,
        "replica_labels": ["replica"],
        "endpoints": ["edge.example:10901"],
        "timeout": "1m",
        "max_concurrent": 5,
        "lookback_delta": "5m",
        "auto_downsampling": False,
        "partial_response": False,
        "promql_engine": "thanos",
        "store_response_timeout": "10s",
        "sd_reload_interval": "1m",
        "external_prefix": "/thanos",
        "alert_query_url": "https://thanos.example",
    },
    "store": {
        **OBJSTORE,
        "replicas": 2,
        "storage": STORAGE,
        "index_cache": {"max_size": "1GB", "max_item_size": "10MB"},
        "caching_bucket": {"max_size": "1GB"},
        "chunk_pool_size": "1GB",
        "sync_block_duration": "5m",
        "block_sync_concurrency": 2,
        "ignore_deletion_marks_delay": "12h",
        "series_max_concurrency": 3,
        "lazy_index_header": True,
        "min_time": "-6w",
        "max_time": "2026-01-01T00:00:00Z",
        "limits": {"request_series": 1, "request_samples": 2, "downloaded_bytes": 3},
    },
    "compact": {
        **OBJSTORE,
        "storage": STORAGE,
        "retention_resolution_raw": "30d",
        "service": {"type": "NodePort", "http_node_port": 30001},
        "delete_delay": "72h",
        "consistency_delay": "1h",
        "wait_interval": "10m",
        "concurrency": 2,
        "downsampling": False,
        "downsample_concurrency": 2,
        "deduplication_replica_labels": ["prometheus_replica"],
    },
    "ruler": {
        **OBJSTORE,
        "replicas": 3,
        "storage": STORAGE,
        "rules": {"a.yaml": ALERT_RULES},
        "alertmanagers": ["http://am:9093"],
        "query": ["query:9090"],
        "external_labels": {"region": "eu"},
        "replica_label": "prometheus_replica",
        "evaluation_interval": "1m",
        "resend_delay": "2m",
        "retention": "24h",
        "alert_query_url": "https://thanos.example",
    },
}
# Options that only make sense together with another one.
TOGETHER: dict[str, dict[str, Any]] = {
    "compact.retention_resolution_5m": {"retention_resolution_raw": "30d", "retention_resolution_5m": "30d"},
    "compact.retention_resolution_1h": {
        "retention_resolution_raw": "30d",
        "retention_resolution_5m": "90d",
        "retention_resolution_1h": "1y",
    },
    "compact.paused": {"paused": True, "paused_reason": "repair"},
    "compact.paused_reason": {"paused": True, "paused_reason": "another repair"},
    "compact.deduplication_func": {
        "deduplication_func": "penalty",
        "deduplication_replica_labels": ["prometheus_replica"],
    },
    "ruler.test_alert": {"test_alert": True, "alertmanagers": ["http://am:9093"]},
}
# Proven elsewhere: state by the engine's tests, manage_replicas by test_counts, rule sources by gather's,
# replica_labels by the query, discovery_rights_granted by test_scrape_jobs.
ELSEWHERE = {"state", "manage_replicas", "rule_files", "rule_config_maps", "replica_labels", "discovery_rights_granted"}

GOOD_ROWS = [(t, {o: v}) for t in TIERS for o, v in {**COMMON_GOOD, **GOOD[t]}.items()]
GOOD_ROWS += [(name.split(".", maxsplit=1)[0], values) for name, values in TOGETHER.items()]


@pytest.mark.parametrize(("tier", "options"), GOOD_ROWS, ids=lambda x: x if isinstance(x, str) else next(iter(x)))
def test_option_changes_what_is_rendered(tier: str, options: dict[str, Any]) -> None:
    assert json.dumps(render({tier: options})) != json.dumps(render({tier: {}}))


@pytest.mark.parametrize("tier", TIERS)
def test_every_option_has_a_case(tier: str) -> None:
    together = {name.split(".")[1] for name in TOGETHER if name.startswith(tier)}
    assert set(TIERS[tier].options) - ELSEWHERE - set(COMMON_GOOD) - set(GOOD[tier]) - together == set()


BAD_BY_TYPE = {"int": "many", "bool": "perhaps", "list": {"a": 1}, "dict": ["a"], "str": {"a": 1}}
BAD_ROWS = [(tier, name) for tier in TIERS for name in TIERS[tier].options]


@pytest.mark.parametrize(("tier", "option"), BAD_ROWS)
def test_option_refuses_a_value_of_the_wrong_type(tier: str, option: str) -> None:
    bad = BAD_BY_TYPE[TIERS[tier].options[option].type]
    with pytest.raises(InvalidInput, match=rf"instances\.{tier}\.{option}\b"):
        render({tier: {option: bad}})


FORM_ROWS = [(t, n) for t in TIERS for n, o in TIERS[t].options.items() if o.form and o.type == "str"]


@pytest.mark.parametrize(("tier", "option"), FORM_ROWS)
def test_option_refuses_text_of_the_wrong_form(tier: str, option: str) -> None:
    with pytest.raises(InvalidInput, match=rf"instances\.{tier}\.{option}: 'no such: form!' is not "):
        render({tier: {option: "no such: form!"}})
