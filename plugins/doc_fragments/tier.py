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
      - Further labels of every object. Those that the collection sets win.
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
        description: Its value, a text, a number, C(true) or C(false). Not for secrets.
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
      - A password does not belong into a flag or a URL. Kubernetes puts a variable of O(env), which may come from a
        Secret, in the place of C($(NAME)).
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
    default: [prometheus_replica, rule_replica]
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
