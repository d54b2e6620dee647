# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tier store: a StatefulSet that serves the blocks of a bucket. Its volume is a cache and safe to lose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._findings import Finding, mistake
from ..._options.forms import half, size_in_bytes
from ..._options.rows import Option
from .. import flags
from ..caches import BUCKET, IN_MEMORY, INDEX, cache_file, problems_of_cache, variable_of
from ..channels import HTTP
from ..common import COMMON, OBJSTORE, replicas, storage
from ..grpc_tls import GRPC_TLS, grpc_channel, server_args
from ..model import Context, Instance, Manifest, Stack
from ..parts.cache_passwords import cache_digests, cache_env
from ..parts.command_line import GRPC_ADDRESS, HTTP_ADDRESS, LOG_FLAGS, arguments
from ..parts.controllers import disruption_budget, stateful_set
from ..parts.objects import config_map, service_account
from ..parts.objstore import OBJSTORE_DIR, objstore_args, objstore_digest, objstore_env, objstore_volume
from ..parts.pod_template import DATA_DIR, GRACE_HTTP_GRPC, config_volume, thanos_pod
from ..parts.services import services
from ..parts.tls_files import tls_digests, tls_mounts, tls_volumes
from ..plain_json import digest
from ..tier import THANOS, Duty, Questions, Tier, nothing_unread
from ..times import problems_of_times
from ..workloads import Workload, sole

_SIZE = "size"
# The largest item of a cache where max_item_size is not given, as in Thanos, which starts with no item larger than its
# cache: then it is half of that.
_ITEM = "125MB"
# The largest cache in memory where max_size is not given.
_SIZES = {"index_cache": "250MB", "caching_bucket": "64MB"}
# Option → what it can be, and its file.
_CACHES = {"index_cache": (INDEX, "index-cache.yaml"), "caching_bucket": (BUCKET, "caching-bucket.yaml")}

_OPTIONS = {
    **COMMON,
    **replicas(1),
    **storage("10Gi"),
    **OBJSTORE,
    **GRPC_TLS,
    "index_cache": INDEX.option(default={}),
    "caching_bucket": BUCKET.option(),
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

_OPTION_OF = {"index-cache.config-file": "index_cache", "store.caching-bucket.config-file": "caching_bucket"}


def _check(instance: Instance) -> list[Finding]:
    """What is wrong with options that do not fit together."""
    return [
        *(p for name, (kind, _file) in _CACHES.items() for p in problems_of_cache(instance, name, kind)),
        *_problems_of_sizes(instance),
        *problems_of_times(instance),
    ]


def _problems_of_sizes(instance: Instance) -> list[Finding]:
    sizes = {name: _size(instance, name) for name in _CACHES if _is_in_memory(instance, name)}
    items = {name: instance[name]["max_item_size"] for name in sizes}
    return [
        mistake(
            "option-conflict",
            f"{name}.max_item_size",
            f"{items[name]} is larger than max_size ({size}), with which Thanos does not start",
            "make it smaller, or leave it out",
        )
        for name, size in sizes.items()
        if items[name] and size_in_bytes(items[name]) > size_in_bytes(size)
    ]


def _is_in_memory(instance: Instance, name: str) -> bool:
    return bool(instance[name]) and instance[name]["type"] == IN_MEMORY


def _size(instance: Instance, name: str) -> str:
    return str(instance[name]["max_size"] or _SIZES[name])


def _args(instance: Instance) -> list[str]:
    """The arguments, without extra_args."""
    caching = instance["caching_bucket"]
    return [
        "store",
        HTTP_ADDRESS,
        GRPC_ADDRESS,
        *server_args(instance),
        f"--data-dir={DATA_DIR}",
        *objstore_args(instance),
        "--index-cache.config-file=/etc/thanos/config/index-cache.yaml",
        *(["--store.caching-bucket.config-file=/etc/thanos/config/caching-bucket.yaml"] if caching else []),
        "--disable-admin-operations",
        *arguments(instance, _FLAG_OF),
    ]


def _caches(instance: Instance) -> dict[str, str]:
    """The configuration of each cache by file name."""
    return {
        file: cache_file(_sized(instance, name), kind, variable_of(name))
        for name, (kind, file) in _CACHES.items()
        if instance[name]
    }


def _sized(instance: Instance, name: str) -> Mapping[str, Any]:
    """A cache with its bounds, where it is in memory."""
    cache: Mapping[str, Any] = instance[name]
    if not _is_in_memory(instance, name):
        return cache
    size = _size(instance, name)
    item = cache["max_item_size"] or min(_ITEM, half(size), key=size_in_bytes)
    return {**cache, "max_size": size, "max_item_size": item}


def _workloads(instance: Instance, _stack: Stack) -> tuple[Workload, ...]:
    return sole(instance, "StatefulSet", (HTTP, grpc_channel(instance)), _args(instance))


def _render(instance: Instance, ctx: Context) -> list[Manifest]:
    """Every object of the instance."""
    (workload,) = ctx.stack.workloads(instance)
    caches = _caches(instance)
    template = thanos_pod(
        workload,
        ctx,
        mounts={"data": DATA_DIR, "objstore": OBJSTORE_DIR, "config": "/etc/thanos/config", **tls_mounts(instance)},
        env=[*cache_env(instance), *objstore_env(instance, ctx)],
        volumes=[objstore_volume(instance, ctx), config_volume(instance), *tls_volumes(instance)],
        grace=GRACE_HTTP_GRPC,
        digests={
            **objstore_digest(instance, ctx),
            "config-digest": digest(caches),
            **cache_digests(instance, ctx),
            **tls_digests(instance, ctx),
        },
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
    option_of=flags.options_of(_FLAG_OF, flags.OF_GRPC, flags.OF_OBJSTORE, _OPTION_OF),
    component="object-store-gateway",
    by_default=True,
    access="reader",
    without_objstore="",
    store_api="store",
    order=20,
    start="new workloads",
    duties=frozenset({Duty.STORE_API, Duty.BLOCKS}),
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
        hints={"history": ("objstore",)},
        writer="",
        database="",
    ),
)
