# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routers of a receive: they take remote writes and forward them to ingestors; they keep nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .._options.rows import Option
from .channels import HTTP
from .common import RESOURCES
from .hashring.ring_file import RING_KEY, ring_config_map
from .model import Context, Instance, Manifest, Stack
from .parts.command_line import HTTP_ADDRESS, arguments
from .parts.controllers import deployment, disruption_budget
from .parts.objects import service_account
from .parts.pod_template import DATA_DIR, GRACE_HTTP_GRPC
from .parts.services import services
from .receive_limits import LIMITS
from .receive_pods import OF_BOTH, pod
from .receive_rings import ROUTER
from .receive_tenancy import label_args
from .remote_write_tls import (
    CAPNPROTO_PORT,
    REMOTE_WRITE_TLS,
    forward_args,
    remote_write_channel,
    write_server_args,
)
from .tier import Duty
from .workloads import Workload

HASHRINGS_DIR, LIMITS_DIR = "/etc/thanos/hashrings", "/etc/thanos/limits"
# The remote-write port cuts what is under way when a router stops: until senders know that it goes, it goes on.
_LINGER = 15

ROUTING: dict[str, Option] = {
    **REMOTE_WRITE_TLS,
    **LIMITS,
    "router": Option(
        "dict", options={"replicas": Option("int", minimum=1), "resources": Option("dict", options=RESOURCES)}
    ),
    "hashring_refresh_interval": Option(default="30s", form="interval"),
    "otlp_target_info": Option("bool", True),
    "otlp_promote_resource_attributes": Option("list", elements="str", form="attribute"),
    "forward_async_workers": Option("int", 5, minimum=1),
    "remote_write_node_port": Option("int", minimum=1, maximum=65535),
}
OF_ROUTING = {
    "replication_factor": "receive.replication-factor",
    "replication_protocol": "receive.replication-protocol",
    "hashring_refresh_interval": "receive.hashrings-file-refresh-interval",
    "forward_async_workers": "receive.forward.async-workers",
    "otlp_target_info": "receive.otlp-enable-target-info",
    "otlp_promote_resource_attributes": "receive.otlp-promote-resource-attributes",
}


def route_args(instance: Instance) -> list[str]:
    """The flags of what takes remote writes."""
    limited = [f"--receive.limits-config-file={LIMITS_DIR}/limits.yaml"] if instance["limits"] else []
    return [
        f"--remote-write.address=:{remote_write_channel(instance).port}",
        *write_server_args(instance),
        *forward_args(instance),
        f"--receive.hashrings-file={HASHRINGS_DIR}/{RING_KEY}",
        # A ring says its own algorithm. This one decides whether a change of the file has all samples flushed first.
        "--receive.hashrings-algorithm=ketama",
        *arguments(instance, OF_ROUTING),
        *limited,
    ]


def route_files(workload: Workload) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Volumes, and where they are, of what a router reads again whenever it changes."""
    fullname = workload.instance.fullname
    volumes = [{"name": "hashrings", "configMap": {"name": ring_config_map(fullname)}}]
    mounts = {"hashrings": HASHRINGS_DIR}
    if workload.instance["limits"]:
        volumes.append({"name": "limits", "configMap": {"name": f"{fullname}-limits"}})
        mounts["limits"] = LIMITS_DIR
    return volumes, mounts


def routers(instance: Instance, stack: Stack) -> Workload:
    """The Deployment that takes remote writes. It keeps nothing, and nobody queries it."""
    own = instance["router"] or {"replicas": None, "resources": None}
    changed = {"objstore": "", "objstore_secret": None, "grpc_tls": None}
    if own["resources"]:
        changed["resources"] = own["resources"]
    seen = replace(instance, options={**instance.options, **changed})
    args = [
        seen.tier.command,
        HTTP_ADDRESS,
        "--grpc-address=127.0.0.1:10901",
        f"--tsdb.path={DATA_DIR}",
        f"--receive.capnproto-address=127.0.0.1:{CAPNPROTO_PORT}",
        *route_args(seen),
        *arguments(seen, OF_BOTH),
        *label_args(seen, stack),
    ]
    channels = (HTTP, remote_write_channel(seen))
    return Workload(seen, "Deployment", own["replicas"] or 2, channels, tuple(args), frozenset({Duty.ROUTE}), ROUTER)


def router_objects(workload: Workload, ctx: Context) -> list[Manifest]:
    """The objects of the routers."""
    instance, (volumes, mounts) = workload.instance, route_files(workload)
    template = pod(
        workload,
        ctx,
        # Before 0.42 a router makes a folder for a database that it does not have.
        volumes=[{"name": "data", "emptyDir": {}}, *volumes],
        mounts=mounts,
        env=instance["env"],
        grace=GRACE_HTTP_GRPC + _LINGER,
        lifecycle={"preStop": {"sleep": {"seconds": _LINGER}}},
    )
    return [
        service_account(instance, ctx, workload.name),
        *services(workload, ctx, "http", "remote-write"),
        *disruption_budget(workload, ctx),
        deployment(workload, ctx, template),
    ]
