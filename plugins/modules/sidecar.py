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
  - >-
    With O(prometheus) the sidecar goes beside a Prometheus that somebody else deployed: nothing of that is taken over,
    and what is added can be taken away again.
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
  - o11y.thanos.apply
  - o11y.thanos.kubernetes
  - o11y.thanos.attributes
options:
  prometheus:
    description:
      - A Prometheus that somebody else deployed in the namespace of the stack, in the place of one of this
        collection's. It gets a sidecar and a headless Service; all else stays its owner's. What O(prometheus) does not
        know beside it (O(replicas), O(storage), O(retention), O(scrape_configs) and the like) is refused.
      - Version, flags and external labels are asked of the running Prometheus, through the API server's proxy. Refused
        are one without external labels, one with the labels of another, one whose local compaction would race the
        upload, and one that a controller owns.
    type: dict
    version_added: 0.1.0
    suboptions:
      stateful_set:
        description:
          - Name of a StatefulSet. A container, its volumes, and annotations of the pods are added to it by server-side
            apply under a field manager of their own, so that updates by its owner keep them. Its arguments stay its
            owner's.
        type: str
      custom_resource:
        description:
          - Name of a C(Prometheus) of the Prometheus Operator, whose own fields for a sidecar (C(spec.thanos)) are set.
        type: str
      selector:
        description:
          - Labels of several of these, each of which gets a sidecar.
        type: dict
      container:
        description:
          - Name of the container of Prometheus in O(prometheus.stateful_set). By default the one named C(prometheus),
            or with Prometheus' own image.
        type: str
      run_as_user:
        description:
          - Number of the user that Prometheus runs as, where neither its pods nor its image tell. The sidecar writes
            into the same folder.
        type: int
      restart_prometheus:
        description:
          - Allows what adding or changing a sidecar cannot do without, that each pod of that Prometheus is made anew,
            one after the other.
        type: bool
        default: false
      apply_beside_owner:
        description:
          - Adds the fields although the object has the marks of Helm, Argo CD or Flux. By default a warning tells the
            values that make its owner add the sidecar, and only the Service is made.
        type: bool
        default: false
  retention_size:
    description:
      - How much of the disk blocks may take, such as V(50GB); the oldest go first. It has to hold six hours at least,
        or blocks go before they are uploaded.
    type: str
    version_added: 0.1.0
  remote_write_receiver:
    description:
      - Whether Prometheus takes remote writes, at C(/api/v1/write).
    type: bool
    default: false
    version_added: 0.1.0
  otlp_receiver:
    description:
      - Whether Prometheus takes metrics of OpenTelemetry, at C(/api/v1/otlp/v1/metrics). Needs Prometheus 3.0.
    type: bool
    default: false
    version_added: 0.1.0
  native_histograms:
    description:
      - Whether native histograms are scraped, and written to O(remote_write). Needs Prometheus 2.40.
    type: bool
    default: false
    version_added: 0.1.0
  agent:
    description:
      - Whether Prometheus is an agent, which keeps nothing and writes all to O(remote_write). It has no sidecar, no
        object store and no StoreAPI, so that queriers of its own cluster do not see it. Needs Prometheus 3.0. A changed
        configuration is loaded within O(config_reload_interval). What is for the sidecar or for blocks is refused where
        it is set for the agent itself.
    type: bool
    default: false
    version_added: 0.1.0
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
    default: 3.16.0
  prometheus_image:
    description:
      - Full reference of the Prometheus image, instead of O(registry) and O(prometheus_version). Where its tag is not a
        version, such as V(v2.55) or V(v3.9.1), O(prometheus_version) has to tell that, since Prometheus 2 is started
        with another flag.
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
  remote_write:
    description:
      - Where Prometheus pushes its samples, too, such as the routers of M(o11y.thanos.receive) of another cluster.
    type: list
    elements: dict
    version_added: 0.1.0
    suboptions:
      url:
        description: URL, such as C(https://receive.hub.example:19291/api/v1/receive).
        type: str
        required: true
      tenant:
        description: Tenant that the samples are of. Each cluster that pushes has one of its own.
        type: str
      tenant_header:
        description: Header that names the tenant.
        type: str
        default: THANOS-TENANT
      protocol:
        description: >-
          Version of remote write. Thanos up to 0.42 answers 200 to V(2.0) and keeps nothing, so that it is refused
          with a tenant.
        type: str
        choices: ['1.0', '2.0']
        default: '1.0'
      tls:
        description: Certificates for a URL with C(https).
        type: dict
        suboptions:
          secret:
            description: Secret of the namespace that holds them.
            type: str
            required: true
          ca:
            description: Key of the CA that the server's certificate has to be signed by.
            type: str
            default: ca.crt
          certificate:
            description: Whether C(tls.crt) and C(tls.key) of the Secret are shown to the server.
            type: bool
            default: true
          server_name:
            description: Name that is in the server's certificate, where it is not that of the URL.
            type: str
  scrape_configs:
    description:
      - Scrape configurations, as Prometheus writes them. Each has a C(job_name) of its own; with O(default_scrape)
        C(thanos), C(prometheus) and C(pods) are taken.
      - A credential does not belong here. Keep it in a Secret, name that in O(secrets), and let the job read the file
        C(/etc/thanos/secrets/<Secret>/<key>), with C(password_file), C(credentials_file), C(bearer_token_file) and the
        like. An inline one is refused; so is a header such as C(X-Api-Key) in C(values), which C(files) may name. An
        argument in C(params) that is a credential becomes the label C(__param_<name>) of the targets in a file of
        C(file_sd_configs), which may be in a Secret, too. The same goes for a label C(__param_<name>) that the job
        itself sets, and an argument in the URL of a discovery is sent as a header instead.
      - Pods, Services, Endpoints, EndpointSlices and Ingresses of the namespace are found without further rights.
      - Each job is judged by C(promtool) where it is on the PATH of the host where the task runs. It is refused where
        that is of the minor release of O(prometheus_version); what another release says is a warning. A warning tells
        where there is no promtool; then what is wrong with a job shows when Prometheus does not start.
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

- name: A sidecar in the pods of a Prometheus that somebody else deployed
  o11y.thanos.sidecar:
    cluster: eu
    prometheus:
      stateful_set: prometheus
      restart_prometheus: true

- name: Sidecars for all Prometheis of the Prometheus Operator that have a label
  o11y.thanos.sidecar:
    cluster: eu
    prometheus:
      selector: {team: shop}
      restart_prometheus: true
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
