# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""External labels that a run changes on instances that have data: what is written from then on is another stream. Pure.

They are compared in what the run sends and what was there, so that nothing has to be read or noted for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from .._kubernetes.manifest import INSTANCE_LABEL, Manifest, label_of

# How tiers that are given their labels as arguments write one.
_FLAG = "--label="


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


def _sentence(instances: list[str], old: str, new: str) -> str:
    return (
        f"the external labels of {', '.join(instances)} were {old} until now, and are {new} from now on: queries show "
        "what was written until now and what comes as different series, and the compactor keeps both apart. If that is "
        "not meant, set thanos_cluster (or cluster) and external_labels to what they were"
    )


def _labels(item: Manifest) -> Mapping[str, str]:
    """The external labels that an object gives to what it configures; empty where it gives none."""
    if item["kind"] == "ConfigMap":
        return _of_prometheus((item.get("data") or {}).get("prometheus.yml", ""))
    if item["kind"] != "StatefulSet":
        return {}
    containers = item["spec"]["template"]["spec"]["containers"]
    words = [word for container in containers for word in container.get("args") or () if word.startswith(_FLAG)]
    pairs = (word.removeprefix(_FLAG).partition("=") for word in words)
    return {name: value.strip('"') for name, _sign, value in pairs}


def _of_prometheus(text: str) -> Mapping[str, str]:
    """Those in a configuration that a sidecar was rendered with; one that was edited into another form has none."""
    try:
        found = json.loads(text)["global"]["external_labels"]
    except (LookupError, TypeError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _shown(labels: Mapping[str, str], names: Iterable[str]) -> str:
    return ", ".join(f'{name}="{labels[name]}"' if name in labels else f"no {name}" for name in names)
