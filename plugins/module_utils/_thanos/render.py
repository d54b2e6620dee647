# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order in which a stack's objects reach the cluster: phases, each with the gate that must open before the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from .._kubernetes.manifest import Ref, ref_of
from .._kubernetes.phases import Gate, Phase
from .._kubernetes.readiness import rollout_gate
from .model import Context, Facts, Manifest, Stack
from .rule_files import rule_files
from .rules_gate import Ruler, rules_gate
from .tier import STARTS, Duty
from .workloads import KINDS, Workload


def phases(stack: Stack, facts: Facts) -> list[Phase]:
    """Configuration; then new workloads, then existing ones tier by tier; then the rulers' reload."""
    ctx = Context(stack, facts)
    rendered = [(i, m) for i in stack.instances for m in i.tier.render(i, ctx)]
    settings = [m for _unused, m in rendered if m["kind"] not in KINDS]
    workloads = [(i, m) for i, m in rendered if m["kind"] in KINDS]
    result = [Phase("configuration", settings)]
    for name in STARTS:
        new = [m for i, m in workloads if i.tier.start == name and m["metadata"]["name"] not in facts.workloads]
        if new:
            result.append(_rolled(name, new))
    for tier in sorted({i.tier for i in stack.instances}, key=lambda tier: tier.order):
        existing = [m for i, m in workloads if i.tier is tier and m["metadata"]["name"] in facts.workloads]
        if existing:
            result.append(_rolled(tier.name, existing))
    rulers = [w for i in stack.doing(Duty.RULES) for w in stack.workloads(i) if Duty.RULES in w.duties and w.replicas]
    if rulers:
        # A ConfigMap with rules that nobody wants any longer would be loaded until it is gone.
        result.append(Phase("rules", [], _reloaded(rulers, stack, facts), prunes=True))
    declared = [(w.kind, w.name) for i in stack.instances for w in stack.workloads(i)]
    _complete([m for _unused, m in rendered], declared, result)
    return result


def _complete(rendered: Iterable[Manifest], declared: Iterable[tuple[str, str]], result: Iterable[Phase]) -> None:
    """Raise ValueError unless every object is in one phase, and every declared workload is among them.

    What is in no phase would be removed from the server; what is not declared nothing would wait for or look at.
    """
    rendered = list(rendered)
    made = {(m["kind"], m["metadata"]["name"]) for m in rendered if m["kind"] in KINDS}
    if made != set(declared):
        raise ValueError(f"declared and rendered workloads differ: {sorted(made ^ set(declared))}")
    placed = Counter(ref_of(m) for phase in result for m in phase.objects)
    wrong = [ref for ref in map(ref_of, rendered) if placed[ref] != 1]
    if wrong:
        raise ValueError(f"in no phase, or in several: {', '.join(map(str, wrong))}")


def _rolled(name: str, workloads: Iterable[Manifest]) -> Phase:
    manifests = list(workloads)
    refs: list[Ref] = [ref_of(m) for m in manifests]
    return Phase(name, manifests, rollout_gate(refs))


def _reloaded(rulers: Iterable[Workload], stack: Stack, facts: Facts) -> Gate:
    expected = {w.name: Ruler(w, rule_files(w.instance, facts)) for w in rulers}
    return rules_gate(stack.namespace, expected)
