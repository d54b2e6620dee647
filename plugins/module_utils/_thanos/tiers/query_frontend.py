# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tier query_frontend: a Deployment in front of a querier that splits range queries and remembers answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._findings import Finding, mistake
from ..._options.forms import seconds
from ..._options.rows import Option
from .. import flags
from ..caches import RESPONSES, cache_file, problems_of_cache, variable_of
from ..channels import HTTP
from ..common import COMMON, replicas
from ..files import file_exists
from ..fronts import CACHES, caches_of, downstream, tenant_header
from ..grafana import GRAFANA
from ..model import Context, Instance, Manifest, Stack
from ..parts.cache_passwords import cache_digests, cache_env
from ..parts.command_line import HTTP_ADDRESS, LOG_FLAGS, arguments
from ..parts.controllers import deployment, disruption_budget
from ..parts.data_source import data_source
from ..parts.objects import config_map, service_account
from ..parts.pod_template import GRACE_HTTP, config_volume, thanos_pod
from ..parts.services import services
from ..plain_json import digest, plain_json
from ..tier import Duty, Program, Questions, Tier, nothing_unread
from ..workloads import Workload, sole

FOLDER = "/etc/thanos/config"
# Thanos' default keeps two idle connections to the querier, fewer than a query has parts.
_TRIPPER = {
    "idle_conn_timeout": Option(form="duration"),
    "response_header_timeout": Option(form="duration"),
    "tls_handshake_timeout": Option(form="duration"),
    "expect_continue_timeout": Option(form="duration"),
    "max_idle_conns": Option("int", minimum=0),
    "max_idle_conns_per_host": Option("int", 100, minimum=1),
    "max_conns_per_host": Option("int", minimum=0),
    "tls_config": Option(
        "dict",
        options={
            "ca_file": Option(),
            "cert_file": Option(),
            "key_file": Option(),
            "server_name": Option(form="dns_name"),
            "insecure_skip_verify": Option("bool"),
        },
    ),
}
_OPTIONS = {
    **COMMON,
    **replicas(1),
    **GRAFANA,
    "querier": Option(form="instance"),
    "downstream_url": Option(form="http_url"),
    "downstream_tripper": Option("dict", default={}, options=_TRIPPER),
    "query_range_cache": RESPONSES.option(default={}),
    "labels_cache": RESPONSES.option(),
    "cache_compression_type": Option(choices=("none", "snappy"), default="snappy"),
    "align_range_with_step": Option("bool", True),
    "request_downsampled": Option("bool", True),
    "split_interval": Option(default="24h", form="span"),
    "min_split_interval": Option(form="interval"),
    "max_split_interval": Option(form="interval"),
    "horizontal_shards": Option("int", minimum=1),
    "vertical_shards": Option("int", minimum=2),
    "max_retries_per_request": Option("int", 5, minimum=0),
    "instant_max_retries_per_request": Option("int", minimum=0),
    "max_query_length": Option(form="span"),
    "max_query_parallelism": Option("int", 14, minimum=1),
    "response_cache_max_freshness": Option(default="1m", form="span"),
    "partial_response": Option("bool", True),
    "labels_split_interval": Option(default="24h", form="span"),
    "labels_max_retries_per_request": Option("int", 5, minimum=0),
    "labels_max_query_parallelism": Option("int", 14, minimum=1),
    "labels_response_cache_max_freshness": Option(default="1m", form="span"),
    "labels_partial_response": Option("bool", True),
    "labels_default_time_range": Option(default="24h", form="interval"),
    "compress_responses": Option("bool", True),
    "log_queries_longer_than": Option(form="span"),
    "slow_query_logs_user_header": Option(form="header"),
    "force_query_stats": Option("bool", False),
    "tenant_header": Option(form="header"),
    "forward_headers": Option("list", elements="str", form="header"),
}

