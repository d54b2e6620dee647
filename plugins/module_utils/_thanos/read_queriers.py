# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What answers PromQL in a stack now: its queriers and query frontends, by what their live workloads say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._kubernetes.client import Client
from .._kubernetes.kinds import KINDS
from .._kubernetes.manifest import INSTANCE_LABEL, STACK_LABEL, Manifest, label_of
from .compactors import instance_of
from .model import Stack
from .queriers import COMPONENT, address_of, asked_by, front_of


def read_queriers(client: Client, stack: Stack, own: Sequence[Manifest]) -> dict[str, Any]:
    """The facts ``queriers`` and ``fronts``; ``own`` are the live workloads of the stack.

    A querier whose Deployment is gone has its Service until it is removed. Whoever asks it then goes on to, so that no
    pods are made anew for what the next run of the querier brings back.
    """
    running = {o["metadata"]["name"]: (instance_of(o, stack), url) for o in own if (url := address_of(o))}
    asked = {name: url for o in own for name, url in asked_by(o).items() if name not in running}
    missing = {label: asked[name] for name, label in _services(client, stack).items() if name in asked} if asked else {}
    return {
        "queriers": {**missing, **dict(running.values())},
        "fronts": {instance_of(o, stack): front for o in own if (front := front_of(o))},
    }


def _services(client: Client, stack: Stack) -> dict[str, str]:
    """Services of the stack's queriers, and the instance that each belongs to."""
    query = {"labelSelector": f"{STACK_LABEL}={stack.name},app.kubernetes.io/component={COMPONENT}"}
    body = client.request("GET", KINDS["Service"].path(stack.namespace), query=query).body
    items = (body or {}).get("items") or []
    return {i["metadata"]["name"]: label_of(i, INSTANCE_LABEL) or i["metadata"]["name"] for i in items}
