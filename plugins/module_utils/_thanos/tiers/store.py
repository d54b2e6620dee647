# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tier store: a StatefulSet that serves the blocks of a bucket. Its volume is a cache and safe to lose."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ..._findings import Finding, mistake
from ..._options.forms import half, is_age, moment, seconds, size_in_bytes
from ..._options.rows import Option
from .. import flags
from ..channels import GRPC, HTTP
from ..common import COMMON, OBJSTORE, replicas, storage
from ..model import Context, Instance, Manifest, Stack
from ..parts.command_line import GRPC_ADDRESS, HTTP_ADDRESS, LOG_FLAGS, arguments
from ..parts.controllers import disruption_budget, stateful_set
from ..parts.objects import config_map, digest, service_account
from ..parts.objstore import OBJSTORE_DIR, objstore_args, objstore_digest, objstore_env, objstore_volume
from ..parts.pod_template import DATA_DIR, GRACE_HTTP_GRPC, config_volume, container, pod_template
from ..parts.services import services
from ..tier import THANOS, Duty, Questions, Tier
from ..workloads import Workload, sole

_SIZE = "size"
# The largest item of a cache where max_item_size is not given, as in Thanos, which starts with no item larger than its
# cache: then it is half of that.
_ITEM = "125MB"
# Thanos' own bounds.
_EVER, _NEVER = "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z"


def _cache(size: str) -> dict[str, Option]:
    return {"max_size": Option(default=size, form=_SIZE), "max_item_size": Option(form=_SIZE)}


_OPTIONS = {
    **COMMON,
    **replicas(1),
    **storage("10Gi"),
    **OBJSTORE,
    "index_cache": Option("dict", default={}, options=_cache("250MB")),
    "caching_bucket": Option("dict", options=_cache("64MB")),
    "chunk_pool_size": Option(default="2GB", form=_SIZE),
    "sync_block_duration": Option(default="15m", form="interval"),
    "block_sync_concurrency": Option("int", 20, minimum=1),
    "ignore_deletion_marks_delay": Option(default="24h", form="duration"),
    "series_max_concurrency": Option("int", 20, minimum=1),
    "lazy_index_header": Option("bool", False),
    "min_time": Option(form="time"),
    "max_time": Option(form="time"),
    "limits": Option(
        "dict",
        options={
            "request_series": Option("int", minimum=0),
            "request_samples": Option("int", minimum=0),
            "downloaded_bytes": Option("int", minimum=0),
        },
    ),
}

_FLAG_OF = {
    **LOG_FLAGS,
    "chunk_pool_size": "chunk-pool-size",
    "sync_block_duration": "sync-block-duration",
    "block_sync_concurrency": "block-sync-concurrency",
    "ignore_deletion_marks_delay": "ignore-deletion-marks-delay",
    "series_max_concurrency": "store.grpc.series-max-concurrency",
    "lazy_index_header": "store.enable-index-header-lazy-reader",
    "min_time": "min-time",
    "max_time": "max-time",
    "limits.request_series": "store.limits.request-series",
    "limits.request_samples": "store.limits.request-samples",
    "limits.downloaded_bytes": "store.grpc.downloaded-bytes-limit",
}


def _check(instance: Instance) -> list[Finding]:
    """What is wrong with options that do not fit together."""
    return [*_problems_of_caches(instance), *_problems_of_times(instance)]


def _problems_of_times(instance: Instance) -> list[Finding]:
    """Ranges in which there are no samples, and times that bound nothing."""
    low, high, now = instance["min_time"], instance["max_time"], time.time()
    ages = {"min_time": low, "max_time": high}
    future = [name for name, text in ages.items() if text and is_age(text) and text[0] != "-" and seconds(text)]
    if future:
        what = "{0} is {0} from now"
        return [
            mistake("option-conflict", name, what.format(ages[name]), f"for {ages[name]} ago, write -{ages[name]}")
            for name in future
        ]
    try:
        begin, end = moment(low or _EVER, now), moment(high or _NEVER, now)
    except ValueError as error:
        return [mistake("option-form", "min_time or max_time", str(error))]
    if begin >= now:
        return [mistake("option-conflict", "min_time", f"{low} is not in the past; the store would serve nothing")]
    if begin >= end:
        what = f"{low} is not before max_time ({high}); the store would serve nothing"
        return [mistake("option-conflict", "min_time", what)]
    return []


