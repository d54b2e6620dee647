# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Prometheus that somebody else made: the option that names it, and what follows from what was found of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._findings import Finding, mistake
from .._options.convert import convert
from .._options.rows import Option, Options
from .channels import HTTP, Channel
from .common import LABELS
from .grpc_tls import MIN_VERSION, grpc_channel
from .model import Existing, Instance, Stack
from .prometheus_flags import path_of
from .workloads import Beside, Workload

STATEFUL_SET, CUSTOM_RESOURCE = "StatefulSet", "Prometheus"
# What a sidecar is called beside them, by us and by the operator.
CONTAINER = "thanos-sidecar"
_NAMES = ("stateful_set", "custom_resource", "selector")
PROMETHEUS = {
    "prometheus": Option(
        "dict",
        options={
            "stateful_set": Option(form="dns_name"),
            "custom_resource": Option(form="dns_name"),
            "selector": LABELS,
            "container": Option(form="dns_label"),
            "run_as_user": Option("int", minimum=0),
            "restart_prometheus": Option("bool", False),
            "apply_beside_owner": Option("bool", False),
        },
    )
}
# On the Service of sidecars in pods of others, by which their instance is found when nobody names it any longer.
BESIDE_LABEL = "o11y.thanos/beside"
# The file in which a sidecar notes what it has uploaded; Prometheus 3.9 can wait for it before it compacts.
META_FILE = "thanos.shipper.json"
# Until the live object is read.
_FOLDER, _WEB = "/prometheus", Channel("web", 9090, whole=True)


def others(instance: Instance) -> tuple[Existing, ...]:
    """What was found of the Prometheis that an instance is beside; empty before that, and for one of our own."""
    named = instance.options.get("prometheus")
    return tuple(named.get("found") or ()) if named else ()


def knowing(stack: Stack, found: Mapping[str, Sequence[Existing]]) -> Stack:
    """The stack in which each instance beside a Prometheus of others knows what was found of it."""

    def seen(instance: Instance) -> Instance:
        if instance.name not in found:
            return instance
        named = {**instance["prometheus"], "found": tuple(found[instance.name])}
        return replace(instance, options={**instance.options, "prometheus": named})

    return replace(stack, instances=tuple(map(seen, stack.instances))) if found else stack


def problems_of_beside(instance: Instance, own: Options) -> list[Finding]:
    """Options that do not fit together; ``own`` are those of a Prometheus that the collection deploys."""
    named = instance["prometheus"]
    if not named:
        return []
    problems = []
    given = [name for name in _NAMES if named[name]]
    if len(given) != 1:
        what = f"names {' and '.join(given)}" if given else "names no Prometheus"
        advice = f"give one of {', '.join(_NAMES)}"
        kind = "option-conflict" if given else "option-required"
        problems.append(mistake(kind, "prometheus", what, advice, joint=" "))
    for name in ("container", "run_as_user"):
        if named[name] is not None and not named["stateful_set"]:
            what = "is looked at for a StatefulSet only"
            problems.append(mistake("option-without-effect", f"prometheus.{name}", what, "leave it out", joint=" "))
    default = convert(own, {}, "", [])
    problems += [
        mistake(
            "option-without-effect",
            name,
            "is of a Prometheus that this collection deploys, and that of prometheus is somebody else's",
            "leave it out, or say it where that Prometheus is configured",
            joint=" ",
        )
        for name in own
        if name not in _SHARED and instance[name] != default[name]
    ]
    return problems


# What a sidecar beside a Prometheus of others looks at, too.
_SHARED = frozenset({"replica_label"})


_OF_OWNER = "the pods are those of a Prometheus that somebody else made"
# What a sidecar there has nothing to do with, which all instances may have from elsewhere.
_OF_PODS = (
    *("image_pull_secrets", "node_selector", "tolerations", "affinity", "topology_spread_constraints"),
    *("priority_class_name", "pod_labels", "pod_annotations", "service_account_annotations"),
)


