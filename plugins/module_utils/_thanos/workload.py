# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts that the objects of every tier are put together from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from .._objstore.objstore_yml import FILE
from .model import Context, Instance, Manifest
from .objstores import objstore_fact, objstore_needs

HTTP, GRPC = 10902, 10901
HTTP_PORT = {"name": "http", "containerPort": HTTP, "protocol": "TCP"}
GRPC_PORT = {"name": "grpc", "containerPort": GRPC, "protocol": "TCP"}
OBJSTORE_DIR = "/etc/thanos/objstore"
DATA_DIR = "/var/thanos"
KNOWN_LATER = "known after the Secret is made"

# Thanos waits up to 2m for HTTP and then up to 2m for gRPC (its grace flags' defaults); both end early when idle.
GRACE_HTTP, GRACE_HTTP_GRPC = 150, 270


def selector(instance: Instance) -> dict[str, str]:
    """The labels that select an instance's pods. Immutable on the server, so nothing here may ever change."""
    return {"app.kubernetes.io/name": f"thanos-{instance.tier}", "app.kubernetes.io/instance": instance.fullname}


def labels(instance: Instance, stack: str) -> dict[str, str]:
    """The labels of every object of an instance."""
    return {
        **instance["labels"],
        **selector(instance),
        "app.kubernetes.io/component": instance.tier.component,
        "app.kubernetes.io/part-of": stack,
        "app.kubernetes.io/managed-by": "o11y.thanos",
        "o11y.thanos/stack": stack,
        "o11y.thanos/instance": instance.name,
    }


def manifest(api_version: str, kind: str, instance: Instance, ctx: Context, *, name: str = "", **body: Any) -> Manifest:
    """An object of an instance; ``body`` are its top-level fields beside apiVersion, kind and metadata."""
    metadata: dict[str, Any] = {
        "name": name or instance.fullname,
        "namespace": ctx.stack.namespace,
        "labels": labels(instance, ctx.stack.name),
    }
    if instance["annotations"]:
        metadata["annotations"] = dict(instance["annotations"])
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **body}


def service_account(instance: Instance, ctx: Context) -> Manifest:
    """The instance's own ServiceAccount, without a token unless the pod asks for it."""
    account = manifest("v1", "ServiceAccount", instance, ctx, automountServiceAccountToken=False)
    needs = objstore_needs(instance, ctx)
    identity = needs.service_account_annotations if needs else {}
    if identity or instance["service_account_annotations"]:
        annotations = account["metadata"].setdefault("annotations", {})
        annotations.update({**identity, **instance["service_account_annotations"]})
    return account


def services(instance: Instance, ctx: Context, ports: Mapping[str, int], *, store_api: bool) -> list[Manifest]:
    """The Service that users and Ingresses address, and the headless one that discovery resolves.

    ``ports`` is name → number. The headless Service publishes pods that are not ready yet, so that a querier names the
    endpoint and its error instead of not knowing it.
    """
    settings = instance["service"]
    public = manifest("v1", "Service", instance, ctx)
    if settings["annotations"]:
        public["metadata"].setdefault("annotations", {}).update(settings["annotations"])
    node_ports = {
        "http": settings["http_node_port"],
        "web": settings["http_node_port"],
        "grpc": settings["grpc_node_port"],
    }
    public["spec"] = {
        "type": settings["type"],
        "selector": selector(instance),
        "ports": [
            {**_port(name, port), **({"nodePort": node_ports[name]} if node_ports[name] else {})}
            for name, port in ports.items()
        ],
    }
    headless = manifest("v1", "Service", instance, ctx, name=f"{instance.fullname}-headless")
    if store_api:
        headless["metadata"]["labels"]["o11y.thanos/store-api"] = "true"
    headless["spec"] = {
        "clusterIP": "None",
        "publishNotReadyAddresses": True,
        "selector": selector(instance),
        "ports": [_port(name, port) for name, port in ports.items()],
    }
    return [public, headless]


def _port(name: str, port: int) -> dict[str, Any]:
    return {"name": name, "port": port, "protocol": "TCP", "targetPort": name}


