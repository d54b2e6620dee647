# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rights that a run over a host needs, generated from the tables of the code that runs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .._kubernetes.kinds import KINDS, WAIT_KINDS
from .._thanos.model import Context, Facts, Stack
from .._thanos.spec import parse
from .._thanos.tier import Duty
from .._verify.ask import RULES
from .arguments import common, instances

Rules = list[dict[str, list[str]]]
# What gather reads beside the kinds that are rendered, in the namespace; the rest it can do without.
READS = ("Deployment", "StatefulSet", "CronJob")
# Which ingestors are ready, and the restarts by which they are replaced and drained.
RING_RULES: tuple[Mapping[str, tuple[str, ...]], ...] = (
    {"apiGroups": ("discovery.k8s.io",), "resources": ("endpointslices",), "verbs": ("list",)},
    {"apiGroups": ("",), "resources": ("pods",), "verbs": ("delete",)},
)
# What a run does without, and says so in a warning: kinds, verbs. docs/rights.md says what each of them adds.
OPTIONAL = (
    (("Namespace",), ("create", "delete", "get")),
    (("StorageClass",), ("list",)),
    (("Node",), ("list",)),
    (("Service",), ("list",)),
    (("Deployment", "StatefulSet", "CronJob", "Pod"), ("list",)),
    (("Secret", "ConfigMap"), ("get",)),
    (("CustomResourceDefinition",), ("get",)),
)
_API = "rbac.authorization.k8s.io/v1"
_WRITE = ("create", "delete", "get", "list", "patch")


def role(variables: Mapping[str, Any]) -> dict[str, Any]:
    """The Role in the stack's namespace that deploy, verify and teardown of a host need. Raises InvalidInput."""
    stack = _stack(variables)
    metadata = {"name": f"{stack.name}-deployer", "namespace": stack.namespace}
    return {"apiVersion": _API, "kind": "Role", "metadata": metadata, "rules": rules(stack)}


def cluster_role(variables: Mapping[str, Any]) -> dict[str, Any]:
    """The ClusterRole of what a run over a host can do without. Raises InvalidInput."""
    stack = _stack(variables)
    metadata = {"name": f"{stack.name}-deployer-{stack.namespace}"}
    verbs: _Verbs = {}
    for names, wanted in OPTIONAL:
        for name in names:
            verbs.setdefault((KINDS[name].group, KINDS[name].plural), set()).update(wanted)
    return {"apiVersion": _API, "kind": "ClusterRole", "metadata": metadata, "rules": _grouped(verbs)}


def rules(stack: Stack) -> Rules:
    """The rules of the Role that deploy, verify and teardown of a stack need, also of instances that shall go."""
    ctx = Context(stack, Facts())
    manifests = [m for i in (*stack.instances, *stack.absent) for m in i.tier.render(i, ctx)]
    manifests.append({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "objstore"}})
    verbs: _Verbs = {}
    everything = [w for i in (*stack.instances, *stack.absent) for w in stack.workloads(i)]
    for kind in {workload.beside.kind for workload in everything if workload.beside}:
        verbs[KINDS[kind].group, KINDS[kind].plural] = {"get", "list", "patch"}
    rings = RING_RULES if stack.doing(Duty.INGEST) else ()
    for rule in (*rules_for(manifests, wait=True, proxy=True, claims=True, reads=READS), *RULES, *rings):
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                verbs.setdefault((group, resource), set()).update(rule["verbs"])
    return _grouped(verbs)


def rules_for(
    manifests: Iterable[Mapping[str, Any]],
    *,
    wait: bool = True,
    proxy: bool = False,
    claims: bool = False,
    reads: Iterable[str] = (),
) -> Rules:
    """The rules of the one namespaced Role that a run over these manifests needs, as a Role states them.

    With ``wait`` the gates' reads are included, with ``proxy`` requests to pods through the API server (GET and
    POST), with ``claims`` a teardown's deletion of claims; ``reads`` names further kinds that are got and listed.
    Whoever makes a Role must hold what it grants, so the rules of rendered Roles are part of the result. Namespaces
    are cluster-scoped and need no right here: reading the own one is tried and may be forbidden.
    """
    items = list(manifests)
    verbs: _Verbs = {("", "configmaps"): set(_WRITE)}
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


_Verbs = dict[tuple[str, str], set[str]]


def _grouped(verbs: _Verbs) -> Rules:
    """Resources of one group with the same verbs in one rule."""
    grouped: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (group, resource), names in sorted(verbs.items()):
        grouped.setdefault((group, tuple(sorted(names))), []).append(resource)
    return [{"apiGroups": [g], "resources": r, "verbs": list(v)} for (g, v), r in grouped.items()]


def _stack(variables: Mapping[str, Any]) -> Stack:
    plain = {"name": "thanos_stack", "namespace": "thanos_namespace", "version": "thanos_version"}
    given = {option: str(variables[name]) for option, name in plain.items() if variables.get(name)}
    # The cluster's name is in labels only, of which no right depends.
    return parse({**given, "cluster": "any", "common": common(variables), "instances": instances(variables)})
