#!/usr/bin/python
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bucket_web
short_description: Deploy the web page of a bucket
version_added: 0.1.0
description:
  - >-
    The bucket UI shows the blocks of a bucket: their times, labels, resolutions and compaction levels. It only reads,
    with the credentials of the access role V(reader).
  - Other instances of the stack are not touched.
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
      - Number of pods.
    type: int
    default: 1
  label:
    description:
      - External label by whose values the blocks are grouped.
    type: str
  refresh:
    description:
      - How often the bucket is looked through. More often than C(5m) costs requests, and money where they do.
    type: str
    default: 30m
  timeout:
    description:
      - Longest time of one look. Shorter than O(refresh).
    type: str
    default: 5m
  external_prefix:
    description:
      - Path under which a reverse proxy shows the page. The page is served under it, too, unless O(route_prefix) says
        otherwise.
    type: str
  route_prefix:
    description:
      - Path under which the page is served. V(/) is for a proxy that takes O(external_prefix) off the path.
    type: str
  prefix_header:
    description:
      - Header with the path that a proxy took off, such as C(X-Forwarded-Prefix), in the place of O(external_prefix).
        Only behind a proxy that sets it itself, for whoever may set it chooses where links lead.
    type: str
  min_time:
    description:
      - Begin of the range that is shown, as an RFC 3339 time or relative to now, such as C(-6w).
    type: str
  max_time:
    description:
      - End of the range that is shown, as O(min_time).
    type: str
seealso:
  - module: o11y.thanos.stack
  - module: o11y.thanos.verify
"""

EXAMPLES = r"""
- name: The blocks by cluster, behind a proxy that takes /bucket off the path
  o11y.thanos.bucket_web:
    cluster: eu
    label: cluster
    external_prefix: /bucket
    route_prefix: /
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
      sample: thanos-bucket-web
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
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers.bucket_web import TIER


def main() -> None:
    """Deploy one instance of the tier."""
    run(tier(TIER))


if __name__ == "__main__":
    main()
