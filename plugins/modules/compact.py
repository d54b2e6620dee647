#!/usr/bin/python
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: compact
short_description: Deploy a Thanos compactor
version_added: 0.1.0
description:
  - >-
    A compactor compacts, downsamples and expires the blocks of a bucket. There must be one only for each bucket;
    a second one on the same bucket is refused, wherever in the cluster it is and whoever made it, as far as its
    image, arguments and configuration tell.
  - Other instances of the stack are not touched; neighbours are found by their labelled Services.
author: The o11y.thanos contributors (@o11y-thanos)
extends_documentation_fragment:
  - o11y.thanos.tier
  - o11y.thanos.tier.names
  - o11y.thanos.tier.stack
  - o11y.thanos.tier.objstores
  - o11y.thanos.tier.storage
  - o11y.thanos.apply
  - o11y.thanos.kubernetes
  - o11y.thanos.attributes
options:
  storage:
    description:
      - Claim of every pod. Neither value can be changed later, as Kubernetes does not allow it.
    type: dict
    default: {}
    suboptions:
      size:
        description: Size of the claim.
        type: str
        default: 20Gi
      storage_class:
        description: Storage class of the claim; by default the cluster's default class.
        type: str
  retention_resolution_raw:
    description:
      - How long raw samples are kept; V(0d) is for ever. At least V(40h) with O(downsampling).
    type: str
    default: 0d
  retention_resolution_5m:
    description:
      - How long samples of 5 minutes are kept; V(0d) is for ever. With O(downsampling) at least V(10d), and as long as
        O(retention_resolution_raw).
    type: str
    default: 0d
  retention_resolution_1h:
    description:
      - How long samples of 1 hour are kept; V(0d) is for ever.
    type: str
    default: 0d
  delete_delay:
    description:
      - How long a block is only marked before it is deleted.
    type: str
    default: 48h
  consistency_delay:
    description:
      - Age below which blocks are left alone.
    type: str
    default: 30m
  wait_interval:
    description:
      - Pause between two iterations.
    type: str
    default: 5m
  concurrency:
    description:
      - Groups of blocks that are compacted at once. One core for each.
    type: int
    default: 1
  downsampling:
    description:
      - Whether samples of 5 minutes and 1 hour are made.
    type: bool
    default: true
  downsample_concurrency:
    description:
      - Blocks that are downsampled at once.
    type: int
    default: 1
  deduplication_func:
    description:
      - How overlapping blocks of replicas are merged. Without it only equal samples are.
    type: str
    choices: [penalty]
  deduplication_replica_labels:
    description:
      - Labels that tell replicas apart and are removed when their blocks are merged. Turns vertical compaction on.
    type: list
    elements: str
  paused:
    description:
      - Whether the compactor is stopped, so that a bucket can be repaired by hand.
    type: bool
    default: false
  paused_reason:
    description:
      - Why it is stopped; required with O(paused), and written beside it for whoever finds it.
    type: str
seealso:
  - module: o11y.thanos.stack
  - module: o11y.thanos.verify
"""

EXAMPLES = r"""
- name: Keep raw samples for 30 days and the rest for longer
  o11y.thanos.compact:
    cluster: eu
    retention_resolution_raw: 30d
    retention_resolution_5m: 90d
    retention_resolution_1h: 1y

- name: Stop the compactor while a block is repaired
  o11y.thanos.compact:
    cluster: eu
    paused: true
    paused_reason: overlapping blocks of 3 May are being repaired
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
      sample: thanos-compact
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
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers.compact import TIER


def main() -> None:
    """Deploy one instance of the tier."""
    run(tier(TIER))


if __name__ == "__main__":
    main()