def unread_beside(instance: Instance) -> dict[str, str]:
    """Options of pods and their Services that a sidecar in somebody else's pods does not look at, and why."""
    named = instance["prometheus"]
    if not named:
        return {}
    unread = dict.fromkeys(_OF_PODS, f"{_OF_OWNER}, and are configured where that is")
    unread["service"] = f"{_OF_OWNER}, and the sidecar in them has no Service but one without an address, for queriers"
    if not named["stateful_set"]:
        unread["image_pull_policy"] = f"{_OF_OWNER}, and its operator decides it"
    return unread


def is_theirs(instance: Instance, existing: Existing) -> bool:
    """Whether the sidecar is its owner's, or is for its owner to add: then nothing of the object is ours."""
    if existing.sidecar == "theirs":
        return True
    return bool(existing.tool) and not instance["prometheus"]["apply_beside_owner"]


def more_args(instance: Instance) -> list[str]:
    """What a custom resource of the operator can be told in its additional arguments alone."""
    tls = instance["grpc_tls"]
    told = tls and tls["min_version"] != MIN_VERSION.default
    return [*([f"--grpc-server-tls-min-version={tls['min_version']}"] if told else []), *instance["extra_args"]]


def borrows_of(instance: Instance) -> tuple[Existing, ...]:
    """Those to which the instance adds its fields."""
    return tuple(each for each in others(instance) if not is_theirs(instance, each))


def web_of(existing: Existing) -> Channel:
    """The port of Prometheus, behind the path that its flags give it."""
    names = ("web.route-prefix", "web.external-url")
    address = existing.flag("web.listen-address").strip("[]").split()[:1]
    flags = [
        *(f"--{name}={existing.flag(name)}" for name in names),
        *(f"--web.listen-address={each}" for each in address),
    ]
    return channel_by(flags, existing.scheme)


def channel_by(args: Sequence[str], scheme: str) -> Channel:
    """The port that a Prometheus with these arguments listens to."""
    values = {name.lstrip("-"): value for name, _unused, value in (each.partition("=") for each in args)}
    port = values.get("web.listen-address", "").rpartition(":")[2]
    return replace(_WEB, port=int(port) if port.isdigit() else _WEB.port, scheme=scheme, prefix=path_of(args))


def folder_of(existing: Existing | None) -> str:
    """Where its database lies in its container."""
    return (existing.flag("storage.tsdb.path") if existing else "") or _FOLDER


def mount_of(existing: Existing) -> Mapping[str, Any] | None:
    """The volume mount that its database lies on; None where it lies in the container."""
    folder = f"{folder_of(existing).rstrip('/')}/"
    above = [each for each in existing.mounts if folder.startswith(f"{str(each['mountPath']).rstrip('/')}/")]
    return max(above, key=lambda each: len(str(each["mountPath"])), default=None)


def workloads_beside(instance: Instance, arguments: Callable[[str, str], Sequence[str]]) -> tuple[Workload, ...]:
    """A workload for each Prometheus; ``arguments`` makes those of the sidecar from its URL and its folder.

    Before anything was found there is one, whose arguments stand for those that there will be.
    """
    return tuple(_workload(instance, each, arguments) for each in others(instance) or (None,))


def _workload(
    instance: Instance, existing: Existing | None, arguments: Callable[[str, str], Sequence[str]]
) -> Workload:
    web = web_of(existing) if existing else _WEB
    named = instance["prometheus"]
    programs = () if existing and is_theirs(instance, existing) else ("Thanos",)
    beside = Beside(
        STATEFUL_SET if named["stateful_set"] else CUSTOM_RESOURCE,
        existing.name if existing else named["stateful_set"] or named["custom_resource"] or "",
        existing.selector if existing else {},
        tuple(replica.pod for replica in existing.pods) if existing else (),
        programs,
    )
    return Workload(
        instance,
        "StatefulSet",
        existing.replicas if existing else 1,
        (HTTP, grpc_channel(instance), web),
        tuple(arguments(web.url("localhost"), folder_of(existing))),
        instance.tier.duties,
        role=existing.name if existing and named["selector"] else "",
        beside=beside,
    )


def of_workload(workload: Workload) -> Existing | None:
    """What was found of what a workload is beside."""
    if not workload.beside:
        return None
    named = workload.beside
    return next((e for e in others(workload.instance) if (e.kind, e.name) == (named.kind, named.name)), None)
