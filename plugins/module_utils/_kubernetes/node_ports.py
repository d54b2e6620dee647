# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Node ports that a run asks for and that Services of others have: told with the Service, before anything is made.

The server tells of a port that is taken in a dry run, too, but not whose it is, and not in a namespace that it lacks.
"""

from __future__ import annotations

from collections.abc import Iterable

from .client import Client
from .kinds import KINDS
from .manifest import STACK_LABEL, Manifest, Scope, label_of
from .plan import Step
from .refusals import ANOTHER_NODE_PORT


def ports_of(item: Manifest | None) -> set[int]:
    """The node ports that a Service names, or has; none of anything else."""
    if not item or item.get("kind") != "Service":
        return set()
    spec = item.get("spec") or {}
    ports = {port.get("nodePort") for port in spec.get("ports") or ()}
    return {port for port in (*ports, spec.get("healthCheckNodePort")) if port}


def taken(client: Client, scope: Scope, steps: Iterable[Step]) -> list[str]:
    """A sentence for each port of a Service that has to be applied and that another Service of the cluster has.

    Where these may not be read, the server tells when the Service is applied. One of the stack's own Services may give
    the port up in the same run.
    """
    wanted = {
        port: step.ref for step in steps if step.due for port in sorted(ports_of(step.desired) - ports_of(step.live))
    }
    if not wanted:
        return []
    kind = KINDS["Service"]
    answer = client.request("GET", kind.path(), ok=(403,))
    if answer.status == 403:
        return []
    told = []
    for item in (answer.body or {}).get("items") or ():
        place = item["metadata"]["namespace"], item["metadata"]["name"]
        if place[0] == scope.namespace and label_of(item, STACK_LABEL) == scope.stack:
            continue
        for port in sorted(ports_of({**item, "kind": kind.name}) & wanted.keys()):
            told.append(
                f"{wanted[port]}: the node port {port} is that of the Service {'/'.join(place)}; {ANOTHER_NODE_PORT}"
            )
    return told
