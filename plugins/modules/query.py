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
  - o11y.thanos.tier.grpc_tls
  - o11y.thanos.tier.grafana
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
      - Further StoreAPIs. Each is an address, C(host:port), C(dns+host:port) or C(dnssrv+_grpc._tcp.service), or a
        mapping of the names below. To an address alone plain text is spoken.
      - C(address) is the address. It may be left out of an endpoint with a C(name) that the querier knows already; then
        the address stays. Where none is known, the endpoint is left out, with a warning.
      - C(name) is a name for the endpoint, such as that of the cluster it is in. Named endpoints are written down in an
        annotation of the querier's ConfigMap.
      - C(tls) is V(true), V(false), or a mapping of C(ca) and C(min_version). C(ca) is a key in the Secret of
        O(client_tls), with the CA certificates that the server's has to be signed by; without it those count that the
        image has. C(min_version) is as in O(grpc_tls.min_version). It needs Thanos 0.42, and an address that is not
        looked up by DNS, or a group.
      - C(server_name) is the name that the server's certificate has to be for, where that is not the host of the
        address.
      - C(strict=true) keeps an endpoint that is lost among those that are asked. Without it a lost endpoint is left out
        of every answer after five seconds, with status 200 and no warning, even where O(partial_response=false). An
        address that is looked up by DNS cannot be strict. By default those are that can be, where a query frontend with
        a cache asks this querier, since the cache would keep what a lost endpoint is left out of.
      - C(group=true) makes one endpoint of all that the name stands for, of which each request asks one;
        C(service_config) is the gRPC service config of a group.
      - The endpoint file is reloaded, so that a further endpoint restarts nothing. To an address that is connected
        already, Thanos applies no changed setting, so that a run that changes one has the pods made anew.
    type: list
    elements: raw
  endpoint_services:
    description:
      - StoreAPIs that somebody else runs in this cluster, such as sidecars in other namespaces, found by the labels of
        their Services when the task runs. Headless ones show each pod.
      - Without C(namespace) the Services of the whole cluster are looked at, which needs the right to list them.
        C(port) is the name of the port, by default C(grpc).
    type: list
    elements: dict
    version_added: 0.1.0
    suboptions:
      namespace:
        description: Where the Services are.
        type: str
      labels:
        description: Labels that a Service has to have.
        type: dict
      port:
        description: Name of the port of the StoreAPI.
        type: str
        default: grpc
  keep_endpoints:
    description:
      - Whether an endpoint with a name stays that the querier knows and O(endpoints) does not name; a warning then
        tells of it. For runs that see a part of a fleet, which cannot tell what is gone from what is elsewhere.
    type: bool
    default: false
    version_added: 0.1.0
  forget_endpoints:
    description:
      - Names of endpoints that are gone for good. They are left out, also of O(endpoints).
    type: list
    elements: str
    version_added: 0.1.0
  client_tls:
    description:
      - What the querier has for TLS to other StoreAPIs.
    type: dict
    version_added: 0.1.0
    suboptions:
      secret:
        description:
          - Secret in the stack's namespace with C(tls.crt) and C(tls.key), the querier's own certificate, and CA
            certificates under keys of any name. It is mounted as a whole, so that a further key restarts nothing.
          - The certificate is read again at each handshake, a CA only once. Whoever replaces a CA raises the annotation
            C(o11y.thanos/generation) of the Secret, a number; the next run then restarts the pods.
        type: str
        required: true
      certificate:
        description: Whether the querier shows its certificate. With V(false) the Secret holds CA certificates alone.
        type: bool
        default: true
  local_tls:
    description:
      - TLS to the StoreAPIs of the stack itself, and to O(endpoints) that are looked up by DNS. Needed as soon as a
        tier of the stack has C(grpc_tls), and then all of them have to have it, since Thanos knows one setting for all
        that it finds by DNS. It needs Thanos 0.42.
    type: dict
    version_added: 0.1.0
    suboptions:
      server_name:
        description: Name that the certificate of every StoreAPI of the stack has to be for.
        type: str
        required: true
      ca:
        description: Key in the Secret of O(client_tls) with the CA certificates; by default those of the image.
        type: str
      min_version:
        description: Oldest version of TLS that is spoken.
        type: str
        choices: ['1.0', '1.1', '1.2', '1.3']
        default: '1.3'
  publish:
    description:
      - Makes the querier's gRPC port known outside of the cluster, so that queriers of other clusters read it. It gets
        a Service C(<name>-published) with that port alone, or with O(publish.address) none.
    type: dict
    version_added: 0.1.0
    suboptions:
      type:
        description:
          - Type of the Service, by default V(LoadBalancer), whose address is waited for.
          - With V(NodePort) the address is that of a ready node, and stays with it as long as the node is ready. An
            external address comes before an internal one. Listing nodes takes a right of its own, see
            C(docs/rights.md).
        type: str
        choices: [LoadBalancer, NodePort]
      port:
        description: Port of the Service, by default 10901.
        type: int
      node_port:
        description: Port on the nodes, by default one that Kubernetes chooses.
        type: int
      annotations:
        description: Annotations of the Service, such as those that a cloud's load balancer is set up by.
        type: dict
      address:
        description:
          - Address, C(host:port), at which a proxy of yours (an Ingress or a gateway that passes TLS through) already
            leads to the querier. Then there is no Service.
        type: str
      insecure:
        description:
          - Publishes without O(grpc_tls), so that everybody who reaches the address reads every metric, unless a
            proxy in front of it or the network keeps them away.
        type: bool
        default: false
  mode:
    description:
      - Where queries are evaluated. With V(distributed) the parts of a query are evaluated by the queriers among its
        endpoints; the StoreAPIs of its own stack are then not read.
      - B(In distributed mode Thanos silently leaves out every edge whose data is younger than the query's window), with
        status 200 and no warning. C(count(up)) lacks a new edge for five minutes, a window of 30 days for a month.
    type: str
    choices: [local, distributed]
    default: local
    version_added: 0.1.0
  partition_labels:
    description:
      - With O(mode=distributed), labels whose values no two endpoints share, such as C(cluster). None of them may be
        among O(replica_labels).
    type: list
    elements: str
    version_added: 0.1.0
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

- name: A querier that other clusters read, if they have a certificate
  o11y.thanos.query:
    cluster: eu
    grpc_tls: {secret: thanos-grpc-server}
    publish: {type: LoadBalancer}

- name: A querier that reads it
  o11y.thanos.query:
    cluster: hub
    client_tls: {secret: thanos-grpc-client}
    endpoints:
      - address: eu.example:10901
        server_name: query.thanos.eu.thanos.internal
        strict: true
        tls: {ca: eu.crt}
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
published:
  description:
    - Address, C(host:port), at which other clusters reach each querier that has O(publish), by its name. One whose
      address nobody knows yet is left out; with O(wait) the task waits for it.
  returned: success
  type: dict
  sample: {query: "203.0.113.7:10901"}
"""

from ansible_collections.o11y.thanos.plugins.module_utils._ansible import run
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.task import tier
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers.query import TIER


def main() -> None:
    """Deploy one instance of the tier."""
    run(tier(TIER))


if __name__ == "__main__":
    main()