def disruption_budget(instance: Instance, ctx: Context) -> list[Manifest]:
    """A PodDisruptionBudget where there are several replicas; with one it would only block node drains."""
    if instance["replicas"] < 2:
        return []
    spec = {"maxUnavailable": 1, "selector": {"matchLabels": selector(instance)}}
    return [manifest("policy/v1", "PodDisruptionBudget", instance, ctx, spec=spec)]


def image(instance: Instance) -> str:
    """The Thanos image of an instance."""
    return str(instance["image"] or f"{instance['registry']}/thanos/thanos:v{instance['version'].removeprefix('v')}")


def http_probes(port: str) -> dict[str, Any]:
    """Liveness and readiness as the Thanos project ships them: slow to kill, quick to take out of a Service."""

    def probe(path: str, period: int, failures: int) -> dict[str, Any]:
        return {"httpGet": {"path": path, "port": port}, "periodSeconds": period, "failureThreshold": failures}

    return {"livenessProbe": probe("/-/healthy", 30, 4), "readinessProbe": probe("/-/ready", 5, 20)}


def container(
    instance: Instance,
    name: str,
    args: Sequence[str],
    *,
    ports: Sequence[Mapping[str, Any]],
    mounts: Mapping[str, str],
    env: Sequence[Mapping[str, Any]] = (),
    image_name: str = "",
    resources: Mapping[str, Any] | None = None,
    port: str = "http",
) -> dict[str, Any]:
    """A container under restricted security. ``mounts`` is volume name → path; all but ``data`` are read-only."""
    result: dict[str, Any] = {
        "name": name,
        "image": image_name or image(instance),
        "imagePullPolicy": instance["image_pull_policy"],
        "args": list(args),
        "ports": [dict(p) for p in ports],
        "resources": {k: v for k, v in (resources or instance["resources"]).items() if v},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": [
            {"name": volume, "mountPath": path, **({} if volume == "data" else {"readOnly": True})}
            for volume, path in mounts.items()
        ],
        **http_probes(port),
    }
    if env:
        result["env"] = [{k: v for k, v in e.items() if v} for e in env]
    return result


POD_NAME = {"name": "POD_NAME", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}}


def pod_template(
    instance: Instance,
    ctx: Context,
    containers: Sequence[Mapping[str, Any]],
    *,
    volumes: Sequence[Mapping[str, Any]],
    grace: int,
    token: bool = False,
    digests: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The pod template. ``digests`` become annotations: what cannot be reloaded restarts the pods when it changes."""
    annotations = {**instance["pod_annotations"], **{f"o11y.thanos/{k}": v for k, v in (digests or {}).items() if v}}
    spec: dict[str, Any] = {
        "serviceAccountName": instance.fullname,
        "automountServiceAccountToken": token,
        "containers": [dict(c) for c in containers],
        "volumes": [dict(v) for v in volumes],
        "terminationGracePeriodSeconds": grace,
        "nodeSelector": {"kubernetes.io/os": "linux", **instance["node_selector"]},
        "affinity": instance["affinity"] or _spread(instance),
        "securityContext": {
            "fsGroup": 65534,
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
    metadata: dict[str, Any] = {"labels": {**identity, **instance["pod_labels"], **labels(instance, ctx.stack.name)}}
    if annotations:
        metadata["annotations"] = annotations
    return {"metadata": metadata, "spec": spec}


def _spread(instance: Instance) -> dict[str, Any]:
    term = {"labelSelector": {"matchLabels": selector(instance)}, "topologyKey": "kubernetes.io/hostname"}
    preferred = [{"weight": 100, "podAffinityTerm": term}]
    return {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": preferred}}


def deployment(instance: Instance, ctx: Context, template: Manifest) -> Manifest:
    """A Deployment that never has fewer ready pods than asked for while it is rolled."""
    spec = {
        "replicas": instance["replicas"],
        "selector": {"matchLabels": selector(instance)},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
        "template": template,
    }
    return manifest("apps/v1", "Deployment", instance, ctx, spec=spec)


def stateful_set(instance: Instance, ctx: Context, template: Manifest, *, replicas: int) -> Manifest:
    """A StatefulSet with one claim ``data`` a pod. The claim's labels are few, since they can never change."""
    request: dict[str, Any] = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": instance["storage"]["size"]}},
    }
    if instance["storage"]["storage_class"]:
        request["storageClassName"] = instance["storage"]["storage_class"]
    claim_labels = {"o11y.thanos/stack": ctx.stack.name, "o11y.thanos/instance": instance.name}
    spec = {
        "replicas": replicas,
        "podManagementPolicy": "Parallel",
        "serviceName": f"{instance.fullname}-headless",
        "selector": {"matchLabels": selector(instance)},
        "template": template,
        "volumeClaimTemplates": [{"metadata": {"name": "data", "labels": claim_labels}, "spec": request}],
    }
    return manifest("apps/v1", "StatefulSet", instance, ctx, spec=spec)


