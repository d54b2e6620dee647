# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the Prometheis of others that a stack is beside: the live objects, and through the API server their pods."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from .._kubernetes.client import Client
from .._kubernetes.compare import owned_fields
from .._kubernetes.kinds import KINDS
from .._kubernetes.manifest import borrower, managers_of
from .._kubernetes.pod_proxy import with_cause
from .._kubernetes.response import ApiError
from .._options.forms import seconds
from .._threads import in_threads
from .existing import CONTAINER, CUSTOM_RESOURCE, STATEFUL_SET, channel_by
from .model import Existing, Instance, Manifest, Replica, Stack
from .owners import chart_of, controller_of, tool_of
from .prefix import args_of

if TYPE_CHECKING:
    from .channels import Channel

_DEFINITION = "prometheuses.monitoring.coreos.com"
_VERSION = "operator.prometheus.io/version"
# The user of Prometheus' own image.
_NOBODY = {"runAsUser": 65534, "runAsGroup": 65534}
_OWN_IMAGE = re.compile(r"(?:^|/)prom(?:etheus)?/prometheus(?:[:@]|$)")
_TOP = re.compile(r"^\S", re.MULTILINE)
_INTERVAL = re.compile(r"^  scrape_interval: (\S+)$", re.MULTILINE)
# Flags that say something of what a sidecar needs. Others may hold what is not for our files.
_FLAGS = re.compile(r"agent|enable-feature|storage\.tsdb\..*|web\.(?:external-url|listen-address|route-prefix)")


def read_existing(client: Client, stack: Stack) -> dict[str, tuple[Existing, ...]]:
    """What is known of them, by the name of the instance that is beside them."""
    beside = [instance for instance in stack.instances if instance.options.get("prometheus")]
    return {instance.name: tuple(_found(client, stack, instance)) for instance in beside}


def _found(client: Client, stack: Stack, instance: Instance) -> Iterable[Existing]:
    named = instance["prometheus"]
    if named["stateful_set"]:
        return [_stateful_set(client, stack, instance)]
    return _custom_resources(client, stack, instance)


def _stateful_set(client: Client, stack: Stack, instance: Instance) -> Existing:
    named = instance["prometheus"]
    name, row = named["stateful_set"], KINDS[STATEFUL_SET]
    answer = client.request("GET", row.path(stack.namespace, name), ok=(404,))
    if answer.status == 404:
        missing = f"does not exist in the namespace {stack.namespace}"
        return Existing(STATEFUL_SET, name, missing=missing, advice="name one that is there, in stateful_set")
    live = answer.body
    known = described(live, stack, instance)
    pods = _pods(client, stack, known.selector, live["metadata"]["uid"]) if known.container and known.selector else []
    return _with_pods(client, known, pods, functools.partial(_channel, container=known.container))


def described(live: Manifest, stack: Stack, instance: Instance) -> Existing:
    """What a live StatefulSet tells by itself."""
    named, pod = instance["prometheus"], live["spec"]["template"]["spec"]
    ours = borrower(stack.name, instance.name) in managers_of(live)
    containers = [each for each in pod["containers"] if not (ours and each["name"] == CONTAINER)]
    prometheus = _prometheus_among(containers, named["container"])
    volumes = [volume["name"] for volume in pod.get("volumes") or () if "emptyDir" in volume]
    strategy = (live["spec"].get("updateStrategy") or {}).get("type")
    return Existing(
        STATEFUL_SET,
        live["metadata"]["name"],
        replicas=live["spec"].get("replicas", 1),
        selector=live["spec"]["selector"].get("matchLabels") or {},
        controller=controller_of(live),
        tool=tool_of(live),
        chart=chart_of(live),
        sidecar="theirs" if any(map(_is_sidecar, containers)) else "ours" if ours else "",
        container=prometheus["name"] if prometheus else "",
        containers=tuple(each["name"] for each in containers),
        mounts=tuple(_mount(each) for each in (prometheus or {}).get("volumeMounts") or ()),
        user=_user(named["run_as_user"], pod, prometheus) if prometheus else None,
        temporary=tuple(volumes),
        ports=tuple(port["containerPort"] for each in containers for port in each.get("ports") or ()),
        on_delete=strategy == "OnDelete",
    )


