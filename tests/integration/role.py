# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Role that a run needs, generated from the tables of the code that runs."""

from __future__ import annotations

from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.kinds import rules_for
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Context, Facts
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers import TIERS
from ansible_collections.o11y.thanos.plugins.module_utils._verify.ask import RULES

ALL_TIERS: dict[str, Any] = {tier: {} for tier in TIERS}
# What gather reads beside the kinds that are rendered, in the namespace; the rest it can do without.
READS = ("CronJob",)


def rules(instances: dict[str, Any]) -> list[dict[str, Any]]:
    """The rules of the namespaced Role that deploy, verify and teardown of these instances need."""
    stack = parse({"cluster": "any", "instances": instances})[0]
    ctx = Context(stack, Facts())
    manifests = [m for i in stack.instances for m in TIERS[i.tier].render(i, ctx)]
    manifests.append({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "objstore"}})
    result = rules_for(manifests, wait=True, proxy=True, claims=True, reads=READS)
    extra = [
        {"apiGroups": list(r["apiGroups"]), "resources": list(r["resources"]), "verbs": list(r["verbs"])} for r in RULES
    ]
    return [*result, *extra]
