# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must be true of a running stack, derived from what the user asked for. Pure.

Images are read from the manifests that the tiers render, replicas from the workloads that these are made of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .._errors import InvalidInput
from .._options.forms import seconds
from .._thanos.existing import is_theirs, of_workload
from .._thanos.external_labels import as_read
from .._thanos.model import Context, Existing, Facts, Instance, Stack
from .._thanos.parts.pod_template import image
from .._thanos.rule_files import problems_of, rule_files
from .._thanos.rule_sets import RuleSet, rule_set
from .._thanos.tier import THANOS, Duty, Program, Tier
from .._thanos.volumes import Small, too_small
from .._thanos.workloads import Workload


@dataclass(frozen=True)
class Promise:
    """What is promised of the pods of one workload.

    ``images`` are by container name, ``labels`` the external labels by pod name, empty for what has none. ``interval``
    are the seconds between the samples that a Prometheus has in any case, None without any; ``shards`` are those that
    its pods are split into.
    """

    workload: Workload
    images: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    interval: float | None = None
    shards: int = 1

    @property
    def instance(self) -> Instance:
        """The instance that it belongs to."""
        return self.workload.instance

    @property
    def tier(self) -> Tier:
        """The tier of the instance."""
        return self.instance.tier

    @property
    def name(self) -> str:
        """What the report calls it."""
        return self.workload.title

    @property
    def replicas(self) -> int:
        """How many pods there are."""
        return self.workload.replicas

    @property
    def copies(self) -> int:
        """How many pods have the samples of one target."""
        return self.replicas // self.shards

    @property
    def programs(self) -> tuple[Program, ...]:
        """The programs in its pods that the stack answers for."""
        beside, programs = self.workload.beside, self.tier.questions.programs
        ports = {channel.name for channel in self.workload.channels}
        there = [program for program in programs if program.port in ports]
        return tuple(program for program in there if not beside or program.name in beside.programs)

    def version(self, program: Program = THANOS) -> str:
        """A program's version; empty with an image of the user's own, whose tag need not be the version."""
        return "" if self.instance[program.image] else str(self.instance[program.version]).removeprefix("v")

    def common_labels(self) -> dict[str, str]:
        """The external labels that all replicas share."""
        first, apart = next(iter(self.labels.values()), {}), self.instance["replica_label"]
        return {
            name: value
            for name, value in first.items()
            if name != apart and all(labels.get(name) == value for labels in self.labels.values())
        }


@dataclass(frozen=True)
class Expectations:
    """Everything that the checks compare with; ``rule_sets`` by instance name, ``small`` claims that are too small."""

    stack: str
    namespace: str
    cluster: str
    promises: tuple[Promise, ...] = ()
    rule_sets: Mapping[str, RuleSet] = field(default_factory=dict)
    small: tuple[Small, ...] = ()

    def doing(self, *duties: Duty) -> list[Promise]:
        """Those of workloads with one of these duties."""
        return [promise for promise in self.promises if promise.workload.duties.intersection(duties)]

    def versions(self) -> str:
        """The Thanos versions in use, ``0.42.4``."""
        return ", ".join(sorted(filter(None, {promise.version() for promise in self.promises})))


def expectations(stack: Stack, facts: Facts | None = None) -> Expectations:
    """What ``stack`` promises. ``facts.rule_sources`` holds the rule files that are not inline.

    Raises InvalidInput where these are not rule files.
    """
    context = Context(stack, facts or Facts())
    sources = context.facts.rule_sources
    problems = [p for name in sources for p in problems_of(sources[name], f"instances.{name}.rule_files")]
    if problems:
        raise InvalidInput(problems)
    return Expectations(
        stack=stack.name,
        namespace=stack.namespace,
        cluster=stack.cluster,
        promises=tuple(p for instance in stack.instances for p in _promises(instance, context)),
        rule_sets={i.name: rule_set(rule_files(i, context.facts)) for i in stack.doing(Duty.RULES)},
        small=tuple(too_small(stack, context.facts.volumes)),
    )


def _promises(instance: Instance, context: Context) -> list[Promise]:
    tier = instance.tier
    manifests = {(m["kind"], m["metadata"]["name"]): m for m in tier.render(instance, context)}
    promises = []
    for workload in context.stack.workloads(instance):
        if workload.beside:
            promises.append(_beside(workload))
            continue
        pods = manifests[workload.kind, workload.name]["spec"]["template"]["spec"]
        images = {container["name"]: container["image"] for container in pods["containers"]}
        seen = workload.instance
        template = tier.external_labels(seen, context.stack.cluster) if tier.external_labels else {}
        writes = workload.duties & {Duty.SCRAPE, Duty.RULES, Duty.UPLOAD}
        own = {pod: as_read(template, pod) for pod in workload.pod_names if writes}
        interval = _scrape_interval(instance) if Duty.SCRAPE in workload.duties else None
        promises.append(Promise(workload, images, own if template else {}, interval))
    return promises


def _beside(workload: Workload) -> Promise:
    """What is promised of a Prometheus of somebody else's: what it told is what it shall be."""
    existing = of_workload(workload) or Existing("", "")
    images = {} if is_theirs(workload.instance, existing) else {workload.container: image(workload.instance)}
    labels = {replica.pod: replica.labels for replica in existing.told}
    interval = max((seconds(replica.interval) for replica in existing.told if replica.interval), default=None)
    return Promise(workload, images, labels, interval, existing.shards)


def _scrape_interval(instance: Instance) -> float | None:
    """Seconds between the samples that there are in any case; None without any job.

    The default jobs always have targets, Prometheus itself among them. Of the user's any may have none, so that it is
    the least frequent one that can be counted on.
    """
    default = instance["scrape_interval"]
    own = [str(job.get("scrape_interval") or default) for job in instance["scrape_configs"]]
    return max(map(seconds, [default] if instance["default_scrape"] else own), default=None)
