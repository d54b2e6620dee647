# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an instance adds to a Prometheus of somebody else's: the fields of a sidecar, and nothing of the owner's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._kubernetes.phases import Borrowed
from ..existing import BESIDE_LABEL, STATEFUL_SET, borrows_of, more_args, mount_of, of_workload
from ..files import file_volumes
from ..grpc_tls import CA, CERTIFICATE, KEY, SERVER_DIR
from ..model import Context, Existing, Instance, Manifest
from ..objstores import objstore_needs
from ..workloads import Workload
from .objstore import OBJSTORE_DIR, objstore_digest, objstore_env, objstore_volume
from .pod_template import container, image
from .services import headless_service
from .tls_files import tls_digests, tls_mounts, tls_volumes

# Volumes of the owner may have the names that ours have elsewhere.
_PREFIX = "o11y-thanos-"


def borrowed(instance: Instance, ctx: Context) -> list[Borrowed]:
    """The fields on each Prometheus that the instance is beside, where they are ours to add."""
    ours = borrows_of(instance)
    return [
        Borrowed(instance.name, fields_for(workload, ctx))
        for workload in ctx.stack.workloads(instance)
        if of_workload(workload) in ours
    ]


def discovery(workload: Workload, ctx: Context) -> Manifest:
    """The Service by which queriers find the sidecars. It names ports by number: the owner's may have our names."""
    ports = [workload.channel(name) for name in ("http", "grpc")]
    service = headless_service(workload, ctx, [{**each.service_port(), "targetPort": each.port} for each in ports])
    service["metadata"]["labels"][BESIDE_LABEL] = "true"
    return service


def fields_for(workload: Workload, ctx: Context) -> Manifest:
    """Exactly the fields of a sidecar on what a workload is beside."""
    existing = of_workload(workload)
    if existing is None:
        raise ValueError(f"nothing is known of what {workload.title} is beside")
    spec = _stateful_set(workload, existing, ctx) if existing.kind == STATEFUL_SET else _resource(workload, ctx)
    version = "apps/v1" if existing.kind == STATEFUL_SET else "monitoring.coreos.com/v1"
    return {"apiVersion": version, "kind": existing.kind, "metadata": {"name": existing.name}, "spec": spec}


def _digests(instance: Instance, ctx: Context) -> dict[str, Any]:
    """Annotations of the pods: what cannot be reloaded restarts them when it changes."""
    digests = {**objstore_digest(instance, ctx), **tls_digests(instance, ctx)}
    return {f"o11y.thanos/{name}": value for name, value in digests.items() if value}


def _stateful_set(workload: Workload, existing: Existing, ctx: Context) -> dict[str, Any]:
    instance = workload.instance
    made = container(
        instance,
        workload.container,
        [*workload.args, *instance["extra_args"]],
        channels=[workload.channel("http"), workload.channel("grpc")],
        mounts={"objstore": OBJSTORE_DIR, **tls_mounts(instance)},
        env=objstore_env(instance, ctx),
    )
    shared = mount_of(existing)
    made["volumeMounts"] = [*map(_named, made["volumeMounts"]), *([dict(shared)] if shared else [])]
    made["securityContext"] |= existing.user or {}
    volumes = [objstore_volume(instance, ctx), *tls_volumes(instance), *file_volumes(instance)]
    pod = {"containers": [made], "volumes": [_named(volume) for volume in volumes]}
    return {"template": {"metadata": {"annotations": _digests(instance, ctx)}, "spec": pod}}


def _named(item: Mapping[str, Any]) -> dict[str, Any]:
    return {**item, "name": f"{_PREFIX}{item['name']}"}


def _resource(workload: Workload, ctx: Context) -> dict[str, Any]:
    """The operator's own fields of a sidecar; it makes arguments, ports and mounts of them."""
    instance = workload.instance
    needs, key = objstore_needs(instance, ctx), (instance["objstore_secret"] or {}).get("key")
    tls = instance["grpc_tls"]
    files = {"certFile": f"{SERVER_DIR}/{CERTIFICATE}", "keyFile": f"{SERVER_DIR}/{KEY}"}
    files |= {"caFile": f"{SERVER_DIR}/{CA}"} if tls and tls["client_ca"] else {}
    volumes = [_named(volume) for volume in tls_volumes(instance)]
    thanos: dict[str, Any] = {
        "image": image(instance),
        "version": f"v{instance['version'].removeprefix('v')}",
        "objectStorageConfig": {"name": needs.secret if needs else "", "key": key or (needs.key if needs else "")},
        "resources": {name: value for name, value in instance["resources"].items() if value},
        "logLevel": instance["log_level"],
        "logFormat": instance["log_format"],
    }
    if volumes:
        thanos["grpcServerTlsConfig"] = files
        thanos["volumeMounts"] = [{"name": each["name"], "mountPath": SERVER_DIR} for each in volumes]
    if more := more_args(instance):
        thanos["additionalArgs"] = [_argument(each) for each in more]
    return {
        "podMetadata": {"annotations": _digests(instance, ctx)},
        "thanos": thanos,
        **({"volumes": volumes} if volumes else {}),
    }


def _argument(flag: str) -> dict[str, str]:
    name, equals, value = flag.removeprefix("--").partition("=")
    return {"name": name, **({"value": value} if equals else {})}
