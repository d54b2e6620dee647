# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers, and the template of the pods that they are in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..channels import Channel
from ..files import file_mounts, file_volumes
from ..model import Context, Instance, Manifest
from ..objstores import objstore_needs
from ..workloads import Workload
from .objects import labels

DATA_DIR = "/var/thanos"

# Thanos waits up to 2m for HTTP and then up to 2m for gRPC (its grace flags' defaults); both end early when idle.
GRACE_HTTP, GRACE_HTTP_GRPC = 150, 270


def image(instance: Instance) -> str:
    """The Thanos image of an instance."""
    return str(instance["image"] or f"{instance['registry']}/thanos/thanos:v{instance['version'].removeprefix('v')}")


def http_probes(channel: Channel) -> dict[str, Any]:
    """Liveness and readiness as the Thanos project ships them: slow to kill, quick to take out of a Service."""
    return {
        "livenessProbe": {**channel.probe("/-/healthy"), "periodSeconds": 30, "failureThreshold": 4},
        "readinessProbe": {**channel.probe("/-/ready"), "periodSeconds": 5, "failureThreshold": 20},
    }


def container(
    instance: Instance,
    name: str,
    args: Sequence[str],
    *,
    channels: Sequence[Channel],
    mounts: Mapping[str, str],
    env: Sequence[Mapping[str, Any]] = (),
    image_name: str = "",
    resources: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A container under restricted security. Its first channel is probed.

    ``mounts`` is volume name → path, beside those of the user's own files; all but ``data`` are read-only.
    """
    result: dict[str, Any] = {
        "name": name,
        "image": image_name or image(instance),
        "imagePullPolicy": instance["image_pull_policy"],
        "args": list(args),
        "ports": [channel.container_port() for channel in channels],
        "resources": {k: v for k, v in (resources or instance["resources"]).items() if v},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": [
            {"name": volume, "mountPath": path, **({} if volume == "data" else {"readOnly": True})}
            for volume, path in {**mounts, **file_mounts(instance)}.items()
        ],
        **http_probes(channels[0]),
    }
    if env:
        result["env"] = [{k: v for k, v in e.items() if v} for e in env]
    return result


POD_NAME = {"name": "POD_NAME", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}}


def pod_template(
    workload: Workload,
    ctx: Context,
    containers: Sequence[Mapping[str, Any]],
    *,
    volumes: Sequence[Mapping[str, Any]],
    grace: int,
    token: bool = False,
    account: str = "",
    digests: Mapping[str, str] | None = None,
) -> Manifest:
    """The pod template. ``digests`` become annotations: what cannot be reloaded restarts the pods when it changes.

    ``account`` is the ServiceAccount where it is not the instance's.
    """
    instance = workload.instance
    annotations = {**instance["pod_annotations"], **{f"o11y.thanos/{k}": v for k, v in (digests or {}).items() if v}}
    spec: dict[str, Any] = {
        "serviceAccountName": account or instance.fullname,
        "automountServiceAccountToken": token,
        # Variables for each Service of the namespace slow a start down, and one may be named like one of Thanos' own.
        "enableServiceLinks": False,
        "containers": [dict(c) for c in containers],
        "volumes": [*(dict(v) for v in volumes), *file_volumes(instance)],
        "terminationGracePeriodSeconds": grace,
        "nodeSelector": {"kubernetes.io/os": "linux", **instance["node_selector"]},
        "affinity": instance["affinity"] or _spread(workload),
        "securityContext": {
            "fsGroup": 65534,
            # Else every file of a volume is visited whenever a pod starts.
            "fsGroupChangePolicy": "OnRootMismatch",
            "runAsGroup": 65532,
            "runAsNonRoot": True,
            "runAsUser": 65534,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }
    optional = {
        "tolerations": instance["tolerations"],
        "topologySpreadConstraints": instance["topology_spread_constraints"],
        "priorityClassName": instance["priority_class_name"],
        "imagePullSecrets": [{"name": name} for name in instance["image_pull_secrets"]],
    }
    spec.update({key: value for key, value in optional.items() if value})
    needs = objstore_needs(instance, ctx)
    identity = needs.pod_labels if needs else {}
    metadata: dict[str, Any] = {
        "labels": {**identity, **instance["pod_labels"], **labels(instance, ctx.stack.name, workload.name)}
    }
    if annotations:
        metadata["annotations"] = annotations
    return {"metadata": metadata, "spec": spec}


def thanos_pod(
    workload: Workload,
    ctx: Context,
    *,
    mounts: Mapping[str, str],
    env: Sequence[Mapping[str, Any]],
    volumes: Sequence[Mapping[str, Any]],
    grace: int,
    digests: Mapping[str, str] | None = None,
    account: str = "",
    lifecycle: Mapping[str, Any] | None = None,
) -> Manifest:
    """The template of pods with one container, which runs the workload's arguments and the user's own behind them."""
    instance = workload.instance
    args = [*workload.args, *instance["extra_args"]]
    thanos = container(instance, workload.container, args, channels=workload.channels, mounts=mounts, env=env)
    if lifecycle:
        thanos["lifecycle"] = dict(lifecycle)
    return pod_template(workload, ctx, [thanos], volumes=volumes, grace=grace, account=account, digests=digests)


def _spread(workload: Workload) -> dict[str, Any]:
    term = {"labelSelector": {"matchLabels": workload.selector}, "topologyKey": "kubernetes.io/hostname"}
    preferred = [{"weight": 100, "podAffinityTerm": term}]
    return {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": preferred}}


def config_volume(instance: Instance, suffix: str = "") -> dict[str, Any]:
    """The volume ``config`` with the instance's ConfigMap."""
    return {"name": "config", "configMap": {"name": f"{instance.fullname}{suffix}"}}
