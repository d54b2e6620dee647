# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order in which a stack's objects reach the cluster: phases, each with the gate that must open before the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from .._kubernetes.manifest import Ref, ref_of
from .._kubernetes.phases import Gate, Phase
from .._kubernetes.readiness import rollout_gate
from .existing import borrows_of, is_theirs, others
from .existing_gate import existing_gate
from .model import Context, Facts, Manifest, Stack
from .owners import values_of
from .parts.beside import borrowed, fields_for
from .parts.objects import labels
from .publish import LOAD_BALANCER, published, service_name
from .published_gate import published_gate
from .ring_phases import Rollout
from .rule_files import rule_files
from .rules_gate import Ruler, rules_gate
from .tier import STARTS, Duty
from .workloads import KINDS, Workload


def phases(stack: Stack, facts: Facts) -> list[Phase]:
    """Configuration; then new workloads, then existing ones tier by tier; then the rulers' reload.

    Hashrings are brought in at the place of their tier, with whatever must not come before or go after them.
    """
    ctx = Context(stack, facts)
    rendered = [(i, m) for i in stack.instances for m in i.tier.render(i, ctx)]
    rollouts = [Rollout(i, ctx, [m for each, m in rendered if each is i]) for i in stack.doing(Duty.ROUTE)]
    held = [m for rollout in rollouts for m in rollout.late]
    free = [(i, m) for i, m in rendered if m not in held]
    settings = [m for _unused, m in free if m["kind"] not in KINDS]
    workloads = [(i, m) for i, m in free if m["kind"] in KINDS]
    result = [Phase("configuration", settings)]
    for name in STARTS:
        new = [m for i, m in workloads if i.tier.start == name and m["metadata"]["name"] not in facts.workloads]
        if new:
            result.append(_rolled(name, new))
    beside = [i for i in stack.instances if borrows_of(i)]
    if beside:
        gate = existing_gate(stack.namespace, [each for i in beside for each in borrows_of(i)])
        fields = [each for i in beside for each in borrowed(i, ctx)]
        result.append(Phase("sidecars beside others", gate=gate, borrows=fields))
    for tier in sorted({i.tier for i in stack.instances}, key=lambda tier: tier.order):
        existing = [(i, m) for i, m in workloads if i.tier is tier and m["metadata"]["name"] in facts.workloads]
        for rollout in (each for each in rollouts if each.instance.tier is tier):
            result += rollout.phases([m for i, m in existing if i is rollout.instance])
        others = [m for i, m in existing if Duty.ROUTE not in i.tier.duties]
        if others:
            result.append(_rolled(tier.name, others))
    rulers = [w for i in stack.doing(Duty.RULES) for w in stack.workloads(i) if Duty.RULES in w.duties and w.replicas]
    if rulers:
        # A ConfigMap with rules that nobody wants any longer would be loaded until it is gone.
        result.append(Phase("rules", [], _reloaded(rulers, stack, facts), prunes=True))
    balanced = [service_name(i.fullname) for i in published(stack, LOAD_BALANCER)]
    if balanced:
        result.append(Phase("address", [], published_gate(stack.namespace, balanced)))
    declared = [(w.kind, w.name) for i in stack.instances for w in stack.workloads(i) if not w.beside]
    _complete([m for _unused, m in rendered], declared, result)
    return result


def lost_labels(stack: Stack) -> list[str]:
    """Sentences about labels that the collection sets itself, so that those of the user are nowhere.

    They are no mistakes: labels that a team gives to everything may be among them.
    """
    return [
        f"instances.{instance.name}.{option}.{name} has no effect: the collection sets this label itself."
        for instance in stack.instances
        for ours in (labels(instance, stack.name),)
        # The pods of somebody else's Prometheus get none of them; that is told where options without effect are.
        for option in (("labels",) if instance.options.get("prometheus") else ("labels", "pod_labels"))
        for name, value in instance[option].items()
        if ours.get(name, value) != value
    ]


def owners_part(stack: Stack, facts: Facts) -> list[str]:
    """Sentences about sidecars that are for the owner of a Prometheus to add, each with the values that do it."""
    ctx, told = Context(stack, facts), []
    for instance in stack.instances:
        known = {(each.kind, each.name): each for each in others(instance)}
        for workload in (w for w in stack.workloads(instance) if w.beside):
            existing = known.get((workload.beside.kind, workload.beside.name)) if workload.beside else None
            if existing and existing.sidecar != "theirs" and not existing.missing and is_theirs(instance, existing):
                where, values = values_of(existing, fields_for(workload, ctx))
                told.append(
                    f"the {existing.kind} {stack.namespace}/{existing.name} has no sidecar yet, and is deployed with "
                    f"{existing.tool}. Add this to {where}: {values} - or set prometheus.apply_beside_owner of "
                    f"{instance.name}, and the fields are added to the object, where {existing.tool} may undo it"
                )
    return told


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
