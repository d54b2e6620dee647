# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Endpoints that have names: what a run does not know of them is as the querier last knew it.

A run over a part of a fleet knows neither the addresses of the edges that it leaves out, nor whether an edge that is
missing in its inventory is gone or only in another part. So named endpoints are written down beside the endpoint file,
in an annotation of its ConfigMap, and nothing but a word of the user takes one out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .._errors import nearest
from .._findings import Finding
from .._kubernetes.client import Client
from .._kubernetes.kinds import KINDS
from .._options.convert import convert
from .._options.rows import Option
from .model import Instance, Stack
from .plain_json import plain_json
from .remote_endpoints import OF_ENDPOINT, Endpoint

ANNOTATION = "o11y.thanos/endpoints"
KEEPING = {
    "keep_endpoints": Option("bool", False),
    "forget_endpoints": Option("list", elements="str"),
}
# Instance → name of an endpoint → its options.
Known = Mapping[str, Mapping[str, Endpoint]]
# Kind and name of what pods have as files → its keys, None where it does not exist.
Files = Mapping[str, Any]


def read_endpoints(client: Client, stack: Stack, warnings: list[str]) -> dict[str, dict[str, Any]]:
    """What the live queriers know, by one GET for each whose options leave something to that."""
    return {i.name: _live(client, stack, i, warnings) for i in stack.instances if _asks(i)}


def remembering(stack: Stack, known: Known, files: Files | None = None) -> Stack:
    """The stack with what is ``known``: addresses that no option tells, and endpoints that none names.

    With ``files`` it is without named endpoints whose CA is not in the Secret yet: one cluster that told no CA must not
    keep the querier from the others.
    """

    def seen(instance: Instance) -> Instance:
        if not _asks(instance):
            return instance
        there = known.get(instance.name, {})
        listed = [_with_address(endpoint, there) for endpoint in _listed(instance)]
        more = [there[name] for name in _kept(instance, there)]
        endpoints = [each for each in (*listed, *more) if each["address"] and not _is_unknown(instance, each, files)]
        return replace(instance, options={**instance.options, "endpoints": endpoints})

    return replace(stack, instances=tuple(map(seen, stack.instances)))


def unknown(stack: Stack, known: Known, files: Files | None = None) -> list[str]:
    """Warnings: endpoints without an address or a CA, which are left out, and those that only the querier names."""
    told = []
    for instance in filter(_asks, stack.instances):
        there = known.get(instance.name, {})
        told += [
            f"{instance.name}: the endpoint {endpoint['name']} is left out, since its address is not known yet: deploy "
            "the cluster that it is in"
            for endpoint in _listed(instance)
            if not _with_address(endpoint, there)["address"]
        ]
        told += [
            f"{instance.name}: the endpoint {endpoint['name']} is left out, since the Secret "
            f"{instance['client_tls']['secret']} does not have its CA yet: deploy the cluster that it is in"
            for endpoint in _listed(instance)
            if _is_unknown(instance, endpoint, files)
        ]
        told += [
            f"{instance.name}: the endpoint {name} ({there[name]['address']}) stays, although this run does not name "
            "it: if that cluster is gone for good, tear it down, or name it in thanos_fleet_forget (option "
            "forget_endpoints)"
            for name in _kept(instance, there)
        ]
    return told


def not_forgotten(stack: Stack, known: Known) -> list[str]:
    """Warnings: names that shall be forgotten, and that no querier of the stack knows."""
    asking = [instance for instance in stack.instances if _asks(instance)]
    there = {name for instance in asking for name in known.get(instance.name, {})}
    names = there | {each["name"] for instance in asking for each in instance["endpoints"] if each["name"]}
    asked = dict.fromkeys(name for instance in asking for name in instance["forget_endpoints"])
    return [
        f"thanos_fleet_forget (option forget_endpoints) names '{name}', and no querier here has an endpoint of that "
        f"name; there {'is' if len(there) == 1 else 'are'} {', '.join(sorted(there)) or 'none'}.{nearest(name, there)}"
        for name in asked
        if name not in names
    ]


def annotation(instance: Instance) -> dict[str, str]:
    """The annotation for the ConfigMap of the endpoint file; empty without named endpoints."""
    named = {endpoint["name"]: dict(endpoint) for endpoint in instance["endpoints"] if endpoint["name"]}
    return {ANNOTATION: plain_json(dict(sorted(named.items())))} if named else {}


def _asks(instance: Instance) -> bool:
    options = instance.options
    return any(options.get(name) for name in KEEPING) or any(
        not each["address"] for each in options.get("endpoints") or ()
    )


def _listed(instance: Instance) -> list[Endpoint]:
    """The endpoints of the options, without those that are to be forgotten."""
    return [each for each in instance["endpoints"] if each["name"] not in instance["forget_endpoints"]]


def _is_unknown(instance: Instance, endpoint: Endpoint, files: Files | None) -> bool:
    """Whether a named endpoint has a CA that the Secret of the querier does not have."""
    secret, tls = instance["client_tls"], endpoint["tls"]
    keys = (files or {}).get(f"Secret/{secret['secret']}") if secret else None
    return bool(endpoint["name"] and keys and tls and tls["enabled"] and tls["ca"] and tls["ca"] not in keys)


def _kept(instance: Instance, there: Mapping[str, Endpoint]) -> list[str]:
    """Names that only the live querier knows, and that stay."""
    if not instance["keep_endpoints"]:
        return []
    listed = {endpoint["name"] for endpoint in instance["endpoints"]}
    return [name for name in sorted(there) if name not in listed and name not in instance["forget_endpoints"]]


def _with_address(endpoint: Endpoint, there: Mapping[str, Endpoint]) -> Endpoint:
    if endpoint["address"] or endpoint["name"] not in there:
        return endpoint
    return {**endpoint, "address": there[endpoint["name"]]["address"]}


def _live(client: Client, stack: Stack, instance: Instance, warnings: list[str]) -> dict[str, Any]:
    answer = client.request("GET", KINDS["ConfigMap"].path(stack.namespace, instance.fullname), ok=(404,))
    metadata = {} if answer.status == 404 else answer.body["metadata"]
    text = (metadata.get("annotations") or {}).get(ANNOTATION, "{}")
    believed, others = endpoints_of(text)
    if others:
        warnings.append(
            f"{instance.name}: what the annotation {ANNOTATION} of the ConfigMap {stack.namespace}/{instance.fullname} "
            f"says of {', '.join(others)} was not written by a run, and is not believed: where this run does not tell "
            "the address, deploy the cluster that it is in"
        )
    return believed


def endpoints_of(text: str) -> tuple[dict[str, Endpoint], list[str]]:
    """Name → endpoint from the text of an annotation, and what of it was edited by hand, by names where it has some."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, Mapping):
        return {}, ["every endpoint"]
    read = {str(name): _endpoint(str(name), entry) for name, entry in found.items()}
    return {name: each for name, each in read.items() if each}, sorted(name for name in read if not read[name])


def _endpoint(name: str, entry: Any) -> Endpoint | None:
    """What we wrote of an endpoint, also where there were fewer options then; None where we did not."""
    if not isinstance(entry, Mapping) or entry.get("name") != name or not entry.get("address"):
        return None
    problems: list[Finding] = []
    typed = convert(OF_ENDPOINT, {key: entry[key] for key in OF_ENDPOINT if key in entry}, "", problems)
    return None if problems else typed
