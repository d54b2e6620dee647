#!/usr/bin/python
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sidecar
short_description: Deploy a highly available Prometheus with Thanos sidecars
version_added: 0.1.0
description:
  - >-
    Deploys Prometheus as a StatefulSet, by default a pair, each pod with a Thanos sidecar that uploads blocks and
    answers queries. Every pod has the external labels C(cluster) and O(replica_label). A changed scrape
    configuration is reloaded and restarts nothing.
  - Other instances of the stack are not touched; neighbours are found by their labelled Services.
author: The o11y.thanos contributors (@o11y-thanos)
extends_documentation_fragment:
  - o11y.thanos.tier
  - o11y.thanos.tier.replicas
  - o11y.thanos.tier.names
  - o11y.thanos.tier.stack
  - o11y.thanos.tier.objstores
  - o11y.thanos.tier.storage
  - o11y.thanos.apply
  - o11y.thanos.kubernetes
  - o11y.thanos.attributes
options:
  replicas:
    description:
      - Number of pods. C(null) is no value, so that it is 2 then, too.
    type: int
    default: 2
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
  prometheus_version:
    description:
      - Prometheus version.
    type: str
    default: 3.9.1
  prometheus_image:
    description:
      - Full reference of the Prometheus image, instead of O(registry) and O(prometheus_version). Where its tag is not a
        version, O(prometheus_version) has to tell that, since Prometheus 2 is started with another flag.
    type: str
  prometheus_resources:
    description:
      - Resource requests and limits of the Prometheus container.
    type: dict
    default: {requests: {cpu: 100m, memory: 400Mi}}
    suboptions:
      requests:
        description: Resource name to Kubernetes quantity.
        type: dict
      limits:
        description: Resource name to Kubernetes quantity.
        type: dict
  prometheus_extra_args:
    description:
      - Further flags of the Prometheus container. With a path in C(--web.external-url), or C(--web.route-prefix),
        Prometheus serves everything behind that path, and is spoken to there. Flags that an option sets are refused,
        and those with which the sidecar could not work.
    type: list
    elements: str
  external_labels:
    description:
      - Further external labels. Their values arrive as they are written here, C($) included. Only the one named
        O(replica_label), which has to differ on each replica, must contain C(${POD_NAME}), for which the pod's name is
        put in.
    type: dict
  replica_label:
    description:
      - External label that holds the pod's name and tells the replicas apart.
    type: str
    default: prometheus_replica
  retention:
    description:
      - How long samples are kept in the pod. At least V(6h).
    type: str
    default: 2d
  scrape_interval:
    description:
      - How often targets are scraped.
    type: str
    default: 30s
  scrape_configs:
    description:
      - Scrape configurations, as Prometheus writes them. Each has a C(job_name) of its own; with O(default_scrape)
        C(thanos), C(prometheus) and C(pods) are taken.
      - A credential does not belong here. Keep it in a Secret, name that in O(secrets), and let the job read the file
        C(/etc/thanos/secrets/<Secret>/<key>), with C(password_file), C(credentials_file), C(bearer_token_file) and the
        like. An inline one is refused.
      - Pods, Services, Endpoints, EndpointSlices and Ingresses of the namespace are found without further rights.
    type: list
    elements: dict
  discovery_rights_granted:
    description:
      - Says that somebody gave the ServiceAccount of the pods, which is named as the instance on the server, the rights
        that O(scrape_configs) needs for nodes and other namespaces. Without it such jobs are refused, and the message
        tells the role to bind.
    type: bool
    default: false
    version_added: 0.1.0
  default_scrape:
    description:
      - Whether Thanos, Prometheus itself, and the pods of the namespace that carry the annotation
        C(prometheus.io/scrape=true) are scraped.
    type: bool
    default: true
  config_reload_interval:
    description:
      - How often the sidecar looks for a changed configuration.
    type: str
    default: 30s
seealso:
  - module: o11y.thanos.stack
  - module: o11y.thanos.verify
"""

EXAMPLES = r"""
- name: A pair of Prometheis that also scrape an exporter
  o11y.thanos.sidecar:
    cluster: eu
    scrape_configs:
      - job_name: exporter
        static_configs:
          - targets: ["exporter.shop.svc:9100"]
        basic_auth:
          username: metrics
          password_file: /etc/thanos/secrets/exporter/password
    secrets: [exporter]
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
      sample: thanos-sidecar
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
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers.sidecar import TIER


def main() -> None:
    """Deploy one instance of the tier."""
    run(tier(TIER))


if __name__ == "__main__":
    main()
