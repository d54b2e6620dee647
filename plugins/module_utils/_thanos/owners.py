# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a live object is deployed with, by its marks, and which values do there what fields of ours would. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._kubernetes.manifest import managers_of
from .model import Existing, Manifest
from .plain_json import plain_json

# (tool, labels and annotations that begin so, field managers), the innermost first: Flux and Argo CD use Helm, too.
_MARKS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("Argo CD", ("argocd.argoproj.io/",), ("argocd-controller", "argocd-application-controller")),
    (
        "Flux",
        ("kustomize.toolkit.fluxcd.io/", "helm.toolkit.fluxcd.io/"),
        ("kustomize-controller", "helm-controller"),
    ),
    ("Helm", ("meta.helm.sh/", "helm.sh/chart"), ("helm",)),
)
# Chart → the values that lead to the pod's containers and volumes.
_CHARTS: Mapping[str, tuple[str, str, str]] = {"prometheus": ("server", "sidecarContainers", "extraVolumes")}
_OPERATORS_CHART = "kube-prometheus-stack"


def tool_of(live: Manifest) -> str:
    """``Helm``, ``Argo CD``, ``Flux``, or empty where an object has no mark of one."""
    metadata = live["metadata"]
    names = [*(metadata.get("labels") or {}), *(metadata.get("annotations") or {})]
    managers = set(managers_of(live))
    for tool, starts, known in _MARKS:
        if any(name.startswith(start) for name in names for start in starts) or managers.intersection(known):
            return tool
    helm = (metadata.get("labels") or {}).get("app.kubernetes.io/managed-by") == "Helm"
    return "Helm" if helm else ""


def chart_of(live: Manifest) -> str:
    """The name of the chart, without its version."""
    labels = live["metadata"].get("labels") or {}
    name, _unused, version = str(labels.get("helm.sh/chart") or labels.get("chart") or "").rpartition("-")
    return name if version[:1].isdigit() else ""


def controller_of(live: Manifest) -> str:
    """``Prometheus main``: what owns an object and would undo a change of it; empty where nothing does."""
    owners = live["metadata"].get("ownerReferences") or ()
    return next((f"{owner['kind']} {owner['name']}" for owner in owners if owner.get("controller")), "")


def values_of(existing: Existing, fields: Manifest) -> tuple[str, str]:
    """(where, what): the values, as YAML in one line, that do the same as ``fields`` on the object where its owner
    keeps it.
    """
    if existing.kind == "Prometheus":
        spec = {name: value for name, value in fields["spec"].items() if name != "podMetadata"}
        if existing.chart == _OPERATORS_CHART:
            return f"the values of the chart {_OPERATORS_CHART}", _flow({"prometheus": {"prometheusSpec": _kps(spec)}})
        return f"the Prometheus {existing.name}, where {existing.tool} has it from", _flow({"spec": spec})
    pod = fields["spec"]["template"]["spec"]
    if existing.chart in _CHARTS:
        root, containers, volumes = _CHARTS[existing.chart]
        made = {each["name"]: {k: v for k, v in each.items() if k != "name"} for each in pod["containers"]}
        return f"the values of the chart {existing.chart}", _flow({root: {containers: made, volumes: pod["volumes"]}})
    where = f"the StatefulSet {existing.name}, where {existing.tool} has it from"
    return where, _flow({"spec": {"template": {"spec": pod}}})


def _kps(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The chart takes the Secret of the object store below ``existingSecret``."""
    thanos = dict(spec["thanos"])
    secret = thanos.pop("objectStorageConfig")
    return {**spec, "thanos": {**thanos, "objectStorageConfig": {"existingSecret": secret}}}


def _flow(values: Any) -> str:
    """JSON is YAML, too, and can be broken between any two words."""
    return plain_json(values)