_FLAG_OF = {
    **LOG_FLAGS,
    "align_range_with_step": "query-range.align-range-with-step",
    "request_downsampled": "query-range.request-downsampled",
    "min_split_interval": "query-range.min-split-interval",
    "max_split_interval": "query-range.max-split-interval",
    "horizontal_shards": "query-range.horizontal-shards",
    "vertical_shards": "query-frontend.vertical-shards",
    "max_retries_per_request": "query-range.max-retries-per-request",
    "instant_max_retries_per_request": "query.max-retries-per-request",
    "max_query_length": "query-range.max-query-length",
    "max_query_parallelism": "query-range.max-query-parallelism",
    "response_cache_max_freshness": "query-range.response-cache-max-freshness",
    "partial_response": "query-range.partial-response",
    "labels_split_interval": "labels.split-interval",
    "labels_max_retries_per_request": "labels.max-retries-per-request",
    "labels_max_query_parallelism": "labels.max-query-parallelism",
    "labels_response_cache_max_freshness": "labels.response-cache-max-freshness",
    "labels_partial_response": "labels.partial-response",
    "labels_default_time_range": "labels.default-time-range",
    "compress_responses": "query-frontend.compress-responses",
    "log_queries_longer_than": "query-frontend.log-queries-longer-than",
    "slow_query_logs_user_header": "query-frontend.slow-query-logs-user-header",
    "force_query_stats": "query-frontend.force-query-stats",
    "forward_headers": "query-frontend.forward-header",
}
# Rendered otherwise than from the table above.
_OPTION_OF = {
    "query-frontend.downstream-url": "downstream_url",
    "query-frontend.downstream-tripper-config-file": "downstream_tripper",
    "query-range.response-cache-config-file": "query_range_cache",
    "labels.response-cache-config-file": "labels_cache",
    "query-range.split-interval": "split_interval",
    "cache-compression-type": "cache_compression_type",
    "query-frontend.tenant-header": "tenant_header",
}
# Option → the file of its cache, and the flag that names it.
_FILE_OF = {
    "query_range_cache": ("query-range-cache.yaml", "query-range.response-cache-config-file"),
    "labels_cache": ("labels-cache.yaml", "labels.response-cache-config-file"),
}
_TRIPPER_FILE = "downstream-tripper.yaml"
_DYNAMIC = ("min_split_interval", "max_split_interval", "horizontal_shards")
_FORWARD = "--query-frontend.forward-header"


def _check(instance: Instance) -> list[Finding]:
    """What is wrong with options that do not fit together."""
    problems = [p for name in CACHES for p in problems_of_cache(instance, name, RESPONSES)]
    if instance["downstream_url"] and instance["querier"]:
        what = "is looked at without downstream_url only"
        problems.append(mistake("option-conflict", "querier", what, "leave one of them out", joint=" "))
    return [*problems, *_problems_of_splitting(instance), *_problems_of_headers(instance), *_problems_of_tls(instance)]


def _problems_of_splitting(instance: Instance) -> list[Finding]:
    """Ways to split a query of which Thanos takes one, and which a cache needs."""
    dynamic = [name for name in _DYNAMIC if instance[name]]
    problems = []
    if dynamic and len(dynamic) < len(_DYNAMIC):
        lacking = [name for name in _DYNAMIC if name not in dynamic]
        what = f"splitting into a number of parts needs {' and '.join(lacking)}, too"
        problems.append(mistake("option-incomplete", dynamic[0], what))
    least, most = (instance[name] for name in _DYNAMIC[:2])
    # Ranges of twice the longest part and more have parts of that length, whatever else is given.
    if least and most and seconds(least) >= 2 * seconds(most):
        what = f"{least} is twice max_split_interval ({most}) or more, so that no query has horizontal_shards parts"
        problems.append(mistake("option-conflict", "min_split_interval", what, "give a shorter one"))
    caches = caches_of(instance)
    static = seconds(instance["split_interval"]) > 0
    if "query_range_cache" in caches and not static and not dynamic:
        what = "0 splits nothing, and Thanos does not start with a cache then"
        problems.append(mistake("option-conflict", "split_interval", what, "set it, or query_range_cache: NONE"))
    if "labels_cache" in caches and not seconds(instance["labels_split_interval"]):
        what = "0 splits nothing, and Thanos does not start with a cache then"
        problems.append(mistake("option-conflict", "labels_split_interval", what, "set it, or leave labels_cache out"))
    return problems


def _problems_of_headers(instance: Instance) -> list[Finding]:
    """A header that decides what somebody may see is not part of the keys of a cache."""
    given = "forward_headers" if instance["forward_headers"] else ""
    if any(argument.startswith(_FORWARD) for argument in instance["extra_args"]):
        given = "extra_args"
    if not given or not caches_of(instance):
        return []
    what = "the cache does not look at forwarded headers, so that one user would get what was answered to another"
    advice = "name a tenant's header in tenant_header instead, or take the caches away (query_range_cache: NONE)"
    return [mistake("option-conflict", given, what, advice)]


def _problems_of_tls(instance: Instance) -> list[Finding]:
    """Files of the connection to the querier that the pods do not have."""
    tls = instance["downstream_tripper"]["tls_config"] or {}
    problems = []
    if bool(tls.get("cert_file")) != bool(tls.get("key_file")):
        what = "cert_file and key_file go together"
        problems.append(mistake("option-incomplete", "downstream_tripper.tls_config", what, "give both, or none"))
    if instance["image"] or instance["pod_annotations"]:
        return problems
    return [
        *problems,
        *(
            mistake("file-missing", f"downstream_tripper.tls_config.{name}", f"the pods have no file {path}", _MOUNT)
            for name, path in tls.items()
            if name.endswith("_file") and path and not file_exists(instance, path)
        ),
    ]


_MOUNT = "name its Secret in secrets, and the file as /etc/thanos/secrets/<Secret>/<key>"


