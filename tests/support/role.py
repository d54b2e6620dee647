# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Role that a run needs, generated from the tables of the code that runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.kinds import KINDS, WAIT_KINDS
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Context, Facts
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers import TIERS
from ansible_collections.o11y.thanos.plugins.module_utils._verify.ask import RULES

ALL_TIERS: dict[str, Any] = {tier: {} for tier in TIERS}
# What gather reads beside the kinds that are rendered, in the namespace; the rest it can do without.
READS = ("CronJob",)
_WRITE = ("create", "delete", "get", "list", "patch")


def rules_for(
    manifests: Iterable[Mapping[str, Any]],
    *,
    wait: bool = True,
    proxy: bool = False,
    claims: bool = False,
    reads: Iterable[str] = (),
) -> list[dict[str, list[str]]]:
    """The rules of the one namespaced Role that a run over these manifests needs, as a Role states them.

    With ``wait`` the gates' reads are included, with ``proxy`` requests to pods through the API server (GET and
    POST), with ``claims`` a teardown's deletion of claims; ``reads`` names further kinds that are got and listed.
    Whoever makes a Role must hold what it grants, so the rules of rendered Roles are part of the result. Namespaces
    are cluster-scoped and need no right here: reading the own one is tried and may be forbidden.
    """
    items = list(manifests)
    verbs: dict[tuple[str, str], set[str]] = {("", "configmaps"): set(_WRITE)}
    for name in {item["kind"] for item in items if KINDS[item["kind"]].namespaced}:
        verbs.setdefault((KINDS[name].group, KINDS[name].plural), set()).update(_WRITE)
    for name in reads:
        verbs.setdefault((KINDS[name].group, KINDS[name].plural), set()).update(("get", "list"))
    if wait:
        for name in WAIT_KINDS:
            verbs.setdefault((KINDS[name].group, KINDS[name].plural), set()).add("list")
        verbs.setdefault(("", "pods/log"), set()).add("get")
    if claims:
        verbs.setdefault(("", "persistentvolumeclaims"), set()).update(("delete", "list"))
    if proxy:
        verbs.setdefault(("", "pods/proxy"), set()).update(("create", "get"))
    for rule in (rule for item in items if item["kind"] == "Role" for rule in item.get("rules") or ()):
        for group in rule.get("apiGroups", ()):
            for resource in rule.get("resources", ()):
                verbs.setdefault((group, resource), set()).update(rule["verbs"])
    return [
        {"apiGroups": [group], "resources": [resource], "verbs": sorted(names)}
        for (group, resource), names in sorted(verbs.items())
    ]


def rules(instances: dict[str, Any]) -> list[dict[str, Any]]:
    """The rules of the namespaced Role that deploy, verify and teardown of these instances need."""
    stack = parse({"cluster": "any", "instances": instances})
    ctx = Context(stack, Facts())
    manifests = [m for i in stack.instances for m in i.tier.render(i, ctx)]
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
