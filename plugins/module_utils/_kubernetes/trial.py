# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Some objects are tried before anything is written: what is wrong with a pod, such as a misspelt field of a
toleration, and which node ports are free, only the server knows, and it would tell in the middle of the run.
"""

from __future__ import annotations

from collections.abc import Iterable

from .apply import apply_step
from .client import WRONG_OBJECT, Client, in_parallel
from .manifest import Manifest
from .plan import Step
from .response import ApiError

_TRIED = ("Deployment", "StatefulSet")


def refused(client: Client, steps: Iterable[Step], leaving: Iterable[Manifest] = ()) -> list[str]:
    """What the server would refuse of the workloads and node ports that have to be applied. Writes nothing.

    :param leaving: objects that the run removes.
    """
    every = list(steps)
    # A port that one of our own Services has may be free by the time that another one of ours gets it.
    ours = {port for item in (*leaving, *(step.live for step in every)) for port in _node_ports(item)}

    def tried(step: Step) -> bool:
        ports = _node_ports(step.desired)
        return step.ref.kind in _TRIED or bool(ports and not ports & ours)

    def ask(step: Step) -> str:
        try:
            apply_step(client, step, dry_run=True)
        except ApiError as error:
            # Whatever else a dry run is refused for may pass in earnest: some webhooks take none.
            wrong = error.status == 422 or WRONG_OBJECT.search(error.message)
            told = error.message
            return (told if told.startswith(f"{step.ref}") else f"{step.ref}: {told}") if wrong else ""
        return ""

    told = list(client.warnings)
    found = in_parallel(ask, [step for step in every if step.due and tried(step)])
    # The server warns again when they are applied.
    client.warnings[:] = told
    return [text for text in found if text]


def _node_ports(item: Manifest | None) -> set[int]:
    """Those that a Service names, or has."""
    ports = ((item or {}).get("spec") or {}).get("ports") or () if (item or {}).get("kind") == "Service" else ()
    return {port["nodePort"] for port in ports if port.get("nodePort")}
