# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the blocks of ingestors ask of the compactor of their bucket."""

from __future__ import annotations

from collections.abc import Iterator

from .._findings import Finding, mistake
from .._options.forms import seconds
from .flags import name_of
from .model import Instance, Stack
from .objstores import objstore_key
from .tier import Duty
from .workloads import Workload

_VERTICAL = "compact.enable-vertical-compaction"


def problems_of_blocks(stack: Stack) -> list[Finding]:
    """Compactors that would halt at blocks which overlap, as late samples make them."""
    return [
        mistake(
            "option-conflict",
            f"instances.{compactor.name}",
            f"would halt at the blocks of {members.title}: with out_of_order_window "
            f"({members.instance['out_of_order_window']}) they overlap",
            f"set deduplication_replica_labels: [{members.instance['replica_label']}] there, or "
            f"extra_args: [--{_VERTICAL}]",
            joint=" ",
        )
        for members, compactor in _pairs(stack)
        if seconds(members.instance["out_of_order_window"] or "0") and not _merges(compactor)
    ]


def warnings_of_blocks(stack: Stack) -> list[str]:
    """Sentences about compactors that would leave gaps in what ingestors keep several times."""
    return [
        f"{compactor.name} deduplicates with penalty, which is for pairs of Prometheus; of the copies that "
        f"{members.title} keeps, samples would go missing: leave deduplication_func out, or give the receive an object "
        "store of its own"
        for members, compactor in _pairs(stack)
        if compactor["deduplication_func"] and members.instance["replica_label"] in _labels(compactor)
    ]


def _pairs(stack: Stack) -> Iterator[tuple[Workload, Instance]]:
    """The ingestors of each ring with each compactor of their bucket."""
    members = [w for i in stack.doing(Duty.INGEST) for w in stack.workloads(i) if Duty.INGEST in w.duties]
    for workload in members:
        for compactor in stack.doing(Duty.COMPACT):
            # The second part is the access role, in which they differ.
            if objstore_key(workload.instance)[0] == objstore_key(compactor)[0]:
                yield workload, compactor


def _labels(compactor: Instance) -> list[str]:
    return list(compactor["deduplication_replica_labels"])


def _merges(compactor: Instance) -> bool:
    return bool(_labels(compactor)) or any(name_of(argument) == _VERTICAL for argument in compactor["extra_args"])
