# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must be true of a running stack, derived from what the user asked for. Pure.

Replicas, images and pod names are read from the manifests that the tiers render, so that they have one source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._thanos import prometheus, rules
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.forms import seconds
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Context, Facts, Instance, Stack
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers import TIERS, ruler

STORE_API_TYPES = {"sidecar": "sidecar", "store": "store", "ruler": "rule"}


@dataclass(frozen=True)
class Workload:
    """The pods of one instance. ``pod_names`` is empty where Kubernetes chooses them (query)."""

    tier: str
    instance: str
    fullname: str
    replicas: int
    images: Mapping[str, str]
    pod_names: tuple[str, ...] = ()
    version: str = ""
    prometheus_version: str = ""


@dataclass(frozen=True)
class Labelled:
    """Pods that put external labels on what they write; ``labels`` by pod name, ``replica_label`` tells them apart."""

    workload: Workload
    labels: Mapping[str, Mapping[str, str]]
    replica_label: str

    def common(self) -> dict[str, str]:
        """The labels that all replicas share."""
        first = next(iter(self.labels.values()), {})
        return {name: value for name, value in first.items() if name != self.replica_label}

    def replica_values(self) -> dict[str, str]:
        """Value of the replica label by pod name."""
        return {pod: labels[self.replica_label] for pod, labels in self.labels.items()}


@dataclass(frozen=True)
class Prometheis(Labelled):
    """``limit`` is how old the newest sample may be, in seconds; ``scrapes`` whether there is anything to scrape."""

    limit: float = 60.0
    scrapes: bool = True


@dataclass(frozen=True)
class Rulers(Labelled):
    """``digests`` by slot; ``groups`` is every (file, group) with its number of rules."""

    digests: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[tuple[str, str], int] = field(default_factory=dict)
    alertmanagers: tuple[str, ...] = ()
    watchdog: bool = False
    interval: float = 30.0


@dataclass(frozen=True)
class Queriers:
    """``remote`` are the addresses of further endpoints, as the user wrote them."""

    workload: Workload
    remote: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stores:
    """``sync`` is how often the bucket is looked at, in seconds; ``bounded`` whether only a range of time is served."""

    workload: Workload
    sync: float = 900.0
    bounded: bool = False


@dataclass(frozen=True)
class Compactors:
    """``paused`` is the reason, empty when the compactor is to run."""

    workload: Workload
    paused: str = ""


@dataclass(frozen=True)
class Expectations:
    """Everything that the checks compare with."""

    stack: str
    namespace: str
    cluster: str
    workloads: tuple[Workload, ...] = ()
    prometheis: tuple[Prometheis, ...] = ()
    queriers: tuple[Queriers, ...] = ()
    stores: tuple[Stores, ...] = ()
    compactors: tuple[Compactors, ...] = ()
    rulers: tuple[Rulers, ...] = ()

    def versions(self) -> str:
        """The Thanos versions in use, ``0.42.4``."""
        return ", ".join(sorted({workload.version for workload in self.workloads if workload.version}))


def expectations(stack: Stack, facts: Facts | None = None) -> Expectations:
    """What ``stack`` promises. ``facts.rule_sources`` holds the rule files that are not inline."""
    context = Context(stack, facts or Facts())
    workloads = {instance.name: _workload(instance, context) for instance in stack.instances}
    return Expectations(
        stack=stack.name,
        namespace=stack.namespace,
        cluster=stack.cluster,
        workloads=tuple(workloads.values()),
        prometheis=tuple(_prometheis(i, workloads[i.name], stack.cluster) for i in stack.of("sidecar")),
        queriers=tuple(Queriers(workloads[i.name], tuple(i["endpoints"])) for i in stack.of("query")),
        stores=tuple(
            Stores(workloads[i.name], seconds(i["sync_block_duration"]), bool(i["min_time"] or i["max_time"]))
            for i in stack.of("store")
        ),
        compactors=tuple(
            Compactors(workloads[i.name], i["paused_reason"] if i["paused"] else "") for i in stack.of("compact")
        ),
        rulers=tuple(_rulers(i, workloads[i.name], context) for i in stack.of("ruler")),
    )


def _workload(instance: Instance, context: Context) -> Workload:
    rendered = TIERS[instance.tier].render(instance, context)
    manifest = next(m for m in rendered if m["kind"] == TIERS[instance.tier].kind)
    replicas = int(manifest["spec"]["replicas"])
    containers = manifest["spec"]["template"]["spec"]["containers"]
    stateful = manifest["kind"] == "StatefulSet"
    return Workload(
        tier=instance.tier,
        instance=instance.name,
        fullname=instance.fullname,
        replicas=replicas,
        images={container["name"]: container["image"] for container in containers},
        pod_names=tuple(f"{instance.fullname}-{i}" for i in range(replicas)) if stateful else (),
        # With an image of the user's own, its tag need not be the version.
        version="" if instance["image"] else instance["version"].removeprefix("v"),
        prometheus_version=_prometheus_version(instance),
    )


def _prometheus_version(instance: Instance) -> str:
    if instance.tier != "sidecar" or instance["prometheus_image"]:
        return ""
    return str(instance["prometheus_version"]).removeprefix("v")


def _labels(workload: Workload, template: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """External labels by pod name; both spellings of the pod's own name are filled in."""
    return {
        pod: {k: v.replace("${POD_NAME}", pod).replace("$(POD_NAME)", pod) for k, v in template.items()}
        for pod in workload.pod_names
    }


def _prometheis(instance: Instance, workload: Workload, cluster: str) -> Prometheis:
    # A job may scrape less often than the rest; a sample of the most frequent one is enough to be fresh.
    default = instance["scrape_interval"]
    own = [str(job.get("scrape_interval") or default) for job in instance["scrape_configs"]]
    intervals = [seconds(text) for text in [*own, *([default] if instance["default_scrape"] else [])]]
    return Prometheis(
        workload,
        _labels(workload, prometheus.external_labels(instance, cluster)),
        instance["replica_label"],
        limit=2 * min(intervals, default=seconds(default)),
        scrapes=bool(intervals),
    )


def _rulers(instance: Instance, workload: Workload, context: Context) -> Rulers:
    files = rules.rule_files(instance, context.facts)
    loaded = {name: text for slot in rules.slots(files) for name, text in slot.items()}
    return Rulers(
        workload,
        _labels(workload, ruler.external_labels(instance, context.stack.cluster)),
        instance["replica_label"],
        digests=rules.digests(files),
        groups={(name, group["name"]): len(group["rules"]) for name, text in loaded.items() for group in _groups(text)},
        alertmanagers=tuple(instance["alertmanagers"]),
        watchdog=instance["test_alert"],
        interval=seconds(instance["evaluation_interval"]),
    )


def _groups(text: str) -> list[dict[str, Any]]:
    import yaml

    groups: list[dict[str, Any]] = yaml.safe_load(text)["groups"]
    return groups
