# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the pods of a workload are found by others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..channels import GRPC
from ..model import Context, Manifest
from ..publish import HOST_ANNOTATION, NODE_PORT, host_of, service_name, service_type
from ..tier import Duty
from ..workloads import Workload
from .objects import manifest


def services(workload: Workload, ctx: Context, *ports: str) -> list[Manifest]:
    """The Service that users and Ingresses address, and the headless one that discovery resolves.

    ``ports`` are names of channels. The headless Service publishes pods that are not ready yet, so that a querier names
    the endpoint and its error instead of not knowing it.
    """
    instance, settings = workload.instance, workload.instance["service"]
    published = [workload.channel(name).service_port() for name in ports]
    public = manifest("v1", "Service", instance, ctx, workload=workload.name)
    if settings["annotations"]:
        public["metadata"].setdefault("annotations", {}).update(settings["annotations"])
    node_ports = {
        "http": settings["http_node_port"],
        "web": settings["http_node_port"],
        "grpc": settings["grpc_node_port"],
        "remote-write": instance.options.get("remote_write_node_port"),
    }
    public["spec"] = {
        "type": settings["type"],
        "selector": workload.selector,
        "ports": [
            {**port, **({"nodePort": node_ports[port["name"]]} if node_ports.get(port["name"]) else {})}
            for port in published
        ],
    }
    return [public, headless_service(workload, ctx, published)]


def headless_service(workload: Workload, ctx: Context, ports: Sequence[Mapping[str, Any]]) -> Manifest:
    """The Service by which queriers find the pods of a workload."""
    name = f"{workload.name}-headless"
    headless = manifest("v1", "Service", workload.instance, ctx, workload=workload.name, name=name)
    if Duty.STORE_API in workload.duties:
        headless["metadata"]["labels"]["o11y.thanos/store-api"] = "true"
    headless["spec"] = {
        "clusterIP": "None",
        "publishNotReadyAddresses": True,
        "selector": workload.selector,
        "ports": list(ports),
    }
    return headless


def published_service(workload: Workload, ctx: Context) -> list[Manifest]:
    """The Service that other clusters read a querier by, where it is published: the gRPC port and nothing else."""
    instance, kind = workload.instance, service_type(workload.instance)
    if not kind:
        return []
    publish = instance["publish"]
    result = manifest("v1", "Service", instance, ctx, workload=workload.name, name=service_name(instance.fullname))
    host = host_of(instance, ctx.facts) if kind == NODE_PORT else ""
    annotations = {**publish["annotations"], **({HOST_ANNOTATION: host} if host else {})}
    if annotations:
        result["metadata"].setdefault("annotations", {}).update(annotations)
    node_port = {"nodePort": publish["node_port"]} if publish["node_port"] else {}
    port = {**workload.channel("grpc").service_port(), "port": publish["port"] or GRPC.port, **node_port}
    result["spec"] = {"type": kind, "selector": workload.selector, "ports": [port]}
    return [result]
