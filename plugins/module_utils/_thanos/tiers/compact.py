# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tier compact: one StatefulSet pod that compacts, downsamples and expires the blocks of a bucket.

A StatefulSet, never a Deployment: its old pod is gone before its successor starts, and two compactors on one bucket
destroy each other's blocks. Pods are managed in parallel: of one pod there is no order to keep, and the other policy
never replaces a pod that does not become ready.
"""

from __future__ import annotations

from itertools import pairwise

from ..._findings import Finding, mistake
from ..._options.forms import seconds
from ..._options.rows import Option
from .. import flags
from ..common import COMMON, OBJSTORE, storage
from ..model import Context, Instance, Manifest, Stack
from ..parts.command_line import HTTP_ADDRESS, LOG_FLAGS, arguments
from ..parts.controllers import stateful_set
from ..parts.objects import service_account
from ..parts.objstore import OBJSTORE_DIR, objstore_args, objstore_digest, objstore_env, objstore_volume
from ..parts.pod_template import DATA_DIR, GRACE_HTTP, thanos_pod
from ..parts.services import services
from ..prefix import web_channel
from ..tier import THANOS, Duty, Questions, Tier, nothing_unread
from ..times import problems_of_times
from ..workloads import Workload, sole

_OPTIONS = {
    **COMMON,
    **storage("20Gi"),
    **OBJSTORE,
    "retention_resolution_raw": Option(default="0d", form="duration"),
    "retention_resolution_5m": Option(default="0d", form="duration"),
    "retention_resolution_1h": Option(default="0d", form="duration"),
    "delete_delay": Option(default="48h", form="duration"),
    "consistency_delay": Option(default="30m", form="span"),
    "wait_interval": Option(default="5m", form="interval"),
    "concurrency": Option("int", 1, minimum=1),
    "downsampling": Option("bool", True),
    "downsample_concurrency": Option("int", 1, minimum=1),
    "deduplication_func": Option(choices=("penalty",)),
    "deduplication_replica_labels": Option("list", elements="str", form="label_name"),
    "paused": Option("bool", False),
    "paused_reason": Option(),
}

_FLAG_OF = {
    **LOG_FLAGS,
    "retention_resolution_raw": "retention.resolution-raw",
    "retention_resolution_5m": "retention.resolution-5m",
    "retention_resolution_1h": "retention.resolution-1h",
    "delete_delay": "delete-delay",
    "consistency_delay": "consistency-delay",
    "wait_interval": "wait-interval",
    "concurrency": "compact.concurrency",
    "downsample_concurrency": "downsample.concurrency",
    "deduplication_func": "deduplication.func",
    "deduplication_replica_labels": "deduplication.replica-label",
}

_FINEST_FIRST = ("retention_resolution_raw", "retention_resolution_5m", "retention_resolution_1h")
# How long a block must live before the next resolution can be made of it (the compactor refuses to start below).
_LEAST = {
    "retention_resolution_raw": ("40h", "5-minute"),
    "retention_resolution_5m": ("10d", "1-hour"),
}


def _check(instance: Instance) -> list[Finding]:
    """What is wrong with options that do not fit together."""
    problems = []
    for option, (least, resolution) in _LEAST.items():
        kept = seconds(instance[option])
        if instance["downsampling"] and 0 < kept < seconds(least):
            what = (
                f"{instance[option]} is shorter than downsampling needs; {resolution} samples are made of blocks that "
                f"are {least} old"
            )
            advice = f"Keep at least {least}, or set downsampling: false."
            problems.append(mistake("option-conflict", option, what, advice))
    if instance["downsampling"]:
        problems += [p for finer, coarser in pairwise(_FINEST_FIRST) for p in _made_anew(instance, finer, coarser)]
    if instance["paused"] and not instance["paused_reason"]:
        what = "is required when paused is true: say why, for whoever finds it paused"
        problems.append(mistake("option-incomplete", "paused_reason", what, joint=" "))
    if instance["deduplication_func"] and not instance["deduplication_replica_labels"]:
        what = (
            f"{instance['deduplication_func']} needs deduplication_replica_labels, the labels that tell replicas apart"
        )
        problems.append(mistake("option-incomplete", "deduplication_func", what))
    foreign = [x for x in instance["deduplication_replica_labels"] if x not in instance["replica_labels"]]
    if foreign:
        what = (
            f"{', '.join(foreign)} is not among replica_labels ({', '.join(instance['replica_labels'])}), so queriers "
            "would not deduplicate what is not compacted yet"
        )
        problems.append(mistake("option-conflict", "deduplication_replica_labels", what))
    return [*problems, *problems_of_times(instance)]


def _made_anew(instance: Instance, finer: str, coarser: str) -> list[Finding]:
    """What is expired before that which it is made of, the compactor makes again in every round."""
    kept, source = seconds(instance[coarser]), seconds(instance[finer])
    if not kept or (source and source <= kept):
        return []
    what = (
        f"{instance[coarser]} is shorter than {finer} ({instance[finer] if source else 'for ever'}); in every round "
        "the compactor would make these samples of the finer ones, and delete them again"
    )
    return [mistake("option-conflict", coarser, what, f"set {finer} to {instance[coarser]} or less")]


def _args(instance: Instance) -> list[str]:
    """The arguments, without extra_args."""
    return [
        "compact",
        HTTP_ADDRESS,
        "--wait",
        f"--data-dir={DATA_DIR}",
        *objstore_args(instance),
        "--disable-admin-operations",
        *([] if instance["downsampling"] else ["--downsampling.disable"]),
        *arguments(instance, _FLAG_OF),
    ]


def _workloads(instance: Instance, _stack: Stack) -> tuple[Workload, ...]:
    args = _args(instance)
    return sole(instance, "StatefulSet", (web_channel(instance, args),), args, replicas=0 if instance["paused"] else 1)


def _render(instance: Instance, ctx: Context) -> list[Manifest]:
    """Every object of the instance."""
    (workload,) = ctx.stack.workloads(instance)
    template = thanos_pod(
        workload,
        ctx,
        mounts={"data": DATA_DIR, "objstore": OBJSTORE_DIR},
        env=objstore_env(instance, ctx),
        volumes=[objstore_volume(instance, ctx)],
        grace=GRACE_HTTP,
        digests=objstore_digest(instance, ctx),
    )
    paused = instance["paused"]
    made = stateful_set(workload, ctx, template)
    if paused:
        made["metadata"].setdefault("annotations", {})["o11y.thanos/paused"] = instance["paused_reason"]
    return [
        service_account(instance, ctx),
        *services(workload, ctx, "http"),
        made,
    ]


TIER = Tier(
    name="compact",
    command="compact",
    options=_OPTIONS,
    flags=flags.table(
        flags.EVERY,
        flags.WEB,
        flags.OBJSTORE,
        flags.ROUTE,
        flags.SELECTOR,
        flags.BLOCKS,
        """
        block-files-concurrency block-viewer.global.sync-block-interval
        block-viewer.global.sync-block-timeout compact.block-max-index-size:h
        compact.blocks-fetch-concurrency compact.cleanup-interval compact.concurrency
        compact.enable-vertical-compaction:hb compact.progress-interval
        compact.skip-block-with-out-of-order-chunks:hb data-dir debug.accept-malformed-index:hb
        debug.halt-on-error:hb debug.max-compaction-level:h deduplication.func
        deduplication.replica-label:r delete-delay downsample.concurrency downsampling.disable:b
        hash-func min-time retention.resolution-1h retention.resolution-5m retention.resolution-raw
        wait-interval wait:b
        """,
    ),
    option_of=flags.options_of(_FLAG_OF, flags.OF_OBJSTORE, {"downsampling.disable": "downsampling"}),
    component="database-compactor",
    by_default=True,
    access="compactor",
    without_objstore="",
    store_api="",
    order=30,
    start="new workloads",
    duties=frozenset({Duty.COMPACT}),
    external_route=False,
    check=_check,
    unread=nothing_unread,
    workloads=_workloads,
    render=_render,
    external_labels=None,
    questions=Questions(
        programs=(THANOS,),
        page="",
        page_port="",
        hints={"compactor": ("paused", "objstore")},
        writer="",
        database="",
    ),
)