def _problems_of_caches(instance: Instance) -> list[Finding]:
    caches = {name: instance[name] for name in ("index_cache", "caching_bucket") if instance[name]}
    return [
        mistake(
            "option-conflict",
            f"{name}.max_item_size",
            f"{cache['max_item_size']} is larger than max_size ({cache['max_size']}), with which Thanos does not start",
            "make it smaller, or leave it out",
        )
        for name, cache in caches.items()
        if cache["max_item_size"] and size_in_bytes(cache["max_item_size"]) > size_in_bytes(cache["max_size"])
    ]


def _args(instance: Instance) -> list[str]:
    """The arguments, without extra_args."""
    caching = instance["caching_bucket"]
    return [
        "store",
        HTTP_ADDRESS,
        GRPC_ADDRESS,
        f"--data-dir={DATA_DIR}",
        *objstore_args(instance),
        "--index-cache.config-file=/etc/thanos/config/index-cache.yaml",
        *(["--store.caching-bucket.config-file=/etc/thanos/config/caching-bucket.yaml"] if caching else []),
        "--disable-admin-operations",
        *arguments(instance, _FLAG_OF),
    ]


def _caches(instance: Instance) -> dict[str, str]:
    """The configuration of each cache by file name."""
    caches = {"index-cache.yaml": instance["index_cache"], "caching-bucket.yaml": instance["caching_bucket"]}
    return {file: _in_memory(cache) for file, cache in caches.items() if cache}


def _in_memory(cache: Mapping[str, Any]) -> str:
    size = cache["max_size"]
    item = cache["max_item_size"] or min(_ITEM, half(size), key=size_in_bytes)
    return f'type: IN-MEMORY\nconfig:\n  max_size: "{size}"\n  max_item_size: "{item}"\n'


def _workloads(instance: Instance, _stack: Stack) -> tuple[Workload, ...]:
    return sole(instance, "StatefulSet", (HTTP, GRPC), _args(instance))


def _render(instance: Instance, ctx: Context) -> list[Manifest]:
    """Every object of the instance."""
    (workload,) = ctx.stack.workloads(instance)
    caches = _caches(instance)
    thanos = container(
        instance,
        workload.container,
        [*workload.args, *instance["extra_args"]],
        channels=workload.channels,
        mounts={"data": DATA_DIR, "objstore": OBJSTORE_DIR, "config": "/etc/thanos/config"},
        env=objstore_env(instance, ctx),
    )
    template = pod_template(
        workload,
        ctx,
        [thanos],
        volumes=[objstore_volume(instance, ctx), config_volume(instance)],
        grace=GRACE_HTTP_GRPC,
        digests={**objstore_digest(instance, ctx), "config-digest": digest(caches)},
    )
    return [
        service_account(instance, ctx),
        config_map(instance, ctx, "", caches),
        *services(workload, ctx, "http", "grpc"),
        *disruption_budget(workload, ctx),
        stateful_set(workload, ctx, template),
    ]


TIER = Tier(
    name="store",
    command="store",
    options=_OPTIONS,
    flags=flags.table(
        flags.EVERY,
        flags.WEB,
        flags.GRPC,
        flags.OBJSTORE,
        flags.SELECTOR,
        flags.BLOCKS,
        """
        block-sync-concurrency cache-index-header:b chunk-pool-size data-dir
        debug.estimated-max-chunk-size:h debug.estimated-max-series-size:h debug.series-batch-size:h
        ignore-deletion-marks-delay index-cache-size index-cache.config index-cache.config-file:f
        matcher-cache-size min-time objstore-parquet.config-file:f@0.42 objstore-parquet.config@0.42
        store.caching-bucket.config-file:hf store.caching-bucket.config:h
        store.enable-index-header-lazy-reader:b store.enable-lazy-expanded-postings:b
        store.grpc.downloaded-bytes-limit store.grpc.series-max-concurrency
        store.grpc.series-sample-limit store.grpc.touched-series-limit
        store.index-header-lazy-download-strategy store.index-header-lazy-reader-idle-timeout:h
        store.index-header-posting-offsets-in-mem-sampling:h store.posting-group-max-key-series-ratio
        sync-block-duration
        """,
    ),
    component="object-store-gateway",
    access="reader",
    store_api="store",
    order=20,
    start="new workloads",
    duties=frozenset({Duty.STORE_API, Duty.BLOCKS}),
    external_route=False,
    check=_check,
    workloads=_workloads,
    render=_render,
    external_labels=None,
    questions=Questions(
        programs=(THANOS,),
        page="",
        page_port="",
        hints={"history": ("objstore",)},
        writer="",
        database="",
    ),
)
