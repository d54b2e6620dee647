# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""External labels that live objects give: those that a run changes, and those of another cluster. Pure.

What is written after a change is another stream. The labels are compared in what the run sends and what was there, so
that nothing has to be read or noted for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from .._findings import Finding, mistake
from .._kubernetes.manifest import INSTANCE_LABEL, Manifest, label_of
from .model import Stack
from .receive_tenancy import LABEL_PREFIX

# How tiers that are given their labels as arguments write one.
_FLAG = "--label="
# The labels that tell the cluster: that of what Prometheus and rulers write, and that of ingestors.
_CLUSTER = {"cluster", f"{LABEL_PREFIX}cluster"}


def changed_labels(updated: Iterable[tuple[Manifest, Manifest]]) -> list[str]:
    """A sentence for each change of labels; ``updated`` are objects of a stack as they were and as they become.

    Instances that change alike share one.
    """
    alike: dict[tuple[str, str], list[str]] = {}
    for before, after in updated:
        old, new = _labels(before), _labels(after)
        if old and new and old != new:
            names = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
            change = _shown(old, names), _shown(new, names)
            alike.setdefault(change, []).append(label_of(after, INSTANCE_LABEL) or after["metadata"]["name"])
    return [_sentence(sorted(set(instances)), *change) for change, instances in alike.items()]


def of_another_cluster(stack: Stack, live: Iterable[Manifest]) -> list[Finding]:
    """Why a stack that is there is not the one that is meant: all that it writes has the label of another cluster."""
    found = {str(labels[name]) for item in live for labels in [_labels(item)] for name in _CLUSTER & {*labels}}
    if not found or stack.cluster in found:
        return []
    what = (
        f"the stack {stack.name} in namespace {stack.namespace} writes the label of cluster "
        f"{' and '.join(map(repr, sorted(found)))}, and '{stack.cluster}' is to be removed"
    )
    advice = (
        "correct context or kubeconfig (thanos_context, thanos_kubeconfig), or where this stack is meant, set cluster "
        "(thanos_cluster) to that label"
    )
    return [mistake("cluster-other", "cluster", what, advice)]


def _sentence(instances: list[str], old: str, new: str) -> str:
    return (
        f"the external labels of {', '.join(instances)} were {old} until now, and are {new} from now on: queries show "
        "what was written until now and what comes as different series, and the compactor keeps both apart. If that is "
        "not meant, set thanos_cluster (or cluster), external_labels and replica_label to what they were"
    )


def _labels(item: Manifest) -> Mapping[str, str]:
    """The external labels that an object gives to what it configures, as typed; empty where it gives none."""
    written = _of_prometheus(item) if item["kind"] == "ConfigMap" else _of_arguments(item)
    # Prometheus, and what a kubelet does with arguments, make one of two.
    return {name: str(value).replace("$$", "$") for name, value in written.items()}


def _of_arguments(item: Manifest) -> Mapping[str, str]:
    if item["kind"] != "StatefulSet":
        return {}
    containers = item["spec"]["template"]["spec"]["containers"]
    words = [word for container in containers for word in container.get("args") or () if word.startswith(_FLAG)]
    pairs = (word.removeprefix(_FLAG).partition("=") for word in words)
    return {name: value.strip('"') for name, _sign, value in pairs}


def _of_prometheus(item: Manifest) -> Mapping[str, str]:
    """Those in a configuration that a sidecar was rendered with; one that was edited into another form has none."""
    text = (item.get("data") or {}).get("prometheus.yml", "")
    try:
        found = json.loads(text)["global"]["external_labels"]
    except (LookupError, TypeError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _shown(labels: Mapping[str, str], names: Iterable[str]) -> str:
    return ", ".join(f'{name}="{labels[name]}"' if name in labels else f"no {name}" for name in names)
