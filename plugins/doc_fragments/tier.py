# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that every tier takes, and groups of options that several tiers share."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of the rows in ``_thanos/common.py``."""

    # What one task says of the stack beside the tier's own options.
    STACK = r"""
options:
  namespace:
    description:
      - Namespace of the stack. It is created when it does not exist, and never deleted.
    type: str
    default: monitoring
  cluster:
    description:
      - Name of the Kubernetes cluster. It becomes the external label C(cluster) of everything that is collected,
        so it must differ between clusters whose data meet in one querier.
    type: str
    required: true
"""

    OBJSTORES = r"""
options:
  objstores:
    description:
      - What pods need of Kubernetes to reach each object store, as the filter P(o11y.thanos.objstore_needs#filter)
        makes it from the inventory. It is the name of the object store to V(reader), V(writer) and V(compactor), and
        each of these to a mapping of the names below. No value of a credential is part of it.
      - C(secret) is the Secret that holds the configuration, C(key) the key in it (by default C(objstore.yml)).
      - C(credentials_mode) is how the pods come by a credential, as in M(o11y.thanos.objstore_secret).
      - C(env) is the name of an environment variable to the C(name) and C(key) of the Secret that it comes from.
      - C(bucket) is which bucket the configuration will name (C(type), C(endpoint), C(bucket), C(prefix)). So check
        mode finds a second compactor on it before there is any Secret.
      - C(service_account_annotations) and C(pod_labels) are what an identity of the cloud takes.
      - C(files) is a list of the files that the credential is read with, such as the token of an C(external_account) of
        Google. Pods that do not have them are refused.
      - With it check mode shows, before there is any Secret, what a deployment then sends. For an object store that is
        not part of it, the Secret itself is asked, and has to exist.
    type: dict
    version_added: 0.1.0
"""

    # What a task for all instances says of where they were typed.
    SOURCES = r"""
options:
  sources:
    description:
      - Path of an option, such as C(instances.compact.retention_resolution_raw) or C(instances.compact), to where its
        value was typed, such as C(thanos_compact_group.retention_resolution_raw). Messages name that in the place of
        the option; the longest path that leads to it counts.
      - The roles set it, so that messages name variables of the inventory.
    type: dict
"""

    # The tier modules' own two names.
    NAMES = r"""
options:
  stack:
    description:
      - Name of the stack that the instance belongs to.
    type: str
    default: thanos
  name:
    description:
      - Name of the instance; by default that of the tier.
      - Objects are named C(<stack>-<name>), with C(_) as C(-).
    type: str
"""

    DOCUMENTATION = r"""
options:
  state:
    description:
      - V(absent) removes the objects of the instance. Its claims and the bucket stay.
    type: str
    choices: [present, absent]
    default: present
  fullname:
    description:
      - Name of the instance's objects on the server, instead of C(<stack>-<name>).
    type: str
  version:
    description:
      - Thanos version, C(0.39) to C(0.42). Releases that are known to be bad are refused with the reason.
    type: str
    default: 0.42.4
  registry:
    description:
      - Registry that images are pulled from, when O(image) is not given.
    type: str
    default: quay.io
  image:
    description:
      - Full reference of the Thanos image. O(version) must still say which version it holds.
    type: str
  image_pull_policy:
    description:
      - When the image is pulled.
    type: str
    choices: [Always, IfNotPresent, Never]
    default: IfNotPresent
  image_pull_secrets:
    description:
      - Names of the Secrets with registry credentials.
    type: list
    elements: str
  resources:
    description:
      - Resource requests and limits of the Thanos container.
    type: dict
    default: {requests: {cpu: 50m, memory: 128Mi}}
    suboptions:
      requests:
        description: Resource name to Kubernetes quantity.
        type: dict
      limits:
        description: Resource name to Kubernetes quantity.
        type: dict
  node_selector:
    description:
      - Labels a node must have. C(kubernetes.io/os=linux) is always among them.
    type: dict
  tolerations:
    description:
      - Tolerations of the pods, as Kubernetes writes them.
    type: list
    elements: dict
  affinity:
    description:
      - Affinity of the pods, as Kubernetes writes it. By default replicas prefer different nodes.
    type: dict
  topology_spread_constraints:
    description:
      - Topology spread constraints of the pods, as Kubernetes writes them.
    type: list
    elements: dict
  priority_class_name:
    description:
      - Priority class of the pods.
    type: str
  labels:
    description:
      - Further labels of every object. Those that the collection sets win, which is told as a warning.
      - Values of labels, annotations and external labels may be typed as numbers, C(true) or C(false), and are written
        as text. A name with the value C(null) is left out.
    type: dict
  annotations:
    description:
      - Annotations of every object.
    type: dict
  pod_labels:
    description:
      - Further labels of the pods.
    type: dict
  pod_annotations:
    description:
      - Annotations of the pods.
    type: dict
  service_account_annotations:
    description:
      - Annotations of the ServiceAccount, which is how workload identity of a cloud is given to it.
    type: dict
  env:
    description:
      - Environment variables of the Thanos container, as Kubernetes writes them.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the variable.
        type: str
        required: true
      value:
        description: Its value, a text, a number, C(true) or C(false). Refused where the name tells a secret.
        type: raw
      valueFrom:
        description: Where its value comes from, such as C(secretKeyRef), as Kubernetes writes it.
        type: dict
  secrets:
    description:
      - Names of Secrets of the namespace whose keys the pods need as files, such as certificates that a flag in
        O(extra_args) names. They are in C(/etc/thanos/secrets/<Secret>/<key>).
    type: list
    elements: str
    version_added: 0.1.0
  config_maps:
    description:
      - Names of ConfigMaps, as O(secrets). They are in C(/etc/thanos/config-maps/<ConfigMap>/<key>).
    type: list
    elements: str
    version_added: 0.1.0
  extra_args:
    description:
      - Further flags of the Thanos container. Unknown and removed flags are refused, those that an option sets,
        those that exclude another one, and those that name a file which the pods do not have.
      - A password or a token does not belong into a URL, nor into a flag that holds a whole configuration, and is
        refused there. Kubernetes puts a variable of O(env), which may come from a Secret, in the place of C($(NAME));
        and the flag with C(-file) reads a file of O(secrets).
    type: list
    elements: str
  log_level:
    description:
      - Least severity that is logged.
    type: str
    choices: [debug, info, warn, error]
    default: info
  log_format:
    description:
      - Format of the log.
    type: str
    choices: [logfmt, json]
    default: logfmt
  replica_labels:
    description:
      - Labels that tell replicas of the same data apart. Declare them once for the whole stack.
    type: list
    elements: str
    default: [prometheus_replica, rule_replica, receive_replica]
  service:
    description:
      - The Service of the instance. Nothing is published outside the cluster unless asked for.
    type: dict
    default: {}
    suboptions:
      type:
        description: Type of the Service.
        type: str
        choices: [ClusterIP, NodePort, LoadBalancer]
        default: ClusterIP
      http_node_port:
        description: Node port of the HTTP port, not with O(service.type=ClusterIP). By default Kubernetes chooses.
        type: int
      grpc_node_port:
        description: Node port of the gRPC port, not with O(service.type=ClusterIP). By default Kubernetes chooses.
        type: int
      annotations:
        description: Annotations of the Service.
        type: dict
"""

    # Of the tiers that may have several pods; the default of ``replicas`` differs from tier to tier.
    REPLICAS = r"""
options:
  manage_replicas:
    description:
      - V(false) leaves the number of pods to somebody else, such as a HorizontalPodAutoscaler. A new instance begins
        with O(replicas) pods; from then on the number is what it is in the cluster, and M(o11y.thanos.verify) goes by
        that, too. Changing it to V(false) keeps the pods that there are.
    type: bool
    default: true
    version_added: 0.1.0
"""

    GRPC_TLS = r"""
options:
  grpc_tls:
    description:
      - TLS on the gRPC port (10901). Without it the port speaks plain text.
      - Certificate and key are read again at each handshake, so that a renewed one needs no restart. The client CA is
        read only once, so that a changed one restarts the pods.
      - On a tier whose StoreAPI the stack's own queriers read, these need O(o11y.thanos.query#module:local_tls).
    type: dict
    version_added: 0.1.0
    suboptions:
      secret:
        description:
          - Secret in the stack's namespace with the keys C(tls.crt), C(tls.key) and C(ca.crt), as cert-manager makes
            it. C(ca.crt) is what client certificates have to be signed by.
        type: str
        required: true
      client_ca:
        description:
          - Whether clients need a certificate. With V(false) everybody who reaches the port may read.
        type: bool
        default: true
      min_version:
        description: Oldest version of TLS that is spoken.
        type: str
        choices: ['1.0', '1.1', '1.2', '1.3']
        default: '1.3'
      names:
        description:
          - Names by which others call the server. A certificate in O(grpc_tls.secret) that is not for all of them is
            refused before anything is changed, as is one that is out of date, that of a CA, or not of its key. To look
            at them the task needs the Python package C(cryptography), 42 or later; without it there is a warning.
          - Certificates that M(o11y.thanos.pki) made are not looked at here.
        type: list
        elements: str
"""

    # Needs the default of ``replicas`` beside it, which differs from tier to tier.
    STORAGE = r"""
options:
  objstore:
    description:
      - Name of the object store. Its configuration is read from the Secret
        C(<stack>-objstore-<objstore>-<access role>), or else C(<stack>-objstore-<objstore>), which
        M(o11y.thanos.objstore_secret) makes. O(objstores) may name another one.
    type: str
    default: default
  objstore_secret:
    description:
      - A Secret that somebody else makes, instead of the one named by O(objstore).
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
"""

    GRAFANA = r"""
options:
  grafana_datasource:
    description:
      - Makes a data source for Grafana, as a file in an object C(<name>-grafana) with the labels by which the sidecar
        of Grafana finds it. Of a querier it leads to the query frontend in front of it, where there is one.
    type: dict
    version_added: 0.1.0
    suboptions:
      kind:
        description: Kind of the object, as the sidecar looks for it.
        type: str
        choices: [ConfigMap, Secret]
        default: ConfigMap
      name:
        description: Name of the data source.
        type: str
        default: Thanos
      uid:
        description: What dashboards know it by; by default Grafana chooses.
        type: str
      labels:
        description: Labels that the sidecar looks for.
        type: dict
        default: {grafana_datasource: "1"}
      is_default:
        description: Whether it is Grafana's default one.
        type: bool
        default: false
      json_data:
        description: Further settings of the data source (C(jsonData)), such as C(timeInterval).
        type: dict
"""

    # Needs options that are caches beside it.
    CACHES = r"""
options: {}
notes:
  - >-
    A cache is C({type, …}), or the type alone: C(IN-MEMORY) (the default), C(MEMCACHED) or C(REDIS). The keys are
    those of Thanos, and what is not given is left to it. Servers are given by address; none is deployed.
  - >-
    C(MEMCACHED) takes C(addresses) (a list of C(host:port), C(dns+host:port) or C(dnssrvnoa+_memcached._tcp.service)),
    C(timeout), C(max_item_size), C(max_idle_connections), C(max_async_concurrency), C(max_async_buffer_size),
    C(max_get_multi_concurrency), C(max_get_multi_batch_size), C(dns_provider_update_interval) and C(auto_discovery),
    which is for the memcached of clouds that answers C(config get cluster), and with any other is fatal.
  - >-
    C(REDIS) (and Valkey) takes C(addr) (one or more C(host:port), with commas), C(username), C(password) (the
    C(secret) of the namespace, and the C(key) in it, by default C(password)), C(db), C(master_name), C(tls_enabled),
    C(tls_config), C(read_timeout), C(max_set_multi_concurrency) and C(set_multi_batch_size). The password reaches the
    pods as an environment variable, and a changed one restarts them.
  - The page C(docs/query-frontend.md) tells which to choose, and what happens when a server is not there.
"""
