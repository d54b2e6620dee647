# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses at which other clusters reach the stack's queriers, as they are now."""

from __future__ import annotations

from .._kubernetes.client import Client
from .._kubernetes.kinds import KINDS
from .model import Stack
from .publish import address_of, service_name, service_type


def addresses(client: Client, stack: Stack) -> dict[str, str]:
    """``host:port`` by instance name, of those whose address is known."""
    result = {}
    for instance in stack.instances:
        publish = instance.options.get("publish")
        if publish and publish["address"]:
            result[instance.name] = str(publish["address"])
        elif service_type(instance):
            path = KINDS["Service"].path(stack.namespace, service_name(instance.fullname))
            answer = client.request("GET", path, ok=(404,))
            address = "" if answer.status == 404 else address_of(answer.body)
            result |= {instance.name: address} if address else {}
    return result
