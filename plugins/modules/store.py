#!/usr/bin/python
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: store
short_description: Deploy a Thanos store gateway
version_added: 0.1.0
description:
  - >-
    A store gateway serves the blocks of a bucket to queriers. Its volume is a cache and safe to lose.
  - Other instances of the stack are not touched; neighbours are found by their labelled Services.
author: The o11y.thanos contributors (@o11y-thanos)
extends_documentation_fragment:
  - o11y.thanos.tier
  - o11y.thanos.tier.replicas
  - o11y.thanos.tier.grpc_tls
  - o11y.thanos.tier.names
  - o11y.thanos.tier.stack
  - o11y.thanos.tier.objstores
  - o11y.thanos.tier.storage
  - o11y.thanos.tier.caches
  - o11y.thanos.apply
  - o11y.thanos.kubernetes
  - o11y.thanos.attributes
options:
  replicas:
    description:
      - Number of pods. C(null) is no value, so that it is 1 then, too.
    type: int
    default: 1
  storage:
    description:
      - Claim of every pod. Neither value can be changed later, as Kubernetes does not allow it.
    type: dict
    default: {}
    suboptions:
      size:
        description: Size of the claim.
        type: str
        default: 10Gi
      storage_class:
        description: Storage class of the claim; by default the cluster's default class.
        type: str
  index_cache:
    description:
      - Cache of the blocks' indexes, C({type, …}) or the type alone; see the notes on caches. By default 250MB in
        memory.
      - Of type C(IN-MEMORY) it takes C(max_size) and C(max_item_size), the size of the largest item that is cached, by
        default half of the cache and at most C(125MB).
      - C(enabled_items) is a list of V(Postings), V(Series) and V(ExpandedPostings), by default all of them; C(ttl) how
        long a server keeps an item, by default C(24h).
      - Of type C(REDIS) it takes more than that of a query frontend, and C(prefix) (of its keys, from Thanos 0.42 on),
        C(dial_timeout), C(write_timeout), C(max_get_multi_concurrency), C(get_multi_batch_size),
        C(max_async_concurrency), C(max_async_buffer_size) and C(cache_size).
      - C(tls_config) takes C(ca_file), C(cert_file), C(key_file), C(server_name), C(min_version) and
        C(insecure_skip_verify). The files come from O(secrets).
    type: raw
    default: {}
  caching_bucket:
    description:
      - Cache of the bucket's objects, as O(index_cache), without C(enabled_items) and C(ttl). Without it there is none;
        in memory it has by default 64MB.
    type: raw
  chunk_pool_size:
    description:
      - Memory that is kept for chunks.
    type: str
    default: 2GB
  sync_block_duration:
    description:
      - How often the bucket is looked through for new blocks.
    type: str
    default: 15m
  block_sync_concurrency:
    description:
      - Blocks that are loaded at once.
    type: int
    default: 20
  ignore_deletion_marks_delay:
    description:
      - How long a block that is marked for deletion is still served. Half of the compactor's C(delete_delay).
    type: str
    default: 24h
  series_max_concurrency:
    description:
      - Series requests that are processed at once.
    type: int
    default: 20
  lazy_index_header:
    description:
      - Whether an index header is mapped into memory only when a query needs it.
    type: bool
    default: false
  min_time:
    description:
      - Begin of the range that is served, as an RFC 3339 time or relative to now, such as C(-6w).
    type: str
  max_time:
    description:
      - End of the range that is served, as O(min_time).
    type: str
  limits:
    description:
      - What a single request may ask for; 0 is no limit.
    type: dict
    suboptions:
      request_series:
        description: Series of a request.
        type: int
      request_samples:
        description: Samples of a request.
        type: int
      downloaded_bytes:
        description: Bytes that are downloaded for a request.
        type: int
seealso:
  - module: o11y.thanos.stack
  - module: o11y.thanos.verify
"""

EXAMPLES = r"""
- name: Two store gateways with a larger cache
  o11y.thanos.store:
    cluster: eu
    replicas: 2
    index_cache: {max_size: 1GB}
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
      sample: thanos-store
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
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers.store import TIER


def main() -> None:
    """Deploy one instance of the tier."""
    run(tier(TIER))


if __name__ == "__main__":
    main()
