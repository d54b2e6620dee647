#!/usr/bin/python
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: stack
short_description: Deploy a whole Thanos stack in one task
version_added: 0.1.0
description:
  - Deploys every instance of a Thanos stack in one cluster. Everything that can be known to be wrong is told, all
    mistakes at once, before anything is changed.
  - Objects are applied by server-side apply, and only those that differ. What somebody else changed by hand in a field
    that the stack sets is restored and reported. Objects that are not the stack's are never taken over.
  - Claims, buckets and the namespace are never deleted unless the option that names them says so.
author: The o11y.thanos contributors (@o11y-thanos)
extends_documentation_fragment:
  - o11y.thanos.tier.stack
  - o11y.thanos.tier.sources
  - o11y.thanos.tier.objstores
  - o11y.thanos.apply
  - o11y.thanos.kubernetes
  - o11y.thanos.attributes
options:
  name:
    description:
      - Name of the stack. Objects are named C(<name>-<instance>).
    type: str
    default: thanos
    aliases: [stack]
  version:
    description:
      - Thanos version of all instances; an instance's own C(version) wins.
    type: str
  common:
    description:
      - Options that every tier takes, for all instances; an instance's own value wins, and mappings of labels and
        annotations are joined. See the options of M(o11y.thanos.query) up to C(service).
    type: dict
  instances:
    description:
      - Name of the instance to its options, which are those of its tier's module.
      - The name of a tier stands for that tier; an instance of any other name says its C(tier).
      - An instance that is not listed is left alone unless O(purge) is set; one with C(state=absent) is removed.
    type: dict
    required: true
  purge:
    description:
      - Whether stateless instances that are not listed are removed. Stateful ones are named in a warning; they are
        removed by C(state=absent) only.
    type: bool
    default: false
  state:
    description:
      - V(absent) removes the whole stack, whatever O(instances) says.
    type: str
    choices: [present, absent]
    default: present
  delete_claims:
    description:
      - With O(state=absent), whether the claims of the stack are deleted, and what they hold with them.
    type: bool
    default: false
  delete_secrets:
    description:
      - With O(state=absent), whether the Secrets that M(o11y.thanos.objstore_secret), M(o11y.thanos.secret) and
        M(o11y.thanos.pki) made for the stack are deleted, apart from CAs.
    type: bool
    default: false
  delete_authorities:
    description:
      - With O(state=absent), whether the CAs that M(o11y.thanos.pki) keeps are deleted. O(delete_secrets) leaves them,
        since every cluster that trusts them would have to be given new ones.
    type: bool
    default: false
  delete_namespace:
    description:
      - With O(state=absent), whether the namespace is deleted, and everything in it, whoever made it.
    type: bool
    default: false
seealso:
  - module: o11y.thanos.objstore_secret
  - module: o11y.thanos.verify
"""

EXAMPLES = r"""
- name: The five tiers with their defaults
  o11y.thanos.stack:
    cluster: eu
    instances: {sidecar: {}, store: {}, query: {}, compact: {}, ruler: {}}

- name: Two queriers, of which one also reads another cluster
  o11y.thanos.stack:
    cluster: eu
    common:
      log_format: json
    instances:
      query: {replicas: 3}
      query-all:
        tier: query
        endpoints: ["dns+thanos.us.example:10901"]

- name: Remove the stack, and keep claims, Secrets, bucket and namespace
  o11y.thanos.stack:
    cluster: eu
    state: absent
    instances: {}
"""

RETURN = r"""
objects:
  description: What was done with each object of the stack.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: Kind of the object.
      type: str
      sample: Deployment
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
      sample: unchanged
cluster_uid:
  description:
    - Uid of the namespace C(kube-system), which tells clusters apart; empty where it may not be read.
  returned: success
  type: str
  sample: 0b0aa5ee-3a33-4f0d-9d3b-2d8a0f0a3f43
published:
  description:
    - Address, C(host:port), at which other clusters reach each querier that has
      O(o11y.thanos.query#module:publish), by its name. One whose address nobody knows yet is left out; with O(wait)
      the task waits for it.
  returned: success
  type: dict
  sample: {query: "203.0.113.7:10901"}
"""

from ansible_collections.o11y.thanos.plugins.module_utils._ansible import run
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.task import STACK


def main() -> None:
    """Deploy or remove a whole stack."""
    run(STACK)


if __name__ == "__main__":
    main()
