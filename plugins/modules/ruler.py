#!/usr/bin/python
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ruler
short_description: Deploy a Thanos ruler
version_added: 0.1.0
description:
  - >-
    A ruler evaluates rules over a querier and sends alerts to Alertmanager. Rules are checked before anything is
    applied. A rule file that is added or changed is a reload and not a restart: the task waits until the ruler's
    API shows the new set.
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
        default: 5Gi
      storage_class:
        description: Storage class of the claim; by default the cluster's default class.
        type: str
  rules:
    description:
      - Rule files by name; each a mapping with C(groups), or the text of a file.
      - Ansible takes C({{ $labels.instance }}) for a template of its own, which fails. Write C(!unsafe) before a text
        that contains it, or keep the rules in files and name them in O(rule_files), which Ansible does not look into.
      - Expressions and templates are judged by C(promtool) where it is on the PATH of the host where the task runs. A
        warning tells where it is not; then what is wrong with them shows when a ruler refuses to load them.
    type: dict
  rule_files:
    description:
      - Paths or patterns of rule files on the host where the task runs, which is the controller unless it is delegated.
    type: list
    elements: path
  rule_config_maps:
    description:
      - ConfigMaps of the namespace whose keys are rule files. Their content is checked and copied at each run.
    type: list
    elements: str
  alertmanagers:
    description:
      - URLs of the Alertmanagers, each with its scheme, which C(dns+) or C(dnssrv+) may precede.
    type: list
    elements: str
  query:
    description:
      - Addresses of the queriers that answer the rules; by default those of the stack, also those that run already and
        are not deployed by the same task.
    type: list
    elements: str
  external_labels:
    description:
      - Further labels of every series and alert of the ruler. Their values arrive as they are written here, C($)
        included. Only the one named O(replica_label), which has to differ on each replica, must contain C($(POD_NAME)),
        for which the pod's name is put in.
    type: dict
  replica_label:
    description:
      - Label that holds the pod's name. It is taken off alerts, so that replicas send the same ones.
    type: str
    default: rule_replica
  evaluation_interval:
    description:
      - How often rules are evaluated whose group says nothing else.
    type: str
    default: 30s
  resend_delay:
    description:
      - Least time between two sendings of a firing alert.
    type: str
    default: 1m
  retention:
    description:
      - How long blocks are kept in the pod.
    type: str
    default: 48h
  alert_query_url:
    description:
      - Address of the querier as people reach it, for the links in alerts.
    type: str
  test_alert:
    description:
      - Whether an alert that always fires is added, so that C(verify) can see it arrive in Alertmanager.
    type: bool
    default: false
seealso:
  - module: o11y.thanos.stack
  - module: o11y.thanos.verify
"""

EXAMPLES = r"""
- name: Evaluate one rule and send alerts
  o11y.thanos.ruler:
    cluster: eu
    alertmanagers: ["http://alertmanager.monitoring.svc:9093"]
    rules:
      availability.yaml:
        groups:
          - name: availability
            rules:
              - alert: TargetDown
                expr: up == 0
                for: 5m
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
      sample: thanos-ruler
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
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers.ruler import TIER


def main() -> None:
    """Deploy one instance of the tier."""
    run(tier(TIER))


if __name__ == "__main__":
    main()
