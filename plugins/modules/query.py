#!/usr/bin/python
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: query
short_description: Deploy a Thanos querier
version_added: 0.1.0
description:
  - >-
    A querier answers PromQL from the StoreAPIs that its endpoint file names. The file is reloaded, so that a new
    endpoint restarts nothing. The StoreAPIs of the stack are found by themselves.
  - Other instances of the stack are not touched; neighbours are found by their labelled Services.
author: The o11y.thanos contributors (@o11y-thanos)
extends_documentation_fragment:
  - o11y.thanos.tier
  - o11y.thanos.tier.replicas
  - o11y.thanos.tier.names
  - o11y.thanos.tier.stack
  - o11y.thanos.apply
  - o11y.thanos.kubernetes
  - o11y.thanos.attributes
options:
  replicas:
    description:
      - Number of pods. C(null) is no value, so that it is 2 then, too.
    type: int
    default: 2
  endpoints:
    description:
      - Further StoreAPIs, as C(host:port), C(dns+host:port) or C(dnssrv+_grpc._tcp.service).
    type: list
    elements: str
  timeout:
    description:
      - Longest time that a query may take.
    type: str
    default: 2m
  max_concurrent:
    description:
      - Queries that are processed at once.
    type: int
    default: 20
  lookback_delta:
    description:
      - How long a series without new samples counts as present. At least twice the slowest scrape interval.
    type: str
  auto_downsampling:
    description:
      - Whether long ranges are answered from downsampled blocks.
    type: bool
    default: true
  partial_response:
    description:
      - Whether a query is answered, with a warning, when a StoreAPI fails.
    type: bool
    default: true
  promql_engine:
    description:
      - Engine that evaluates queries.
    type: str
    choices: [prometheus, thanos]
    default: prometheus
  store_response_timeout:
    description:
      - How long a StoreAPI may stay silent before its data is left out. Shorter than O(timeout).
    type: str
  sd_reload_interval:
    description:
      - How often the endpoint file is read again.
    type: str
    default: 30s
  external_prefix:
    description:
      - Path under which a reverse proxy shows the web pages.
    type: str
  alert_query_url:
    description:
      - Address of the querier as people reach it, for links.
    type: str
seealso:
  - module: o11y.thanos.stack
  - module: o11y.thanos.verify
"""

EXAMPLES = r"""
- name: A querier that people reach on a node port
  o11y.thanos.query:
    cluster: eu
    replicas: 2
    service: {type: NodePort, http_node_port: 30902}
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
      sample: thanos-query
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
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers.query import TIER


def main() -> None:
    """Deploy one instance of the tier."""
    run(tier(TIER))


if __name__ == "__main__":
    main()