def config_map(instance: Instance, ctx: Context, suffix: str, files: Mapping[str, str]) -> Manifest:
    """A ConfigMap named after the instance, with files by name."""
    name = f"{instance.fullname}{suffix}"
    return manifest("v1", "ConfigMap", instance, ctx, name=name, data=dict(files))


def config_volume(instance: Instance, suffix: str = "") -> dict[str, Any]:
    """The volume ``config`` with the instance's ConfigMap."""
    return {"name": "config", "configMap": {"name": f"{instance.fullname}{suffix}"}}


def objstore_volume(instance: Instance, ctx: Context) -> dict[str, Any]:
    """The volume ``objstore``: the Secret as files, so that no credential is an argument or an environment variable."""
    needs = objstore_needs(instance, ctx)
    return {"name": "objstore", "secret": {"secretName": needs.secret if needs else ""}}


def objstore_env(instance: Instance, ctx: Context) -> list[dict[str, Any]]:
    """The environment of the container that reaches the object store: the user's, and a credential if it is there."""
    needs = objstore_needs(instance, ctx)
    credential = [
        {"name": variable, "valueFrom": {"secretKeyRef": {"name": name, "key": key}}}
        for variable, (name, key) in (needs.env if needs else {}).items()
    ]
    return [*credential, *instance["env"]]


def objstore_args(instance: Instance) -> list[str]:
    """The flag that names the object store's configuration file."""
    named = instance["objstore_secret"]
    return [f"--objstore.config-file={OBJSTORE_DIR}/{named['key'] if named else FILE}"]


def objstore_digest(instance: Instance, ctx: Context) -> dict[str, str]:
    """The digest that restarts the pods when the credentials change: Thanos reads them only once.

    The uid of the Secret keys it, so that before the Secret is made nobody can know it: then a text says so, which
    check mode shows and no run sends.
    """
    fact = objstore_fact(instance, ctx)
    return {"objstore-digest": fact.digest if fact else KNOWN_LATER}


def digest(value: Any) -> str:
    """A short digest of any JSON value that holds no secret."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def arguments(instance: Instance, table: Mapping[str, str]) -> list[str]:
    """Flags from options. ``table`` is option → flag; a dot walks into a mapping, empty values are left out."""
    result = []
    for option, flag in table.items():
        value: Any = instance.options
        for part in option.split("."):
            value = value[part] if value else None
        if value is None or value == "" or value == []:
            continue
        if isinstance(value, bool):
            result.append(f"--{flag}" if value else f"--no-{flag}")
        elif isinstance(value, list):
            result.extend(f"--{flag}={item}" for item in value)
        else:
            result.append(f"--{flag}={value}")
    return result


LOG_FLAGS = {"log_level": "log.level", "log_format": "log.format"}


def http_address() -> str:
    """The flag for the HTTP port that Services and probes expect."""
    return f"--http-address=0.0.0.0:{HTTP}"


def grpc_address() -> str:
    """The flag for the gRPC port that discovery expects."""
    return f"--grpc-address=0.0.0.0:{GRPC}"
