#!/usr/bin/python
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: verify
short_description: Ask a running Thanos stack whether it works
version_added: 0.1.0
description:
  - Asks every replica of every tier, through the API server, and compares the answers with what the options promise.
    Takes the options that M(o11y.thanos.stack) was given.
  - Each line of the report is pass, fail, or pending with its reason (a fresh Prometheus has nothing to upload for
    hours). A single fail fails the task, with the whole report as its message.
  - Only reads. It writes nothing to the cluster, to a bucket or to an Alertmanager, in check mode or not.
author: The o11y.thanos contributors (@o11y-thanos)
extends_documentation_fragment:
  - o11y.thanos.tier.stack
  - o11y.thanos.tier.sources
  - o11y.thanos.kubernetes
  - o11y.thanos.attributes
options:
  name:
    description:
      - Name of the stack.
    type: str
    default: thanos
    aliases: [stack]
  version:
    description:
      - Thanos version of all instances; an instance's own C(version) wins.
    type: str
  common:
    description:
      - Options for all instances, as in M(o11y.thanos.stack).
    type: dict
  instances:
    description:
      - Name of the instance to its options, as in M(o11y.thanos.stack). Those that are not listed are not looked at.
    type: dict
    required: true
  checks:
    description:
      - The checks to run; all of them when it is not given.
      - V(pods), every replica is there, ready, and runs the image and version asked for; no Prometheus refuses its
        configuration.
      - V(endpoints), every StoreAPI is known to every querier, with its type and labels and without an error.
      - V(fresh), every querier has samples of every Prometheus that are younger than two scrape intervals, those of
        C(scrape_interval), or without C(default_scrape) of the least frequent job.
      - V(dedup), a series shows once when deduplicated, and once per replica when not.
      - V(clean), no query came with a warning.
      - V(cache), every query frontend answers a range query the second time from its cache.
      - V(history), every store gateway serves a block of its bucket.
      - V(bucket), every bucket UI has read its bucket, and not too long ago.
      - V(compactor), exactly one, which has finished an iteration and has not halted.
      - V(rules), every ruler has loaded exactly the rules given, and evaluates them.
      - V(alerts), the test alert of rulers with C(test_alert) fires and is seen in Alertmanager.
      - V(upload), every Prometheus, ruler and ingestor uploads its blocks.
      - V(hashrings), every router has loaded the hashrings that the cluster has, whose members are ready.
      - V(tenants), every tenant with a hashring of its name, or in C(expect_tenants), has samples of the last minutes.
    type: list
    elements: str
    choices:
      - pods
      - endpoints
      - fresh
      - dedup
      - clean
      - cache
      - history
      - bucket
      - compactor
      - rules
      - alerts
      - upload
      - hashrings
      - tenants
  timeout:
    description:
      - Seconds during which what fails, or is about to settle, is asked again. V(0) asks once.
    type: int
    default: 120
seealso:
  - module: o11y.thanos.stack
  - module: o11y.thanos.show
"""

EXAMPLES = r"""
- name: Everything about the stack
  o11y.thanos.verify:
    cluster: eu
    instances: {sidecar: {}, store: {}, query: {}, compact: {}, ruler: {}}
  register: verified

- name: Show the report
  o11y.thanos.show:
    lines: "{{ verified.table }}"

- name: Only what a dashboard needs, and now
  o11y.thanos.verify:
    cluster: eu
    instances: {sidecar: {}, query: {}}
    checks: [endpoints, fresh]
    timeout: 0
"""

RETURN = r"""
report:
  description: What was found, for programs.
  returned: when the cluster could be asked
  type: dict
  contains:
    summary:
      description: Number of lines by status, and what was looked at.
      type: dict
      sample: {pass: 9, pending: 1, fail: 0}
    lines:
      description: The lines of the report. What does not apply is empty.
      type: list
      elements: dict
      contains:
        status:
          description: One of V(pass), V(pending) and V(fail).
          type: str
          sample: fail
        check:
          description: The check that the line belongs to.
          type: str
          sample: endpoints
        subject:
          description: The pod, instance or address that it is about.
          type: str
          sample: thanos-query-5d9c7b-x2v4q
        message:
          description: The verdict in words.
          type: str
          sample: thanos-store-0 is not known to the querier
        expected:
          description: What should be.
          type: str
          sample: a StoreAPI of type store at 10.244.1.7:10901, without error
        found:
          description: What is, or further evidence of a pass.
          type: str
          sample: is not known to the querier
        next_step:
          description: Where to look.
          type: str
          sample: kubectl -n monitoring logs thanos-query-5d9c7b-x2v4q --all-containers
        option:
          description: The options that bear on it.
          type: str
          sample: "query: endpoints"
table:
  description: The same for people, one element for each line of text.
  returned: when the cluster could be asked
  type: list
  elements: str
  sample:
    - "  pass     clean       6 queries without a warning"
addresses:
  description: The web pages that a NodePort or a load balancer publishes.
  returned: when the cluster could be asked
  type: list
  elements: dict
  contains:
    page:
      description: What is there.
      type: str
      sample: Query UI
    url:
      description: Where it is.
      type: str
      sample: http://10.99.0.11:30902
"""

from ansible_collections.o11y.thanos.plugins.module_utils._ansible import run
from ansible_collections.o11y.thanos.plugins.module_utils._verify.task import VERIFY


def main() -> None:
    """Ask, and fail the task if any line fails."""
    run(VERIFY)


if __name__ == "__main__":
    main()
