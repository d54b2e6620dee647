# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A querier that other clusters read: what its Service is like, and the address that they reach it at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .._findings import Finding, mistake
from .._options.rows import Option
from .channels import GRPC, at
from .common import ANNOTATIONS
from .model import Facts, Instance, Manifest, Node, Stack

LOAD_BALANCER, NODE_PORT = "LoadBalancer", "NodePort"
# The annotation of the Service with the node whose address was given to others.
HOST_ANNOTATION = "o11y.thanos/published-host"
_PORT = Option("int", minimum=1, maximum=65535)
PUBLISH = {
    "publish": Option(
        "dict",
        options={
            "type": Option(choices=(LOAD_BALANCER, NODE_PORT)),
            "port": _PORT,
            "node_port": _PORT,
            "annotations": ANNOTATIONS,
            "address": Option(form="host_port"),
            "insecure": Option("bool", False),
        },
    )
}
# What only a Service of ours has.
_OF_SERVICE = ("type", "port", "node_port", "annotations")


def service_name(fullname: str) -> str:
    """The name of the Service that publishes an instance."""
    return f"{fullname}-published"


def service_type(instance: Instance) -> str:
    """The type of that Service; empty where there is none."""
    publish = instance.options.get("publish")
    return str(publish["type"] or LOAD_BALANCER) if publish and not publish["address"] else ""


def published(stack: Stack, kind: str = "") -> list[Instance]:
    """The instances that have such a Service, or one of this type."""
    return [i for i in stack.instances if service_type(i) and kind in ("", service_type(i))]


def problems_of_publish(instance: Instance) -> list[Finding]:
    """What does not fit together."""
    publish = instance["publish"]
    if publish is None:
        return []
    problems = []
    if not instance["grpc_tls"] and not publish["insecure"]:
        what = "everybody who reaches the address would read every metric, for nothing asks who they are"
        advice = "set grpc_tls, or insecure: true where a proxy in front of it or the network does"
        problems.append(mistake("option-incomplete", "publish", what, advice))
    if publish["address"]:
        problems += [
            mistake("option-without-effect", f"publish.{name}", "with an address of yours there is no Service", _OUT)
            for name in _OF_SERVICE
            if publish[name]
        ]
    return problems


_OUT = "leave it out, or leave out address"


def problems_of_nodes(stack: Stack, facts: Facts) -> list[Finding]:
    """Node ports of which no address can be told."""
    problems = []
    for instance in published(stack, NODE_PORT):
        where = f"instances.{instance.name}.publish.address"
        if facts.nodes is None:
            what = "is needed, since the nodes may not be read and so no address of one can be told"
            advice = "give host:port, or the right to list nodes (docs/rights.md)"
            problems.append(mistake("address-unknown", where, what, advice, joint=" "))
        elif not facts.nodes:
            what = "is needed, since no node is ready that has an address"
            problems.append(mistake("address-unknown", where, what, "look at kubectl get nodes -o wide", joint=" "))
    return problems


def host_of(instance: Instance, facts: Facts) -> str:
    """The address of the node that is given to others; the same as before while that node stays.

    A new choice falls on the oldest node, and rather on one that takes pods.
    """
    nodes = facts.nodes or ()
    before = facts.published.get(instance.name, "")
    if any(before == node.address for node in nodes):
        return before
    best = min(nodes, key=lambda node: (not node.schedulable, node.created, node.name), default=None)
    return best.address if best else ""


def ready_nodes(items: Iterable[Mapping[str, Any]]) -> tuple[Node, ...]:
    """The ready nodes of a NodeList that have an address."""
    found = []
    for item in items:
        status, meta = item.get("status") or {}, item["metadata"]
        ready = any(c["type"] == "Ready" and c["status"] == "True" for c in status.get("conditions") or ())
        address = _address_of_node(status.get("addresses") or ())
        if ready and address and "deletionTimestamp" not in meta:
            schedulable = not (item.get("spec") or {}).get("unschedulable", False)
            found.append(Node(meta["name"], address, meta.get("creationTimestamp") or "", schedulable))
    return tuple(found)


def _address_of_node(addresses: Iterable[Mapping[str, str]]) -> str:
    """The external address of a node, else the internal one; of two families the first that the node has."""
    listed = list(addresses)
    of_type = [each["address"] for kind in ("ExternalIP", "InternalIP") for each in listed if each["type"] == kind]
    return of_type[0] if of_type else ""


def address_of(service: Manifest) -> str:
    """Where a live Service that publishes is reached from outside; empty as long as nobody can tell."""
    port: Mapping[str, Any] = next((p for p in service["spec"]["ports"] if p["name"] == GRPC.name), {})
    if service["spec"].get("type") == NODE_PORT:
        host = (service["metadata"].get("annotations") or {}).get(HOST_ANNOTATION, "")
        return at(host, port["nodePort"]) if host and port.get("nodePort") else ""
    ingress = ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    hosts = [each.get("hostname") or each.get("ip") or "" for each in ingress]
    # A load balancer may list several in an order that changes.
    host = min(filter(None, hosts), key=lambda text: (":" in text, text), default="")
    return at(host, port["port"]) if host and port else ""
