# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rendered objects as text, one file per case that a user would recognise.

``UPDATE_GOLDEN=1 pytest tests/unit/thanos/test_golden.py`` writes them anew; the change is then reviewed as text.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from .cases import CERTIFICATES, ENVIRONMENT, FACTS, FIVE_TIERS, IDENTITY, render

GOLDEN = Path(__file__).parent / "golden"
CASES: dict[str, dict[str, Any]] = {
    "sidecar": {"sidecar": {}},
    "store": {"store": {}},
    "query": {"query": {}, "sidecar": {"state": "absent"}},
    "compact": {"compact": {}},
    "ruler": {"ruler": FIVE_TIERS["ruler"]},
    "compact-paused": {"compact": {"paused": True, "paused_reason": "repair of block 01ABC"}},
    "store-one-replica-node-port": {"store": {"replicas": 1, "service": {"type": "NodePort", "http_node_port": 30901}}},
    "query-two-instances": {"query": {}, "query-eu": {"tier": "query", "endpoints": ["edge.example:10901"]}},
    "ruler-test-alert": {"ruler": {**FIVE_TIERS["ruler"], "test_alert": True, "replicas": 1}},
    "store-identity": {"store": {}},
    "query-hub": {
        "query": {
            "client_tls": {"secret": "thanos-grpc-client"},
            "endpoints": [
                {
                    "address": "eu.example:10901",
                    "tls": {"ca": "eu.crt"},
                    "server_name": "query.thanos.eu.thanos.internal",
                    "strict": True,
                },
                {
                    "address": "dns+us.example:10901",
                    "group": True,
                    "service_config": {"loadBalancingPolicy": "pick_first"},
                },
                "plain.example:10901",
            ],
        }
    },
    "query-edge": {
        "query": {
            "grpc_tls": {"secret": "thanos-grpc-server"},
            "publish": {"type": "NodePort", "node_port": 30901, "annotations": {"owner": "o11y"}},
        }
    },
    "store-tls": {"store": {"grpc_tls": {"secret": "thanos-grpc-server", "min_version": "1.2"}}},
    "query-local-tls": {
        "query": {
            "client_tls": {"secret": "thanos-grpc-client"},
            "local_tls": {"server_name": "stores.thanos.internal", "ca": "ca.crt"},
            "endpoints": ["plain.example:10901"],
        },
        "store": {"state": "absent"},
    },
    "receive": {"receive": {}},
    "receive-rings": {
        "receive": {
            "hashrings": [
                {
                    "name": "acme",
                    "tenants": ["acme"],
                    "replicas": 5,
                    "zones": True,
                    "storage": {"size": "100Gi", "storage_class": "fast"},
                    "retention": "2d",
                    "external_labels": {"receive_tier": "gold"},
                },
                {"name": "teams", "tenants": ["team-*"], "tenant_matcher": "glob", "algorithm": "hashmod"},
                {"name": "default"},
            ],
            "limits": {"default": {"series_limit": 10000, "head_series_limit": 200000}, "max_concurrency": 30},
            "grpc_tls": {"secret": "thanos-grpc-server"},
            "forward_tls": {"secret": "thanos-grpc-client"},
            "remote_write_tls": {"secret": "thanos-grpc-server"},
        }
    },
    "receive-combined": {"receive": {"mode": "combined", "replication_protocol": "capnproto"}},
    "query_frontend": {"query_frontend": {}, "query": {"state": "absent"}},
    "query_frontend-redis": {
        "query_frontend": {
            "downstream_url": "http://query.example:9090/",
            "query_range_cache": {
                "type": "REDIS",
                "addr": "redis.cache.svc:6379",
                "db": 2,
                "username": "thanos",
                "password": {"secret": "redis", "key": "password"},
                "expiration": "12h",
            },
            "labels_cache": {"type": "MEMCACHED", "addresses": ["dnssrvnoa+_memcached._tcp.memcached.cache.svc"]},
            "secrets": ["redis-ca"],
            "env": [{"name": "SSL_CERT_FILE", "value": "/etc/thanos/secrets/redis-ca/ca.crt"}],
        }
    },
    "bucket_web": {"bucket_web": {"label": "cluster", "external_prefix": "/bucket", "route_prefix": "/"}},
    "store-memcached": {
        "store": {
            "index_cache": {
                "type": "MEMCACHED",
                "addresses": ["dns+memcached.cache.svc:11211"],
                "max_item_size": "4MiB",
                "ttl": "48h",
                "enabled_items": ["Postings", "Series"],
            },
            "caching_bucket": {"type": "REDIS", "addr": "redis:6379", "password": {"secret": "redis"}},
        }
    },
    "compact-environment": {"compact": {"env": [{"name": "GOMEMLIMIT", "value": "1GiB"}]}},
}
GATHERED = {
    "store-identity": IDENTITY,
    "compact-environment": ENVIRONMENT,
    **dict.fromkeys(("query-hub", "query-edge", "query-local-tls", "store-tls", "receive-rings"), CERTIFICATES),
}


@pytest.mark.parametrize("case", CASES)
def test_rendered_objects_are_as_reviewed(case: str) -> None:
    text = yaml.safe_dump_all(render(CASES[case], facts=GATHERED.get(case, FACTS)), sort_keys=False)
    file = GOLDEN / f"{case}.txt"  # ansible-test lets no .yaml hold several documents
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_rendering_the_same_stack_twice_gives_the_same_text() -> None:
    assert yaml.safe_dump_all(render(FIVE_TIERS)) == yaml.safe_dump_all(render(FIVE_TIERS))