def _prometheus_among(containers: Iterable[Manifest], wanted: str | None) -> Manifest | None:
    """The container with this name, else the one that is known to be Prometheus."""
    several = list(containers)
    if wanted:
        return next((each for each in several if each["name"] == wanted), None)
    named = [each for each in several if each["name"] == "prometheus"]
    images = [each for each in several if _OWN_IMAGE.search(each.get("image", ""))]
    return next(iter([*named, *images]), None)


def _is_sidecar(container: Mapping[str, Any]) -> bool:
    words = [*(container.get("command") or ()), *(container.get("args") or ())]
    return "sidecar" in words[:2] and "thanos" in f"{container.get('image', '')} {' '.join(words[:1])}"


def _mount(mount: Mapping[str, Any]) -> dict[str, Any]:
    return {key: mount[key] for key in ("name", "mountPath", "subPath", "subPathExpr") if mount.get(key)}


def _user(given: int | None, pod: Mapping[str, Any], container: Mapping[str, Any]) -> dict[str, int] | None:
    """Whom a container beside Prometheus has to run as; empty where the pod says so, None where nobody does."""
    own = container.get("securityContext") or {}
    if given is not None:
        return {"runAsUser": given}
    if own.get("runAsUser") is not None:
        return {key: own[key] for key in ("runAsUser", "runAsGroup") if own.get(key) is not None}
    if (pod.get("securityContext") or {}).get("runAsUser") is not None:
        return {}
    return dict(_NOBODY) if _OWN_IMAGE.search(container.get("image", "")) else None


def _channel(pod: Manifest, container: str, scheme: str = "http") -> Channel:
    """Where a pod's Prometheus listens, by its arguments."""
    return channel_by(args_of(pod).get(container, ()), scheme)


def _custom_resources(client: Client, stack: Stack, instance: Instance) -> list[Existing]:
    named, row = instance["prometheus"], KINDS[CUSTOM_RESOURCE]
    name = named["custom_resource"] or ""
    if name:
        answer = client.request("GET", row.path(stack.namespace, name), ok=(404,))
        items = [answer.body] if answer.status == 200 else []
    else:
        labels = ",".join(f"{key}={value}" for key, value in sorted(named["selector"].items()))
        query = {"labelSelector": labels}
        answer = client.request("GET", row.path(stack.namespace), query=query, ok=(404,))
        items = list((answer.body or {}).get("items") or ()) if answer.status == 200 else []
    if not items:
        there = client.request("GET", row.path(stack.namespace), ok=(403, 404))
        return [_none(name, stack, there)]
    definition = _definition(client)
    kind = {"apiVersion": row.api_version, "kind": row.name}
    known = [_described_resource({**live, **kind}, stack, instance, *definition) for live in items]
    return [
        _with_pods(
            client,
            each,
            _pods(client, stack, each.selector, ""),
            functools.partial(_channel, container="prometheus", scheme=each.scheme),
        )
        for each in sorted(known, key=lambda each: each.name)
    ]


def _none(name: str, stack: Stack, there: Any) -> Existing:
    if there.status == 404:
        advice = "install the operator first, or name a StatefulSet in stateful_set"
        return Existing(CUSTOM_RESOURCE, name, missing="is of a kind that this cluster does not have", advice=advice)
    names = ", ".join(item["metadata"]["name"] for item in (there.body or {}).get("items") or ()) or "none"
    what = "does not exist" if name else "of these labels does not exist"
    return Existing(
        CUSTOM_RESOURCE, name, missing=f"{what} in the namespace {stack.namespace}", advice=f"there is: {names}"
    )


def _definition(client: Client) -> tuple[str, tuple[str, ...] | None]:
    """The version of the operator that the definition is of, and the fields of a spec; None where it is not ours to
    read.
    """
    answer = client.request("GET", KINDS["CustomResourceDefinition"].path(name=_DEFINITION), ok=(403, 404))
    if answer.status != 200:
        return "", None
    version = (answer.body["metadata"].get("annotations") or {}).get(_VERSION, "")
    served: Mapping[str, Any] = next((v for v in answer.body["spec"]["versions"] if v["name"] == "v1"), {})
    root = ((served.get("schema") or {}).get("openAPIV3Schema") or {}).get("properties") or {}
    spec = (root.get("spec") or {}).get("properties") or {}
    thanos = (spec.get("thanos") or {}).get("properties") or {}
    return version, (*spec, *(f"thanos.{name}" for name in thanos))


