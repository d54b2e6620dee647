# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workloads are tried before anything is written: what is wrong with a pod, such as a misspelt field of a toleration,
only the server knows, and it would tell in the middle of the run, when what the pod refers to is made already.
"""

from __future__ import annotations

from collections.abc import Iterable

from .apply import apply_step
from .client import WRONG_OBJECT, Client, in_parallel
from .plan import Step
from .response import ApiError

_TRIED = ("Deployment", "StatefulSet")


def refused(client: Client, steps: Iterable[Step]) -> list[str]:
    """What the server would refuse of the workloads that have to be applied. Writes nothing."""

    def ask(step: Step) -> str:
        try:
            apply_step(client, step, dry_run=True)
        except ApiError as error:
            # Whatever else a dry run is refused for may pass in earnest: some webhooks take none.
            wrong = error.status == 422 or WRONG_OBJECT.search(error.message)
            return f"{step.ref}: {error.message}" if wrong else ""
        return ""

    told = list(client.warnings)
    found = in_parallel(ask, [step for step in steps if step.due and step.ref.kind in _TRIED])
    # The server warns again when they are applied.
    client.warnings[:] = told
    return [text for text in found if text]
