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
from .._thanos.external_labels import as_read
from .._thanos.model import Context, Facts, Instance, Stack
from .._thanos.rule_files import problems_of, rule_files
from .._thanos.rule_sets import RuleSet, rule_set
from .._thanos.tier import THANOS, Duty, Program, Tier
from .._thanos.volumes import Small, too_small
from .._thanos.workloads import Workload


@dataclass(frozen=True)
class Promise:
    """What is promised of the pods of one workload.

    ``images`` are by container name, ``labels`` the external labels by pod name, empty for what has none.
    """

    workload: Workload
    images: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

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

    def version(self, program: Program = THANOS) -> str:
        """A program's version; empty with an image of the user's own, whose tag need not be the version."""
        return "" if self.instance[program.image] else str(self.instance[program.version]).removeprefix("v")

    def common_labels(self) -> dict[str, str]:
        """The external labels that all replicas share."""
        first = next(iter(self.labels.values()), {})
        return {name: value for name, value in first.items() if name != self.instance["replica_label"]}


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
    template = tier.external_labels(instance, context.stack.cluster) if tier.external_labels else {}
    promises = []
    for workload in context.stack.workloads(instance):
        pods = manifests[workload.kind, workload.name]["spec"]["template"]["spec"]
        images = {container["name"]: container["image"] for container in pods["containers"]}
        writes = workload.duties & {Duty.SCRAPE, Duty.RULES, Duty.UPLOAD}
        own = {pod: as_read(template, pod) for pod in workload.pod_names if writes}
        promises.append(Promise(workload, images, own if template else {}))
    return promises


def scrape_interval(instance: Instance) -> float | None:
    """Seconds between the samples that there are in any case; None without any job.

    The default jobs always have targets, Prometheus itself among them. Of the user's any may have none, so that it is
    the least frequent one that can be counted on.
    """
    default = instance["scrape_interval"]
    own = [str(job.get("scrape_interval") or default) for job in instance["scrape_configs"]]
    return max(map(seconds, [default] if instance["default_scrape"] else own), default=None)
