#!/usr/bin/python
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: query_frontend
short_description: Deploy a Thanos query frontend
version_added: 0.1.0
description:
  - >-
    A query frontend stands in front of a querier: it splits range queries by time, remembers what was answered, and
    repeats what failed. Dashboards ask it, rulers ask the querier.
  - Other instances of the stack are not touched; the stack's querier is found by itself.
author: The o11y.thanos contributors (@o11y-thanos)
extends_documentation_fragment:
  - o11y.thanos.tier
  - o11y.thanos.tier.replicas
  - o11y.thanos.tier.grafana
  - o11y.thanos.tier.names
  - o11y.thanos.tier.stack
  - o11y.thanos.tier.caches
  - o11y.thanos.apply
  - o11y.thanos.kubernetes
  - o11y.thanos.attributes
options:
  replicas:
    description:
      - Number of pods. Several of them need a cache that they share, of type C(MEMCACHED) or C(REDIS).
    type: int
    default: 1
  querier:
    description:
      - Instance of the stack that the frontend asks. Needed where the stack has several queriers.
    type: str
  downstream_url:
    description:
      - URL of what the frontend asks instead of a querier of the stack. It is ready only while C(/-/ready) below that
        URL answers.
    type: str
  downstream_tripper:
    description:
      - How the frontend connects to the querier.
    type: dict
    default: {}
    suboptions:
      idle_conn_timeout:
        description: How long an idle connection is kept.
        type: str
      response_header_timeout:
        description: How long an answer may let wait for its first byte.
        type: str
      tls_handshake_timeout:
        description: Longest time of a TLS handshake.
        type: str
      expect_continue_timeout:
        description: How long C(100 Continue) is waited for.
        type: str
      max_idle_conns:
        description: Idle connections in all, 0 for any number.
        type: int
      max_idle_conns_per_host:
        description: Idle connections to one host. Fewer than a query has parts make a new connection for each part.
        type: int
        default: 100
      max_conns_per_host:
        description: Connections to one host, 0 for any number.
        type: int
      tls_config:
        description: TLS of an C(https) URL. Files come from O(secrets).
        type: dict
        suboptions:
          ca_file:
            description: CA certificates that the server's has to be signed by.
            type: str
          cert_file:
            description: Certificate of the frontend.
            type: str
          key_file:
            description: Its key.
            type: str
          server_name:
            description: Name that the server's certificate has to be for.
            type: str
          insecure_skip_verify:
            description: Takes any certificate.
            type: bool
  query_range_cache:
    description:
      - Cache of the answers to range queries, C({type, …}) or the type alone; see the notes on caches. By default
        250MB in the memory of each pod. V(NONE) is no cache.
      - Of type C(IN-MEMORY) it takes C(max_size), C(max_size_items) and C(validity), after which an entry is
        forgotten.
    type: raw
    default: {}
  labels_cache:
    description:
      - Cache of the answers about labels and series, as O(query_range_cache). Without it there is none. An empty answer
        from it is C(null), where the querier says C([]).
    type: raw
  cache_compression_type:
    description:
      - How entries of the caches are compressed.
    type: str
    choices: [none, snappy]
    default: snappy
  align_range_with_step:
    description:
      - Whether begin and end of a range query are moved to multiples of its step, so that more is found in the cache. A
        query whose step is longer than the data is old then finds nothing.
    type: bool
    default: true
  request_downsampled:
    description:
      - Whether a range query that finds too little is asked again for downsampled data.
    type: bool
    default: true
  split_interval:
    description:
      - Range queries are split into parts of this length, which are asked at once and remembered one by one. 0 splits
        nothing, and allows no cache.
    type: str
    default: 24h
  min_split_interval:
    description:
      - Splits a query into O(horizontal_shards) parts instead, from this range on. The three options go together, and
        O(split_interval) is not looked at beside them.
    type: str
  max_split_interval:
    description:
      - With O(min_split_interval), longest part. A longer range has more parts.
    type: str
  horizontal_shards:
    description:
      - With O(min_split_interval), number of parts.
    type: int
  vertical_shards:
    description:
      - Number of parts that a query is split into by its series, where it groups them (C(sum by), C(topk by) and the
        like), for range and instant queries.
    type: int
  max_retries_per_request:
    description:
      - How often a part of a range query is repeated that failed.
    type: int
    default: 5
  instant_max_retries_per_request:
    description:
      - How often an instant query is repeated that failed. It needs Thanos 0.42, whose default is 5.
    type: int
  max_query_length:
    description:
      - Longest range of a query; by default there is no limit.
    type: str
  max_query_parallelism:
    description:
      - Parts of a query that are asked at once.
    type: int
    default: 14
  response_cache_max_freshness:
    description:
      - What is younger is asked again each time, since it may still change. At least the time that samples take to
        arrive.
    type: str
    default: 1m
  partial_response:
    description:
      - Whether a range query that does not say is answered, with a warning, when a StoreAPI fails.
    type: bool
    default: true
  labels_split_interval:
    description:
      - As O(split_interval), for questions about labels and series.
    type: str
    default: 24h
  labels_max_retries_per_request:
    description:
      - As O(max_retries_per_request), for questions about labels and series.
    type: int
    default: 5
  labels_max_query_parallelism:
    description:
      - As O(max_query_parallelism), for questions about labels and series.
    type: int
    default: 14
  labels_response_cache_max_freshness:
    description:
      - As O(response_cache_max_freshness), for questions about labels and series.
    type: str
    default: 1m
  labels_partial_response:
    description:
      - As O(partial_response), for questions about labels and series.
    type: bool
    default: true
  labels_default_time_range:
    description:
      - How far back a question about labels and series looks that does not say. The querier itself looks at all there
        is.
    type: str
    default: 24h
  compress_responses:
    description:
      - Whether answers are compressed for clients that take it.
    type: bool
    default: true
  log_queries_longer_than:
    description:
      - Queries that take longer are logged.
    type: str
  slow_query_logs_user_header:
    description:
      - Header whose value is the user in that log.
    type: str
  force_query_stats:
    description:
      - Whether statistics of each query are logged and returned in headers.
    type: bool
    default: false
  tenant_header:
    description:
      - Header that names the tenant, by which the cache tells answers apart. By default it is the one of a querier of
        the stack that has C(--query.enforce-tenancy).
    type: str
  forward_headers:
    description:
      - Headers that are handed on to the querier. The cache does not look at them, so that they are refused beside one.
    type: list
    elements: str
seealso:
  - module: o11y.thanos.query
  - module: o11y.thanos.stack
  - module: o11y.thanos.verify
"""

EXAMPLES = r"""
- name: A query frontend with a larger cache in memory
  o11y.thanos.query_frontend:
    cluster: eu
    query_range_cache: {max_size: 1GB}

- name: Three pods that share a Redis, whose password is in the Secret redis
  o11y.thanos.query_frontend:
    cluster: eu
    replicas: 3
    query_range_cache:
      type: REDIS
      addr: redis.cache.svc:6379
      db: 2
      password: {secret: redis, key: password}
"""

RETURN = r"""
objects:
  description: What was done with each object of the instance.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: Kind of the object.
      type: str
      sample: Service
    name:
      description: Name of the object.
      type: str
      sample: thanos-query-frontend
    namespace:
      description: Namespace of the object.
      type: str
      sample: monitoring
    action:
      description: One of V(created), V(updated), V(deleted) and V(unchanged).
      type: str
      sample: created
"""

from ansible_collections.o11y.thanos.plugins.module_utils._ansible import run
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.task import tier
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers.query_frontend import TIER


def main() -> None:
    """Deploy one instance of the tier."""
    run(tier(TIER))


if __name__ == "__main__":
    main()
