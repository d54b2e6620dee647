# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every object of an instance has: name, namespace, labels, annotations; and the objects that are little more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model import Context, Instance, Manifest
from ..objstores import objstore_needs
from ..workloads import selector


def labels(instance: Instance, stack: str, name: str = "") -> dict[str, str]:
    """The labels of every object of an instance, or of its workload ``name``."""
    return {
        **instance["labels"],
        **selector(instance, name or instance.fullname),
        "app.kubernetes.io/component": instance.tier.component,
        "app.kubernetes.io/part-of": stack,
        "app.kubernetes.io/managed-by": "o11y.thanos",
        "o11y.thanos/stack": stack,
        "o11y.thanos/instance": instance.name,
    }


def manifest(
    api_version: str, kind: str, instance: Instance, ctx: Context, *, name: str = "", workload: str = "", **body: Any
) -> Manifest:
    """An object of an instance, or of its workload named so; ``body`` are its further top-level fields."""
    metadata: dict[str, Any] = {
        "name": name or workload or instance.fullname,
        "namespace": ctx.stack.namespace,
        "labels": labels(instance, ctx.stack.name, workload),
    }
    if instance["annotations"]:
        metadata["annotations"] = dict(instance["annotations"])
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **body}


def service_account(instance: Instance, ctx: Context, workload: str = "") -> Manifest:
    """The ServiceAccount of the instance or of its workload named so, without a token unless the pod asks for it."""
    account = manifest("v1", "ServiceAccount", instance, ctx, workload=workload, automountServiceAccountToken=False)
    needs = objstore_needs(instance, ctx)
    identity = needs.service_account_annotations if needs else {}
    if identity or instance["service_account_annotations"]:
        annotations = account["metadata"].setdefault("annotations", {})
        annotations.update({**identity, **instance["service_account_annotations"]})
    return account


def config_map(
    instance: Instance,
    ctx: Context,
    suffix: str,
    files: Mapping[str, str],
    annotations: Mapping[str, str] | None = None,
) -> Manifest:
    """A ConfigMap named after the instance, with files by name."""
    name = f"{instance.fullname}{suffix}"
    made = manifest("v1", "ConfigMap", instance, ctx, name=name, data=dict(files))
    if annotations:
        made["metadata"].setdefault("annotations", {}).update(annotations)
    return made
