# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""StoreAPIs that somebody else runs in the cluster: endpoints found by the labels of their Services, anywhere in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .._findings import Finding, mistake
from .._kubernetes.client import Client
from .._kubernetes.kinds import KINDS
from .._kubernetes.manifest import STACK_LABEL, label_of
from .._options.rows import Option
from .common import LABELS
from .model import Instance, Stack

SERVICES = {
    "endpoint_services": Option(
        "list",
        elements=Option(
            "dict",
            options={
                "namespace": Option(form="dns_label"),
                "labels": LABELS,
                "port": Option(default="grpc", form="dns_label"),
            },
        ),
    )
}


def problems_of_services(instance: Instance) -> list[Finding]:
    """Entries without labels, which would be every Service there is."""
    return [
        mistake("option-required", f"endpoint_services[{i}].labels", "is required", "give one at least", joint=" ")
        for i, each in enumerate(instance["endpoint_services"])
        if not each["labels"]
    ]


def read_services(client: Client, stack: Stack, warnings: list[str]) -> dict[str, tuple[str, ...]]:
    """The addresses of the StoreAPIs behind such Services, by the name of the querier; ``warnings`` gets sentences."""
    asking = [instance for instance in stack.instances if instance.options.get("endpoint_services")]
    return {i.name: tuple(_addresses(client, stack, i, warnings)) for i in asking}


def _addresses(client: Client, stack: Stack, instance: Instance, warnings: list[str]) -> Iterable[str]:
    found: dict[str, None] = {}
    for each in instance["endpoint_services"]:
        labels = ",".join(f"{name}={value}" for name, value in sorted(each["labels"].items()))
        path = KINDS["Service"].path(each["namespace"] or "")
        answer = client.request("GET", path, query={"labelSelector": labels}, ok=(403,))
        place = f"the namespace {each['namespace']}" if each["namespace"] else "the whole cluster"
        if answer.status == 403:
            warnings.append(f"{instance.name}: the Services of {place} may not be read, so none is an endpoint")
            continue
        items = [item for item in answer.body["items"] if not _is_ours(item, stack)]
        if not items:
            warnings.append(f"{instance.name}: no Service of {place} has the labels {labels}")
        for item in sorted(items, key=lambda item: (item["metadata"]["namespace"], item["metadata"]["name"])):
            name = f"{item['metadata']['name']}.{item['metadata']['namespace']}"
            warnings += (f"{instance.name}: the Service {name} {why}" for why in _troubles(item, each["port"]))
            if _has(item, each["port"]):
                found[f"dnssrv+_{each['port']}._tcp.{name}.svc"] = None
    return sorted(found)


def _is_ours(service: Mapping[str, Any], stack: Stack) -> bool:
    """Whether a querier of the stack reads it in any case."""
    return label_of(service, STACK_LABEL) == stack.name and service["metadata"]["namespace"] == stack.namespace


def _has(service: Mapping[str, Any], port: str) -> bool:
    return any(each.get("name") == port for each in service["spec"].get("ports") or ())


def _troubles(service: Mapping[str, Any], port: str) -> Iterable[str]:
    if not _has(service, port):
        names = ", ".join(str(each.get("name")) for each in service["spec"].get("ports") or ())
        yield f"has no port {port}, so that it is no endpoint; it has: {names or 'none'}"
    elif service["spec"].get("clusterIP") != "None":
        yield "is not headless: of the pods behind its address a querier reads one, and not each"