def _described_resource(
    live: Manifest, stack: Stack, instance: Instance, operator: str, schema: tuple[str, ...] | None
) -> Existing:
    """What a live custom resource tells by itself."""
    spec, name = live["spec"], live["metadata"]["name"]
    owned = owned_fields(live, borrower(stack.name, instance.name), live["apiVersion"]) or {}
    ours = "f:thanos" in (owned.get("f:spec") or {})
    return Existing(
        CUSTOM_RESOURCE,
        name,
        replicas=spec.get("replicas", 1) * spec.get("shards", 1),
        shards=spec.get("shards", 1) or 1,
        selector={"app.kubernetes.io/name": "prometheus", "operator.prometheus.io/name": name},
        scheme="https" if (spec.get("web") or {}).get("tlsConfig") else "http",
        controller=controller_of(live),
        tool=tool_of(live),
        chart=chart_of(live),
        sidecar="ours" if ours else "theirs" if "thanos" in spec else "",
        operator=operator,
        schema=schema,
    )


def _pods(client: Client, stack: Stack, selector: Mapping[str, str], owner: str) -> list[Manifest]:
    """Its pods: those with these labels, and where ``owner`` says so, of this uid's."""
    query = {"labelSelector": ",".join(f"{key}={value}" for key, value in sorted(selector.items()))}
    items = client.request("GET", KINDS["Pod"].path(stack.namespace), query=query).body["items"]
    owners = {item["metadata"]["name"]: item["metadata"].get("ownerReferences") or () for item in items}
    mine = [i for i in items if not owner or any(o["uid"] == owner for o in owners[i["metadata"]["name"]])]
    return sorted(mine, key=lambda item: str(item["metadata"]["name"]))


def _with_pods(
    client: Client, known: Existing, pods: Iterable[Manifest], channel: Callable[[Manifest], Channel]
) -> Existing:
    replicas = in_threads(lambda pod: _replica(client, pod, channel(pod)), list(pods))
    return Existing(**{**vars(known), "pods": tuple(replicas)})


def _replica(client: Client, pod: Manifest, channel: Channel) -> Replica:
    """What one pod tells of itself."""
    name = pod["metadata"]["name"]
    root = f"{channel.proxy(pod['metadata']['namespace'], name)}{channel.prefix}/api/v1/status"
    told = {}
    for question in ("buildinfo", "flags", "config"):
        try:
            answer = client.request("GET", f"{root}/{question}", ok=range(400, 600))
        except ApiError as error:
            return Replica(name, error=str(error))
        if answer.status != 200:
            text = " ".join(str((answer.body or {}).get("message") or answer.text).split())[:300]
            return Replica(name, error=with_cause(answer.status, f"HTTP {answer.status}: {text}"))
        told[question] = (answer.body or {}).get("data") or {}
    labels, interval = configured(str(told["config"].get("yaml", "")))
    flags = {key: str(value) for key, value in told["flags"].items() if _FLAGS.fullmatch(key)}
    return Replica(name, str(told["buildinfo"].get("version", "")), labels, flags, interval)


def configured(text: str) -> tuple[dict[str, str], str]:
    """The external labels, and the longest interval of a job, in a configuration as Prometheus writes it.

    It may be long, and only its first part is needed as a whole.
    """
    import yaml

    starts = [match.start() for match in _TOP.finditer(text)]
    end = next((start for start in starts if start > text.find("global:") >= 0), len(text))
    settings = (yaml.safe_load(text[text.find("global:") : end]) or {}).get("global") or {} if "global:" in text else {}
    labels = {str(name): str(value) for name, value in (settings.get("external_labels") or {}).items()}
    own = _INTERVAL.findall(text[end:])
    return labels, max(own, key=seconds, default="")
