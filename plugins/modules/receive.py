#!/usr/bin/python
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: receive
short_description: Deploy Thanos receive
version_added: 0.1.0
description:
  - >-
    Receive takes what Prometheus, agents and OpenTelemetry push, answers queries for it, and uploads it as blocks.
    Routers, a Deployment, take remote writes and send each series to the ingestors of a hashring, a StatefulSet each.
  - Other instances of the stack are not touched; queriers of the stack find ingestors by their labelled Services.
author: The o11y.thanos contributors (@o11y-thanos)
extends_documentation_fragment:
  - o11y.thanos.tier
  - o11y.thanos.tier.grpc_tls
  - o11y.thanos.tier.names
  - o11y.thanos.tier.stack
  - o11y.thanos.tier.objstores
  - o11y.thanos.tier.storage
  - o11y.thanos.receive.hashrings
  - o11y.thanos.receive.limits
  - o11y.thanos.receive.tls
  - o11y.thanos.apply
  - o11y.thanos.kubernetes
  - o11y.thanos.attributes
options:
  mode:
    description:
      - With V(router), routers stand before the ingestors. With V(combined) every ingestor is a router, too.
    type: str
    choices: [router, combined]
    default: router
  router:
    description:
      - The routers, not in O(mode=combined). They are named C(<stack>-<name>-router).
    type: dict
    suboptions:
      replicas:
        description: Number of routers; V(2) when not given.
        type: int
      resources:
        description: Resources of a router, in the place of O(resources).
        type: dict
        suboptions:
          requests:
            description: Resource name to Kubernetes quantity.
            type: dict
          limits:
            description: Resource name to Kubernetes quantity.
            type: dict
  replicas:
    description:
      - Ingestors of each hashring that does not say its own number.
    type: int
    default: 3
  replication_factor:
    description:
      - How many ingestors of a ring keep each sample. A write succeeds with more than half of them; with V(2) one is
        enough. No ring may have fewer ingestors.
    type: int
    default: 3
  replication_protocol:
    description:
      - How routers write to ingestors. V(capnproto) needs less CPU, knows no TLS, and comes with a NetworkPolicy that
        lets only this instance's pods in at its port; with V(protobuf) that port listens on loopback alone.
    type: str
    choices: [protobuf, capnproto]
    default: protobuf
  storage:
    description:
      - Claim of every ingestor. Neither value can be changed later, as Kubernetes does not allow it.
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
  retention:
    description:
      - How long ingestors keep samples that are in the bucket already.
    type: str
    default: 15d
  external_labels:
    description:
      - Further labels of every series of the ingestors, beside C(receive_cluster) and C(receive_instance). Their names
        begin with C(receive_), since queries show the ingestor's label in the place of a sender's of the same name.
    type: dict
  replica_label:
    description:
      - Label that holds the pod's name, and by which copies of a series are found.
    type: str
    default: receive_replica
  tenant_header:
    description:
      - HTTP header with the tenant, C(THANOS-TENANT) when not given. Whoever reaches the port may set it, so what
        stands before the routers has to set it itself.
    type: str
  tenant_certificate_field:
    description:
      - Field of the sender's certificate that is the tenant. Needs O(remote_write_tls) with its client CA.
    type: str
    choices: [organization, organizationalUnit, commonName]
  split_tenant_label:
    description:
      - Label of a series that is its tenant, and that it loses. Series without it are the default tenant's.
    type: str
  default_tenant:
    description:
      - Tenant of a request that names none.
    type: str
    default: default-tenant
  tenant_label:
    description:
      - Label that a series gets with its tenant.
    type: str
    default: tenant_id
  too_far_in_future:
    description:
      - How far ahead of the ingestor's clock a sample may be. One sample far ahead would make Thanos refuse all others
        of its tenant until then; V(0) lets it.
    type: str
    default: 5m
  out_of_order_window:
    description:
      - How much older than the newest sample of its tenant a sample may be. Without it one hour, and never older than
        the newest one of its series. A compactor of the bucket has to compact vertically then, and a pod's last samples
        of this kind reach the bucket with a periodic block only, hours later.
    type: str
  max_exemplars:
    description:
      - Exemplars that are kept for each tenant; none when not given. They do not survive a restart of an ingestor.
    type: int
  wal_compression:
    description:
      - Whether what is written ahead is compressed.
    type: bool
    default: true
  upload_concurrency:
    description:
      - Files of a block that are uploaded at once. Needs Thanos 0.41.
    type: int
  otlp_target_info:
    description:
      - Whether the resource of OTLP metrics becomes the series C(target_info).
    type: bool
    default: true
  otlp_promote_resource_attributes:
    description:
      - Attributes of the resource of OTLP metrics that become labels.
    type: list
    elements: str
  forward_async_workers:
    description:
      - Workers of a router that forward to one ingestor at once.
    type: int
    default: 5
  termination_grace_period:
    description:
      - Seconds that a stopping ingestor has to write and upload what it holds.
    type: int
    default: 900
  expect_tenants:
    description:
      - Tenants that shall send. M(o11y.thanos.verify) looks for new samples of each, and of those that have a ring by
        their name.
    type: list
    elements: str
  remote_write_node_port:
    description:
      - Node port of the port that senders write to, not with O(service.type=ClusterIP). By default Kubernetes chooses.
    type: int
seealso:
  - module: o11y.thanos.stack
  - module: o11y.thanos.verify
"""

EXAMPLES = r"""
- name: Two routers and one hashring of three ingestors, which keep every sample three times
  o11y.thanos.receive:
    cluster: hub

- name: A ring for one large tenant, and limits for all others
  o11y.thanos.receive:
    cluster: hub
    hashrings:
      - {name: acme, tenants: [acme], replicas: 5, storage: {size: 100Gi}}
      - {name: default}
    limits:
      default: {series_limit: 10000, samples_limit: 100000, head_series_limit: 200000}
      tenants: {acme: {head_series_limit: 5000000}}
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
      sample: thanos-receive-router
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
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers.receive import TIER


def main() -> None:
    """Deploy one instance of the tier."""
    run(tier(TIER))


if __name__ == "__main__":
    main()
