# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of the tier receive, by topic."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of the rows in ``_thanos/receive_*.py`` and ``_thanos/remote_write_tls.py``."""

    HASHRINGS = r"""
options:
  hashrings:
    description:
      - The hashrings in the order of the file, of which Thanos takes the first one that matches a tenant. Rings with
        exact names come first, then those with patterns, and last one without tenants, which takes all others.
      - Without any there is one ring C(default) for all tenants. Each is a StatefulSet C(<stack>-<name>-<ring>).
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the ring.
        type: str
        required: true
      tenants:
        description: Tenants of the ring. Without any it takes those that no ring before it takes.
        type: list
        elements: str
      tenant_matcher:
        description: Whether O(hashrings[].tenants) are names or patterns such as C(team-*).
        type: str
        choices: [exact, glob]
        default: exact
      algorithm:
        description: >-
          How series are placed. V(ketama) moves few of them when the ring changes; V(hashmod) moves nearly all.
        type: str
        choices: [ketama, hashmod]
        default: ketama
      zones:
        description: >-
          Whether the ingestors have to be spread evenly over the zones of the nodes, and copies of a sample too. The
          nodes need the label C(topology.kubernetes.io/zone).
        type: bool
        default: false
      standby_for:
        description: >-
          The ring whose place and tenants this one has once it O(hashrings[].takes_over). Until then its ingestors run
          and get nothing. A standby has no tenants of its own.
        type: str
      takes_over:
        description: >-
          Whether the ring has taken over from the one that it is O(hashrings[].standby_for), which then gets nothing,
          and whose ingestors stay.
        type: bool
        default: false
      replicas:
        description: Ingestors of the ring, in the place of O(replicas).
        type: int
      storage:
        description: Claim of every ingestor of the ring, in the place of O(storage).
        type: dict
        default: {}
        suboptions:
          size:
            description: Size of the claim.
            type: str
          storage_class:
            description: Storage class of the claim.
            type: str
      objstore:
        description: Name of the ring's object store, in the place of O(objstore).
        type: str
      objstore_secret:
        description: A Secret that somebody else makes, in the place of O(objstore_secret).
        type: dict
        suboptions:
          name:
            description: Name of the Secret.
            type: str
            required: true
          key:
            description: Key that holds the object store's configuration.
            type: str
            default: objstore.yml
      retention:
        description: How long the ring's ingestors keep samples, in the place of O(retention).
        type: str
      external_labels:
        description: Further labels of the ring's series, over O(external_labels).
        type: dict
      resources:
        description: Resources of the ring's ingestors, in the place of O(resources).
        type: dict
        suboptions:
          requests:
            description: Resource name to Kubernetes quantity.
            type: dict
          limits:
            description: Resource name to Kubernetes quantity.
            type: dict
      node_selector:
        description: Labels that nodes of the ring must have, over O(node_selector).
        type: dict
  hashring_refresh_interval:
    description:
      - How often routers read the ring file again. With the time until Kubernetes has brought a changed file to the
        pods, that is how long a change of a ring takes.
    type: str
    default: 30s
  hashring_policy:
    description:
      - What becomes of ingestors that are not ready when a run begins. With V(static) they stay in their ring, since
        each change of a ring moves series. With V(dynamic) they are left out, as long as the ring keeps
        O(replication_factor) ingestors, and come back with the next run that finds them ready.
      - In both cases a ring gets new ingestors, and tenants, only when all of its ingestors are ready.
    type: str
    choices: [static, dynamic]
    default: static
  shrink_without_proof:
    description:
      - Whether ingestors that leave, since a ring gets fewer or is not wanted any more, may go without a proof that
        what they hold is in the bucket, as those have to that do not run any more. Their claims stay.
    type: bool
    default: false
  delete_claims_of_removed_ingestors:
    description:
      - Whether the claims of ingestors that leave in this run are deleted once their pods are gone, which they are
        only with a proof that all they hold is in the bucket. By default claims stay.
    type: bool
    default: false
"""

    LIMITS = r"""
options:
  limits:
    description:
      - What a tenant may write. The routers read the limits again when they change. Not with O(split_tenant_label).
      - A request over a limit of its own is refused with 413, which Prometheus drops; one of a tenant with too many
        active series with 429, which it may send again.
    type: dict
    suboptions:
      max_concurrency:
        description: Requests of all tenants that a router works on at once; others wait.
        type: int
      meta_monitoring_url:
        description: >-
          Where active series are asked for, by default a querier of the stack. It has to see the ingestors' own
          metrics, as it does where the stack's Prometheus scrapes them.
        type: str
      meta_monitoring_limit_query:
        description: The query for them, which has a series for each C(tenant).
        type: str
      default:
        description: Limits of each tenant that has none of its own.
        type: dict
        suboptions:
          size_bytes_limit:
            description: Bytes of a request, compressed; V(1024) or more.
            type: int
          series_limit:
            description: Series of a request.
            type: int
          samples_limit:
            description: Samples of a request.
            type: int
          head_series_limit:
            description: Active series of a tenant at a time, copies not counted. Routers ask for them every 15 seconds.
            type: int
      tenants:
        description: >-
          Tenant to its limits, with the names of O(limits.default). What they leave out is as in O(limits.default).
        type: dict
  store_limits:
    description:
      - What a query may ask an ingestor for; 0 is no limit.
    type: dict
    suboptions:
      request_series:
        description: Series of a request.
        type: int
      request_samples:
        description: Samples of a request.
        type: int
"""

    TLS = r"""
options:
  remote_write_tls:
    description:
      - TLS on the port that senders write to. Without it the port speaks plain text.
    type: dict
    suboptions:
      secret:
        description:
          - Secret in the stack's namespace with the keys C(tls.crt), C(tls.key) and C(ca.crt). C(ca.crt) is what
            certificates of senders have to be signed by.
        type: str
        required: true
      client_ca:
        description:
          - Whether senders need a certificate. With V(false) everybody who reaches the port may write.
        type: bool
        default: true
      min_version:
        description: Oldest version of TLS that is spoken.
        type: str
        choices: ['1.0', '1.1', '1.2', '1.3']
        default: '1.3'
  forward_tls:
    description:
      - TLS of what routers send to ingestors, beside O(grpc_tls).
    type: dict
    suboptions:
      secret:
        description: Secret with the CA, and with C(tls.crt) and C(tls.key) of the routers.
        type: str
        required: true
      ca:
        description: Key of the CA that certificates of ingestors have to be signed by.
        type: str
        default: ca.crt
      certificate:
        description: Whether routers show a certificate.
        type: bool
        default: true
      server_name:
        description: Name that is in the certificates of ingestors; by default it has to be each one's own address.
        type: str
"""
