# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How modules wait for what they applied."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of ``_WAIT`` in ``_thanos/task.py``."""

    DOCUMENTATION = r"""
options:
  wait:
    description:
      - Wait until every workload runs what was applied. Waiting stops early at what time will not mend, as a missing
        image, an exceeded quota or a crash loop; the error quotes the events and the last log lines of the pods.
      - With V(false) nothing is waited for, so that all tiers are rolled at once, and a running ruler loads changed
        rules no sooner than in a run that waits. Data is not at risk from that.
    type: bool
    default: true
  wait_timeout:
    description:
      - Seconds after which waiting is given up, in all; at least 1. A server that fails in between is retried as long.
    type: int
    default: 600
"""
