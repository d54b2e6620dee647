# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Role that a run needs, generated from the tables of the code that runs."""

from __future__ import annotations

import json
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
    stack = parse({"cluster": "any", "instances": instances})
    ctx = Context(stack, Facts())
    manifests = [m for i in stack.instances for m in TIERS[i.tier].render(i, ctx)]
    manifests.append({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "objstore"}})
    verbs: dict[tuple[str, str], set[str]] = {}
    for rule in (*rules_for(manifests, wait=True, proxy=True, claims=True, reads=READS), *RULES):
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                verbs.setdefault((group, resource), set()).update(rule["verbs"])
    grouped: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (group, resource), names in sorted(verbs.items()):
        grouped.setdefault((group, tuple(sorted(names))), []).append(resource)
    return [{"apiGroups": [g], "resources": r, "verbs": list(v)} for (g, v), r in grouped.items()]


def text() -> str:
    """The Role of all tiers, as docs/rights.md shows it."""
    lines = ["apiVersion: rbac.authorization.k8s.io/v1", "kind: Role", "metadata: {name: thanos-deployer}", "rules:"]
    for rule in rules(ALL_TIERS):
        lines.append(f"  - apiGroups: {json.dumps(rule['apiGroups'])}")
        lines.append(f"    resources: [{', '.join(rule['resources'])}]")
        lines.append(f"    verbs: [{', '.join(rule['verbs'])}]")
    return "\n".join(lines) + "\n"
