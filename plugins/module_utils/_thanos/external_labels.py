# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""External labels of what writes series: Prometheus and the ruler, which differ in how they write the pod's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._findings import Finding, mistake
from .model import Instance

# The options that the labels of a tier are made of.
LABELS = ("external_labels", "replica_label")
# The environment variable POD_NAME, as Prometheus expands it in its configuration, and Kubernetes in arguments. For
# both, a second dollar sign takes the first one's meaning away.
IN_PROMETHEUS = "${POD_NAME}"
IN_ARGUMENTS = "$(POD_NAME)"


# Stands for it in labels that nobody has written yet: no text that a user types contains it.
_POD = "\0"


def external_labels(instance: Instance, own: Mapping[str, str], pod_name: str) -> dict[str, str]:
    """The labels in ``own`` and the replica label, over which those that the user gave win.

    In a replica label of the user's own, and in no other, ``pod_name`` stands for the pod's name.
    """
    label = instance["replica_label"]
    result = {**own, label: pod_name, **instance["external_labels"]}
    return {**result, label: result[label].replace(pod_name, _POD)}


def without_replica(labels: Mapping[str, str], options: Mapping[str, Any]) -> dict[str, str]:
    """``labels`` without the one in which replicas differ, and without which one deduplicates."""
    label = options["replica_label"]
    return {name: value for name, value in labels.items() if name != label or name in options["external_labels"]}


def written(labels: Mapping[str, str], pod_name: str) -> dict[str, str]:
    """``labels`` for what expands ``pod_name`` and other variables: each text arrives as it was typed."""
    return {name: pod_name.join(map(_literal, value.split(_POD))) for name, value in labels.items()}


def as_read(labels: Mapping[str, str], pod: str) -> dict[str, str]:
    """What becomes of ``labels`` on a pod."""
    return {name: value.replace(_POD, pod) for name, value in labels.items()}


def _literal(text: str) -> str:
    return text.replace("$", "$$")


def problems_of(instance: Instance, pod_name: str) -> list[Finding]:
    """What would make replicas indistinguishable, or keep queriers from taking them for replicas."""
    label, known = instance["replica_label"], instance["replica_labels"]
    problems = problems_of_given(instance["external_labels"], label, pod_name, "external_labels")
    if label not in known:
        what = (
            f"{label} is not among replica_labels ({', '.join(known)}), so queriers would show every series once per "
            "replica"
        )
        problems.append(mistake("labels-equal", "replica_label", what, "add it to replica_labels in common"))
    return problems


def problems_of_given(given: Mapping[str, str], label: str, pod_name: str, where: str) -> list[Finding]:
    """The same of the labels that an option holds; ``label`` is the one in which replicas have to differ."""
    problems = [
        mistake("option-empty", f"{where}.{name}", "is empty", "give it a value or leave it out", joint=" ")
        for name, value in given.items()
        if not value
    ]
    value = given.get(label, pod_name)
    if value and pod_name not in value:
        what = f"'{value}' would be equal on every replica"
        advice = f"leave it out (it is the pod's name), or let it contain {pod_name}"
        problems.append(mistake("labels-equal", f"{where}.{label}", what, advice))
    return problems
