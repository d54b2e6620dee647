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
GRPC_TLS = {"grpc_tls": {"secret": "server"}}
OBJSTORE = {"objstore": "other", "objstore_secret": {"name": "mine", "key": "thanos.yaml"}}
GOOD: dict[str, dict[str, Any]] = {
    "sidecar": {
        **OBJSTORE,
        **GRPC_TLS,
        "replicas": 3,
        "storage": STORAGE,
        "prometheus_version": "3.8.0",
        "prometheus_image": "mirror.example/prometheus:v3",
        "prometheus_resources": {"limits": {"memory": "4Gi"}},
        "prometheus_extra_args": ["--query.max-concurrency=4"],
        "external_labels": {"region": "eu"},
        "replica_label": "rule_replica",
        "retention": "1w",
        "remote_write": [{"url": "https://hub.example/api/v1/receive", "tls": {"secret": "push"}}],
        "scrape_interval": "15s",
        "scrape_configs": [{"job_name": "x", "static_configs": [{"targets": ["x:1"]}]}],
        "default_scrape": False,
        "config_reload_interval": "1m",
        "prometheus": {"stateful_set": "prometheus"},
        "retention_size": "50GB",
        "remote_write_receiver": True,
        "otlp_receiver": True,
        "native_histograms": True,
    },
    "query": {
        **GRPC_TLS,
        "client_tls": {"secret": "client"},
        "local_tls": {"server_name": "thanos.internal"},
        "publish": {"insecure": True},
        "grafana_datasource": {"labels": {"team": "a"}},
        "mode": "distributed",
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
        **GRPC_TLS,
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
    "query_frontend": {
        "replicas": 2,
        "service": {"type": "NodePort", "http_node_port": 30001},
        "downstream_url": "http://other:9090",
        "grafana_datasource": {"kind": "Secret"},
        "downstream_tripper": {"max_idle_conns_per_host": 7},
        "query_range_cache": {"type": "MEMCACHED", "addresses": ["memcached:11211"]},
        "labels_cache": "IN-MEMORY",
        "cache_compression_type": "none",
        "align_range_with_step": False,
        "request_downsampled": False,
        "split_interval": "12h",
        "vertical_shards": 4,
        "max_retries_per_request": 1,
        "instant_max_retries_per_request": 1,
        "max_query_length": "90d",
        "max_query_parallelism": 4,
        "response_cache_max_freshness": "5m",
        "partial_response": False,
        "labels_split_interval": "12h",
        "labels_max_retries_per_request": 1,
        "labels_max_query_parallelism": 4,
        "labels_response_cache_max_freshness": "5m",
        "labels_partial_response": False,
        "labels_default_time_range": "7d",
        "compress_responses": False,
        "log_queries_longer_than": "10s",
        "slow_query_logs_user_header": "X-User",
        "force_query_stats": True,
        "tenant_header": "X-Scope-OrgID",
    },
    "bucket_web": {
        **OBJSTORE,
        "replicas": 2,
        "service": {"type": "NodePort", "http_node_port": 30001},
        "label": "cluster",
        "refresh": "1h",
        "timeout": "1m",
        "external_prefix": "/bucket",
        "route_prefix": "/",
        "prefix_header": "X-Forwarded-Prefix",
        "min_time": "-6w",
        "max_time": "2026-01-01T00:00:00Z",
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
        **GRPC_TLS,
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
    "receive": {
        **OBJSTORE,
        "service": {"type": "NodePort", "http_node_port": 30001},
        "replicas": 4,
        "replication_factor": 2,
        "replication_protocol": "capnproto",
        "storage": STORAGE,
        "mode": "combined",
        "router": {"replicas": 5, "resources": {"limits": {"cpu": "1"}}},
        "hashrings": [{"name": "acme", "tenants": ["acme"]}, {"name": "default"}],
        "hashring_refresh_interval": "1m",
        "retention": "1d",
        "external_labels": {"receive_region": "eu"},
        "tenant_header": "X-Tenant",
        "split_tenant_label": "team",
        "default_tenant": "nobody",
        "tenant_label": "tenant",
        "too_far_in_future": "0",
        "out_of_order_window": "30m",
        "max_exemplars": 100,
        "wal_compression": False,
        "upload_concurrency": 2,
        "otlp_target_info": False,
        "otlp_promote_resource_attributes": ["k8s.pod.name"],
        "forward_async_workers": 9,
        "limits": {"default": {"series_limit": 5}},
        "store_limits": {"request_series": 5, "request_samples": 6},
        "remote_write_tls": {"secret": "remote-write"},
        "termination_grace_period": 60,
    },
}
DYNAMIC = {"min_split_interval": "1h", "max_split_interval": "1d", "horizontal_shards": 4}
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
    "query.partition_labels": {"mode": "distributed", "partition_labels": ["cluster"]},
    "receive.grpc_tls": {"grpc_tls": {"secret": "server"}, "forward_tls": {"secret": "client"}},
    "receive.replica_label": {"replica_label": "receive_pod", "replica_labels": ["receive_pod"]},
    "receive.forward_tls": {
        "grpc_tls": {"secret": "server", "client_ca": False},
        "forward_tls": {"secret": "client", "certificate": False, "server_name": "ingestor.internal"},
    },
    "receive.tenant_certificate_field": {
        "remote_write_tls": {"secret": "remote-write"},
        "tenant_certificate_field": "organization",
    },
    "receive.remote_write_node_port": {"service": {"type": "NodePort"}, "remote_write_node_port": 30291},
    "sidecar.agent": {"agent": True, "remote_write": [{"url": "https://hub.example/api/v1/receive"}]},
    "query_frontend.min_split_interval": DYNAMIC,
    "query_frontend.max_split_interval": {**DYNAMIC, "max_split_interval": "2d"},
    "query_frontend.horizontal_shards": {**DYNAMIC, "horizontal_shards": 9},
    "query_frontend.forward_headers": {"query_range_cache": "NONE", "forward_headers": ["X-Trace"]},
    "ruler.test_alert": {"test_alert": True, "alertmanagers": ["http://am:9093"]},
}
# Proven elsewhere: state by the engine's tests, manage_replicas by test_counts, rule sources by gather's,
# replica_labels by the query, discovery_rights_granted by test_scrape_jobs, what is kept by test_known_endpoints,
# the querier of a frontend by test_fronts.
ELSEWHERE = {"state", "manage_replicas", "rule_files", "rule_config_maps", "replica_labels", "discovery_rights_granted"}
# What verify alone looks at: tests/unit/verify/test_judgement_receive.py.
ELSEWHERE |= {"keep_endpoints", "forget_endpoints", "expect_tenants", "endpoint_services"}
# How rings change is proven by test_ring_merge and test_ring_phases.
ELSEWHERE |= {"hashring_policy", "shrink_without_proof", "delete_claims_of_removed_ingestors"}
ELSEWHERE |= {"querier"}

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
