# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The queriers of a stack for those who ask one: instances of this run, and live ones beside it where they are now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from .._kubernetes.manifest import label_of
from .channels import HTTP
from .model import Front, Manifest, Stack
from .prefix import args_of, prefix_of
from .tier import Duty

# The components of the tiers that answer queries, which their pods have as a label.
COMPONENT, FRONT_COMPONENT = "query-layer", "query-cache"
# The flags of those who ask one.
_ASKING = ("--query", "--query-frontend.downstream-url")


def address_of(workload: Manifest) -> str:
    """Where the API of a live workload is, with the prefix that it runs with; empty where it is no querier."""
    args = _args(workload, COMPONENT)
    if args is None:
        return ""
    return replace(HTTP, prefix=prefix_of(args, external_route=True)).url(_host(workload))


def asked_by(workload: Manifest) -> dict[str, str]:
    """Service → URL of each API in its own namespace that a live workload of the stack was told to ask."""
    end, found = f".{workload['metadata']['namespace']}.svc", {}
    for args in args_of(workload["spec"]["template"]).values():
        for name, _equals, url in (argument.partition("=") for argument in args):
            host = _host_of(url) if name in _ASKING else ""
            if host.endswith(end):
                found[host.removesuffix(end)] = url
    return found


def _host_of(url: str) -> str:
    """The host that a URL names; empty for a text that is no URL, which somebody may have typed into an argument."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def front_of(workload: Manifest) -> Front | None:
    """A live query frontend; None where a workload is none."""
    args = _args(workload, FRONT_COMPONENT)
    if args is None:
        return None
    told = dict(argument.partition("=")[::2] for argument in args)
    remembers = any("response-cache-config" in name for name in told)
    return Front(HTTP.url(_host(workload)), told.get("--query-frontend.downstream-url", ""), remembers)


def _args(workload: Manifest, component: str) -> Sequence[str] | None:
    """The arguments of Thanos in a live workload; None where that is of another component."""
    template = workload["spec"]["template"]
    if label_of(template, "app.kubernetes.io/component") != component:
        return None
    return next((args for name, args in args_of(template).items() if name.startswith("thanos-")), ())


def _host(workload: Manifest) -> str:
    return f"{workload['metadata']['name']}.{workload['metadata']['namespace']}.svc"


def beside(stack: Stack, live: Mapping[str, str], fronts: Mapping[str, Front] | None = None) -> Stack:
    """The stack with those ``live`` queriers (instance → address) and frontends that it neither names nor removes."""
    named = {i.name for i in (*stack.instances, *stack.absent)}
    queriers = {name: url for name, url in live.items() if name not in named}
    others = {name: front for name, front in sorted((fronts or {}).items()) if name not in named}
    return replace(stack, queriers=queriers, fronts=others)


def queriers_of(stack: Stack) -> dict[str, str]:
    """Instance → the URL of its API, of every querier of the stack; where it has none, "" → where one would be.

    Their order is the same whichever of them this run deploys, so that pods which name them stay: the one at the usual
    address, then the others by name.
    """
    found = [w for i in stack.doing(Duty.QUERY) for w in stack.workloads(i) if Duty.QUERY in w.duties]
    own = {w.instance.name: w.channel("http").url(f"{w.name}.{stack.namespace}.svc") for w in found}
    every, usual = {**own, **stack.queriers}, HTTP.url(f"{stack.name}-query.{stack.namespace}.svc")
    names = sorted(every, key=lambda name: (not every[name].startswith(usual), name))
    return {name: every[name] for name in names} or {"": usual}


def urls(stack: Stack) -> list[str]:
    """Where the APIs of the stack's queriers are: of those that it deploys, and of those that run beside it."""
    return list(queriers_of(stack).values())