def _args(instance: Instance, stack: Stack) -> list[str]:
    """The arguments, without extra_args."""
    header, compression = tenant_header(instance, stack), instance["cache_compression_type"]
    # Thanos does not start with both ways to split.
    split = "0s" if any(instance[name] for name in _DYNAMIC) else instance["split_interval"]
    return [
        "query-frontend",
        HTTP_ADDRESS,
        f"--query-frontend.downstream-url={downstream(instance, stack)}",
        f"--query-frontend.downstream-tripper-config-file={FOLDER}/{_TRIPPER_FILE}",
        *(f"--{flag}={FOLDER}/{file}" for file, flag in (_FILE_OF[name] for name in caches_of(instance))),
        *(["--cache-compression-type=snappy"] if compression == "snappy" and caches_of(instance) else []),
        f"--query-range.split-interval={split}",
        *([f"--query-frontend.tenant-header={header}"] if header else []),
        *arguments(instance, _FLAG_OF),
    ]


def _files(instance: Instance) -> dict[str, str]:
    """The configuration by file name."""
    return {
        **{
            _FILE_OF[name][0]: cache_file(_sized(cache), RESPONSES, variable_of(name))
            for name, cache in caches_of(instance).items()
        },
        _TRIPPER_FILE: _tripper(instance["downstream_tripper"]),
    }


def _sized(cache: Mapping[str, Any]) -> Mapping[str, Any]:
    """A cache with a bound: in memory Thanos has none without one of these, and remembers nothing."""
    bounded = cache["max_size"] or cache["max_size_items"]
    return cache if bounded else {**cache, "max_size": "250MB"}


def _tripper(given: Mapping[str, Any]) -> str:
    tls = {name: value for name, value in (given["tls_config"] or {}).items() if value}
    settings = {**{name: value for name, value in given.items() if value is not None}, "tls_config": tls or None}
    return "".join(f"{name}: {plain_json(value)}\n" for name, value in settings.items() if value is not None)


def _workloads(instance: Instance, stack: Stack) -> tuple[Workload, ...]:
    return sole(instance, "Deployment", (HTTP,), _args(instance, stack))


def _render(instance: Instance, ctx: Context) -> list[Manifest]:
    """Every object of the instance."""
    (workload,) = ctx.stack.workloads(instance)
    files = _files(instance)
    template = thanos_pod(
        workload,
        ctx,
        mounts={"config": FOLDER},
        env=[*cache_env(instance), *instance["env"]],
        volumes=[config_volume(instance)],
        grace=GRACE_HTTP,
        digests={"config-digest": digest(files), **cache_digests(instance, ctx)},
    )
    return [
        service_account(instance, ctx),
        config_map(instance, ctx, "", files),
        *services(workload, ctx, "http"),
        *disruption_budget(workload, ctx),
        *data_source(instance, ctx),
        deployment(workload, ctx, template),
    ]


TIER = Tier(
    name="query_frontend",
    command="query-frontend",
    options=_OPTIONS,
    flags=flags.table(
        flags.EVERY,
        """
        cache-compression-type enable-feature:r labels.default-time-range labels.max-query-parallelism
        labels.max-retries-per-request labels.partial-response:b labels.response-cache-config
        labels.response-cache-config-file:f labels.response-cache-max-freshness labels.split-interval
        query-frontend.compress-responses:b query-frontend.default-tenant-id:h
        query-frontend.downstream-tripper-config query-frontend.downstream-tripper-config-file:f
        query-frontend.downstream-url query-frontend.enable-x-functions:b query-frontend.force-query-stats:b
        query-frontend.forward-header:r query-frontend.log-queries-longer-than query-frontend.org-id-header:r
        query-frontend.slow-query-logs-user-header query-frontend.tenant-certificate-field:h
        query-frontend.tenant-header:h query-frontend.vertical-shards query-range.align-range-with-step:b
        query-range.horizontal-shards query-range.max-query-length query-range.max-query-parallelism
        query-range.max-retries-per-request query-range.max-split-interval query-range.min-split-interval
        query-range.partial-response:b query-range.request-downsampled:b query-range.response-cache-config
        query-range.response-cache-config-file:f query-range.response-cache-max-freshness
        query-range.split-interval query.max-retries-per-request@0.42 request.logging-config
        request.logging-config-file:f web.disable-cors:b
        """,
    ),
    option_of=flags.options_of(_FLAG_OF, _OPTION_OF),
    component="query-cache",
    by_default=False,
    access="",
    without_objstore="",
    store_api="",
    order=45,
    start="new queriers",
    duties=frozenset({Duty.FRONT}),
    external_route=False,
    check=_check,
    unread=nothing_unread,
    workloads=_workloads,
    render=_render,
    external_labels=None,
    questions=Questions(
        # Its pages about itself are those of the querier behind it; only its metrics are its own.
        programs=(
            Program(
                name="Thanos",
                port="http",
                version="version",
                image="image",
                metric="thanos_build_info",
                reloaded="",
                configuration="",
            ),
        ),
        page="Query frontend",
        page_port="http",
        hints={"cache": ("query_range_cache", "downstream_url", "querier")},
        writer="",
        database="",
    ),
)
