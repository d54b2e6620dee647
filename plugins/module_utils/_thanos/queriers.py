# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queriers of the stack that a run does not deploy: whoever asks queriers asks these too, where they are now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .._kubernetes.manifest import label_of
from .channels import HTTP
from .model import Manifest, Stack
from .prefix import args_of, prefix_of

# The component of the tier that answers queries, which its pods have as a label.
COMPONENT = "query-layer"


def address_of(workload: Manifest) -> str:
    """Where the API of a live workload is, with the prefix that it runs with; empty where it is no querier."""
    metadata, template = workload["metadata"], workload["spec"]["template"]
    if label_of(template, "app.kubernetes.io/component") != COMPONENT:
        return ""
    args = next((args for name, args in args_of(template).items() if name.startswith("thanos-")), ())
    channel = replace(HTTP, prefix=prefix_of(args, external_route=True))
    return channel.url(f"{metadata['name']}.{metadata['namespace']}.svc")


def beside(stack: Stack, live: Mapping[str, str]) -> Stack:
    """The stack with those ``live`` queriers (instance → address) that it neither names nor removes."""
    named = {i.name for i in (*stack.instances, *stack.absent)}
    return replace(stack, queriers=tuple(address for name, address in sorted(live.items()) if name not in named))
