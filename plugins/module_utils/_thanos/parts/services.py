# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the pods of a workload are found by others."""

from __future__ import annotations

from ..model import Context, Manifest
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
    }
    public["spec"] = {
        "type": settings["type"],
        "selector": workload.selector,
        "ports": [
            {**port, **({"nodePort": node_ports[port["name"]]} if node_ports[port["name"]] else {})}
            for port in published
        ],
    }
    headless = manifest("v1", "Service", instance, ctx, workload=workload.name, name=f"{workload.name}-headless")
    if Duty.STORE_API in workload.duties:
        headless["metadata"]["labels"]["o11y.thanos/store-api"] = "true"
    headless["spec"] = {
        "clusterIP": "None",
        "publishNotReadyAddresses": True,
        "selector": workload.selector,
        "ports": published,
    }
    return [public, headless]
